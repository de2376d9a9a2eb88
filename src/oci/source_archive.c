/* Archives of images: OCI layouts in tar, and what `docker save` writes. */
#include "oci/source_int.h"

#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/json.h"
#include "oci/layer_int.h"
#include "oci/reference.h"

#include <unistd.h>

enum {
  KEEP_ENTRY = 1 << 20,    /* bytes of an entry that is kept in memory */
  ARCHIVE_KEEP = 32 << 20, /* bytes of all of them */
  INDEX_LIMIT = 64 << 20,  /* bytes of names and links */
  LINKS_MAX = 8,           /* links that lead to links */
  BLOB_PATH = 160,
};

struct archived {
  struct str path, link; /* link: cleaned, of symbolic and hard ones; empty else */
  uint64_t number, size;
  struct str kept; /* its content; data NULL: read again */
};

struct archive_source {
  int fd;
  struct arena arena;
  struct map index; /* path → struct archived */
  VEC(struct archived *) entries;
  size_t kept_bytes;
  /* The pass that is under way: its next entry has this number. */
  struct oci_unpack *unpack;
  struct oci_tar *tar;
  uint64_t next;
  struct str memory; /* what is left of a kept entry that is being read */
};

/* ---- passes */

static void end_pass(struct archive_source *a)
{
  oci_tar_free(a->tar);
  oci_unpack_free(a->unpack);
  a->tar = NULL;
  a->unpack = NULL;
}

static int begin_pass(struct archive_source *a, struct error *err)
{
  static const struct oci_unpack_options options = {0};
  end_pass(a);
  a->next = 0;
  if (lseek(a->fd, 0, SEEK_SET) < 0)
    return error_set(err, SW_EIO, "an archive must be a file that can be read again");
  int rc = oci_unpack_new(oci_fd_input(&a->fd), &options, &a->unpack, err);
  return rc < 0 ? rc : oci_tar_new(a->unpack, &a->tar, err);
}

static int next_entry(struct archive_source *a, struct oci_entry *ret, struct error *err)
{
  int rc = oci_tar_next(a->tar, ret, err);
  if (rc > 0)
    ret->number = a->next++;
  return rc;
}

/* ---- the index */

static int keep_content(struct archive_source *a, struct archived *e, struct error *err)
{
  const struct oci_input content = {oci_tar_read, a->tar};
  _cleanup_(buf_free) struct buf text = {0};
  int rc = oci_content_read(&content, KEEP_ENTRY, &text, err);
  if (rc < 0)
    return rc;
  e->size = text.len;
  e->kept = arena_copy(&a->arena, buf_str(&text));
  a->kept_bytes += text.len;
  return 0;
}

/* A symbolic link leads from its own directory on. */
static struct str link_target(struct archive_source *a, const struct oci_entry *entry)
{
  char clean[OCI_PATH_MAX + 1];
  bool escapes;
  struct str link = entry->link;
  if (entry->type == OCI_SYMLINK && !str_starts(link, STR("/"))) {
    ptrdiff_t slash = str_find_last_byte(entry->path, '/');
    struct str dir = str_sub(entry->path, 0, slash < 0 ? 0 : (size_t)slash);
    link = arena_printf(&a->arena, "%.*s/%.*s", STR_FMT(dir), STR_FMT(link));
  }
  int len = oci_path_clean(link, clean, &escapes);
  return len < 0 ? STR_EMPTY : arena_copy(&a->arena, str_make(clean, (size_t)len));
}

static int add_entry(struct archive_source *a, const struct oci_entry *entry, struct error *err)
{
  bool added;
  if (vec_full(&a->entries, OCI_ARCHIVE_ENTRIES_MAX) || arena_over(&a->arena))
    return error_set(err, SW_ELIMIT, "it has more entries than an archive of images may have");
  struct archived *e = arena_new(&a->arena, struct archived);
  e->path = arena_copy(&a->arena, entry->path);
  e->number = entry->number;
  e->size = entry->size;
  e->kept = (struct str){NULL, 0};
  e->link = entry->type == OCI_FILE ? STR_EMPTY : link_target(a, entry);
  map_put(&a->index, e->path, &added)->pointer = e;
  if (!added)
    return error_set(err, SW_EINVAL, "\"%.*s\" is there twice", STR_FMT(str_sub(e->path, 0, 200)));
  vec_push(&a->entries, e);
  if (entry->type == OCI_FILE && e->size <= KEEP_ENTRY && a->kept_bytes + e->size <= ARCHIVE_KEEP)
    return keep_content(a, e, err);
  return 0;
}

static int read_index(struct archive_source *a, struct error *err)
{
  struct oci_entry entry;
  int rc = begin_pass(a, err);
  while (rc == 0 && (rc = next_entry(a, &entry, err)) > 0) {
    bool wanted = entry.type == OCI_FILE || entry.type == OCI_SYMLINK || entry.type == OCI_HARDLINK;
    rc = wanted && entry.path.len ? add_entry(a, &entry, err) : 0;
  }
  if (rc == 0)
    rc = oci_unpack_end(a->unpack, err);
  end_pass(a);
  return rc;
}

static const struct archived *find(const struct archive_source *a, struct str path)
{
  for (int hops = 0; hops <= LINKS_MAX; hops++) {
    const union map_value *v = map_get(&a->index, path);
    const struct archived *e = v ? v->pointer : NULL;
    if (!e || !e->link.len)
      return e;
    path = e->link;
  }
  return NULL;
}

/* ---- content */

static int seek_entry(struct archive_source *a, const struct archived *e, struct error *err)
{
  struct oci_entry entry = {.path = STR_EMPTY};
  int rc = 0;
  if (!a->tar || a->next > e->number)
    rc = begin_pass(a, err);
  while (rc == 0 && a->next <= e->number) {
    rc = next_entry(a, &entry, err);
    if (rc == 0)
      break;
    rc = rc < 0 ? rc : 0;
  }
  if (rc < 0)
    return rc;
  if (entry.type != OCI_FILE || !str_eq(entry.path, e->path) || entry.size != e->size)
    return error_set(err, SW_EIO, "the archive was changed while it was read");
  return 0;
}

static int open_entry(struct archive_source *a, struct str path, struct oci_input *ret,
                      struct error *err)
{
  const struct archived *e = find(a, path);
  if (!e)
    return error_set(err, SW_ENOENT, "\"%.*s\" is missing in the archive",
                     STR_FMT(str_sub(path, 0, 200)));
  if (e->kept.data) {
    a->memory = e->kept;
    *ret = oci_text_input(&a->memory);
    return 0;
  }
  int rc = seek_entry(a, e, err);
  if (rc < 0) {
    end_pass(a);
    return rc;
  }
  *ret = (struct oci_input){oci_tar_read, a->tar};
  return 0;
}

static uint64_t place_of(struct archive_source *a, struct str path)
{
  const struct archived *e = find(a, path);
  return e ? e->number : 0;
}

static int get_text(struct archive_source *a, struct str path, struct arena *arena, struct str *ret,
                    struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct oci_input input;
  int rc = open_entry(a, path, &input, err);
  if (rc == 0)
    rc = oci_content_read(&input, OCI_DOCUMENT_MAX, &text, err);
  if (rc < 0)
    return rc;
  *ret = arena_copy(arena, buf_str(&text));
  return 0;
}

/* ---- OCI layouts in an archive */

static struct str blob_path(const struct oci_descriptor *d, char text[static BLOB_PATH])
{
  struct str hex, algorithm = str_cut(d->digest, ':', &hex);
  int len = snprintf(text, BLOB_PATH, "blobs/%.*s/%.*s", STR_FMT(algorithm), STR_FMT(hex));
  return str_make(text, (size_t)len);
}

static int blob_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                     struct error *err)
{
  char path[BLOB_PATH];
  return open_entry(ctx, blob_path(d, path), ret, err);
}

static void blob_close(void *ctx, struct oci_input *input)
{
  (void)ctx, (void)input;
}

static uint64_t blob_place(void *ctx, const struct oci_descriptor *d)
{
  char path[BLOB_PATH];
  return place_of(ctx, blob_path(d, path));
}

static int oci_archive_image(void *state, const struct oci_choice *choice, struct arena *arena,
                             struct oci_image *ret, struct error *err)
{
  const struct oci_blobs blobs = {
      .open = blob_open, .close = blob_close, .place = blob_place, .ctx = state};
  struct str index;
  int rc = get_text(state, STR("index.json"), arena, &index, err);
  return rc < 0 ? rc : oci_blobs_image(&blobs, index, choice, arena, ret, err);
}

static int oci_archive_read_layer(void *state, const struct oci_image *image, size_t i,
                                  const struct oci_layer_options *options,
                                  const struct oci_visitor *visitor,
                                  struct oci_layer_totals *totals, struct error *err)
{
  const struct oci_blobs blobs = {
      .open = blob_open, .close = blob_close, .place = blob_place, .ctx = state};
  return oci_blobs_read_layer(&blobs, image, i, options, visitor, totals, err);
}

static int oci_archive_open_layer(void *state, const struct oci_image *image, size_t i,
                                  struct oci_input *ret, struct error *err)
{
  const struct oci_descriptor *d = &image->layers[i].packed;
  return oci_layer_missing(d, blob_open(state, d, ret, err), err);
}

/* ---- docker save: manifest.json, [{"Config": PATH, "RepoTags": [...], "Layers": [PATH...]}] */

/* The first that is meant, as it is written there; empty: none. */
static struct str tag_of(struct value item, struct str wanted)
{
  struct value tags = value_get(item, value_from("RepoTags"));
  for (uint32_t i = 0; value_is(tags, VALUE_ARRAY) && i < tags.len; i++) {
    struct str tag = value_str_or_empty(tags.items[i]);
    if (!wanted.len || oci_name_fits(tag, wanted))
      return tag;
  }
  return STR_EMPTY;
}

static void tell_tags(struct value list, struct buf *told)
{
  for (uint32_t i = 0; i < list.len && told->len < 400; i++) {
    struct str tag =
        value_str_or_empty(value_at(value_get(list.items[i], value_from("RepoTags")), 0));
    buf_printf(told, "%s%.*s", i ? ", " : "",
               STR_FMT(tag.len ? str_sub(tag, 0, 100) : STR("(no name)")));
  }
}

static int choose_item(struct value list, struct str wanted, struct value *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf told = {0};
  if (!value_is(list, VALUE_ARRAY) || list.len == 0)
    return error_set(err, value_is(list, VALUE_ARRAY) ? SW_ENOENT : SW_EINVAL,
                     "manifest.json: there is no image in it");
  if (!wanted.len && list.len == 1) {
    *ret = list.items[0];
    return 0;
  }
  for (uint32_t i = 0; wanted.len && i < list.len; i++)
    if (tag_of(list.items[i], wanted).len) {
      *ret = list.items[i];
      return 0;
    }
  tell_tags(list, &told);
  if (!wanted.len)
    return error_set(err, SW_ENOENT, "there are several images in it, name one: %s",
                     buf_text(&told));
  return error_set(err, SW_ENOENT, "there is no image \"%.*s\" in it; there is %s",
                   STR_FMT(str_sub(wanted, 0, 200)), buf_text(&told));
}

static int clean_member(struct value v, const char *what, struct arena *arena, struct str *ret,
                        struct error *err)
{
  char clean[OCI_PATH_MAX + 1];
  bool escapes;
  int len = value_is(v, VALUE_STRING) ? oci_path_clean(value_str(v), clean, &escapes) : -1;
  if (len <= 0)
    return error_set(err, SW_EINVAL, "manifest.json: %s must be a path", what);
  *ret = arena_copy(arena, str_make(clean, (size_t)len));
  return 0;
}

/* The digest that a configuration's name states: HEX.json, or blobs/sha256/HEX. */
static struct str stated_digest(struct str path, struct arena *arena)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str name = str_sub(path, (size_t)(slash + 1), path.len);
  if (str_ends(name, STR(".json")))
    name.len -= 5;
  struct str digest = arena_printf(arena, "sha256:%.*s", STR_FMT(name));
  return image_digest_valid(digest) ? digest : STR_EMPTY;
}

static int read_config(struct archive_source *a, struct str path, struct arena *arena,
                       struct oci_image *image, struct error *err)
{
  struct str text;
  struct oci_descriptor d = {.size = OCI_SIZE_UNKNOWN, .digest = stated_digest(path, arena)};
  int rc = get_text(a, path, arena, &text, err);
  if (rc == 0)
    rc = oci_check_bytes(&d, text, err);
  if (rc == 0)
    rc = oci_config_read(text, arena, &image->config, err);
  if (rc < 0)
    return error_wrap(err, "configuration \"%.*s\"", STR_FMT(str_sub(path, 0, 100)));
  image->id = d.digest;
  return 0;
}

static int take_layers(struct archive_source *a, struct value layers, struct arena *arena,
                       struct oci_image *image, struct error *err)
{
  if (!value_is(layers, VALUE_ARRAY) || layers.len != image->config.diff_ids.count)
    return error_set(err, SW_EINVAL, "manifest.json has %u layers, the configuration %zu diff_ids",
                     value_is(layers, VALUE_ARRAY) ? layers.len : 0, image->config.diff_ids.count);
  image->layer_count = layers.len;
  image->layers = arena_zalloc(arena, layers.len, sizeof *image->layers);
  for (uint32_t i = 0; i < layers.len; i++) {
    struct oci_image_layer *layer = &image->layers[i];
    layer->packed.size = OCI_SIZE_UNKNOWN;
    int rc = clean_member(layers.items[i], "a layer", arena, &layer->packed.path, err);
    if (rc < 0)
      return rc;
    layer->diff_id = image->config.diff_ids.items[i];
    layer->place = place_of(a, layer->packed.path);
  }
  return 0;
}

static int docker_image(void *state, const struct oci_choice *choice, struct arena *arena,
                        struct oci_image *ret, struct error *err)
{
  struct archive_source *a = state;
  const struct json_options options = {.size_max = OCI_DOCUMENT_MAX};
  struct oci_image image = {.digest = STR_EMPTY, .id = STR_EMPTY};
  struct value list, item;
  struct str text, path;
  int rc = get_text(a, STR("manifest.json"), arena, &text, err);
  if (rc == 0)
    rc = json_parse(arena, text, &options, &list, err);
  if (rc < 0)
    return error_wrap(err, "manifest.json");
  rc = choose_item(list, choice->reference, &item, err);
  if (rc == 0)
    rc = clean_member(value_get(item, value_from("Config")), "\"Config\"", arena, &path, err);
  if (rc == 0)
    rc = read_config(a, path, arena, &image, err);
  if (rc == 0)
    rc = take_layers(a, value_get(item, value_from("Layers")), arena, &image, err);
  if (rc == 0)
    rc = oci_image_agree(&image, choice, err);
  if (rc < 0)
    return rc;
  image.name = tag_of(item, choice->reference);
  *ret = image;
  return 0;
}

static int docker_read_layer(void *state, const struct oci_image *image, size_t i,
                             const struct oci_layer_options *options,
                             const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                             struct error *err)
{
  struct oci_input input;
  int rc = open_entry(state, image->layers[i].packed.path, &input, err);
  if (rc < 0)
    return error_wrap(err, "%s", options->name);
  return oci_layer_read(input, options, visitor, totals, err);
}

static int docker_open_layer(void *state, const struct oci_image *image, size_t i,
                             struct oci_input *ret, struct error *err)
{
  return open_entry(state, image->layers[i].packed.path, ret, err);
}

/* ---- opening */

static void archive_free(void *state)
{
  struct archive_source *a = state;
  end_pass(a);
  map_free(&a->index);
  vec_free(&a->entries);
  arena_free(&a->arena);
  file_closep(&a->fd);
  mem_free(a);
}

static const struct oci_source_ops oci_archive_ops = {
    .kind = OCI_SOURCE_OCI_ARCHIVE,
    .image = oci_archive_image,
    .read_layer = oci_archive_read_layer,
    .open_layer = oci_archive_open_layer,
    .close_layer = blob_close,
    .free = archive_free,
};
static const struct oci_source_ops docker_archive_ops = {
    .kind = OCI_SOURCE_DOCKER_ARCHIVE,
    .image = docker_image,
    .read_layer = docker_read_layer,
    .open_layer = docker_open_layer,
    .close_layer = blob_close,
    .free = archive_free,
};

/* The files of an image alone, as "docker export" writes them. */
static bool is_file_system(const struct archive_source *a)
{
  static const struct str folders[] = {STR_INIT("etc/"), STR_INIT("usr/"), STR_INIT("bin/"),
                                       STR_INIT("var/lib/")};
  for (size_t i = 0; i < a->entries.count; i++)
    for (size_t j = 0; j < sizeof folders / sizeof *folders; j++)
      if (str_starts(a->entries.items[i]->path, folders[j]))
        return true;
  return false;
}

static int no_image(const struct archive_source *a, struct error *err)
{
  if (is_file_system(a))
    return error_set(
        err, SW_EINVAL,
        "it is no image but the files of one: unpack it, and name the directory (dir:)");
  return error_set(err, SW_EINVAL,
                   "it is no archive of images: it has neither index.json with oci-layout nor "
                   "manifest.json");
}

int oci_archive_open(int fd, struct oci_source *source, struct error *err)
{
  struct archive_source *a = mem_zalloc(1, sizeof *a);
  a->fd = fd;
  arena_init(&a->arena, INDEX_LIMIT + ARCHIVE_KEEP);
  map_init(&a->index, NULL);
  source->state = a;
  source->ops = &docker_archive_ops;
  int rc = read_index(a, err);
  if (rc == SW_ELIMIT && !find(a, STR("manifest.json")) && is_file_system(a))
    return no_image(a, err);
  if (rc < 0)
    return rc;
  if (find(a, STR("index.json")) && find(a, STR("oci-layout")))
    source->ops = &oci_archive_ops;
  else if (!find(a, STR("manifest.json")))
    return no_image(a, err);
  return 0;
}
