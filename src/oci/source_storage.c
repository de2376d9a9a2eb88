/*
 * What Podman, Buildah and CRI-O keep: containers/storage, with the drivers overlay and vfs.
 *
 * Layers are unpacked there. Their archives are put together again (oci/tar_split.h), so that they can be held
 * against their digests.
 */
#include "oci/source_int.h"

#include "base/file.h"
#include "base/map.h"
#include "data/base64.h"
#include "data/json.h"
#include "oci/reference.h"
#include "oci/tar_split.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  LIST_MAX = 256 << 20, /* bytes of images.json, of layers.json */
  ID_MAX = 128,
  PATH_MAX_HERE = 512,
  ID_PREFIX_MIN = 12,
  NAMES_TOLD = 400,
};

static const struct driver {
  const char *name;
  const char *root; /* of a layer: around its id */
  const char *behind;
} drivers[] = {
    {"overlay", "overlay/", "/diff"},
    {"vfs", "vfs/dir/", ""},
};

struct storage {
  int dir;
  const struct driver *driver;
  char image[ID_MAX + 1]; /* whose documents are read */
  int document;           /* the one that is open; -1: none */
  struct oci_tar_split *layer;
};

/* ---- documents */

/* What a name in a path is made of: nothing that leads elsewhere. */
static bool is_id(struct str id)
{
  for (size_t i = 0; i < id.len; i++) {
    char c = id.data[i];
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
        c != '_')
      return false;
  }
  return id.len > 0 && id.len <= ID_MAX;
}

static int read_list(const struct storage *s, const char *kind, struct arena *arena,
                     struct value *ret, struct error *err)
{
  const struct json_options options = {.size_max = LIST_MAX};
  _cleanup_(buf_free) struct buf text = {0};
  char path[PATH_MAX_HERE];
  snprintf(path, sizeof path, "%s-%s/%s.json", s->driver->name, kind, kind);
  _cleanup_(file_closep) int fd = file_open_at(s->dir, path, path, 0, err);
  if (fd < 0)
    return fd;
  int rc = file_read_fd(fd, path, LIST_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = json_parse(arena, arena_copy(arena, buf_str(&text)), &options, ret, err);
  if (rc == 0 && !value_is(*ret, VALUE_ARRAY))
    rc = error_set(err, SW_EINVAL, "it must be an array");
  return rc < 0 && err ? error_wrap(err, "%s", path) : rc;
}

static int document_open(struct storage *s, const char *file, struct oci_input *ret,
                         struct error *err)
{
  char path[PATH_MAX_HERE];
  snprintf(path, sizeof path, "%s-images/%s/%s", s->driver->name, s->image, file);
  s->document = file_open_at(s->dir, path, path, 0, err);
  if (s->document < 0)
    return s->document;
  *ret = oci_fd_input(&s->document);
  return 0;
}

static int manifest_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                         struct error *err)
{
  (void)d;
  return document_open(ctx, "manifest", ret, err);
}

/* Documents with names that are no words have them in base64. */
static int config_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                       struct error *err)
{
  struct arena arena;
  arena_init(&arena, 0);
  struct str coded = base64_encode(&arena, d->digest, BASE64_STANDARD);
  const char *file = arena_printf(&arena, "=%.*s", STR_FMT(coded)).data;
  int rc = document_open(ctx, file, ret, err);
  arena_free(&arena);
  return rc;
}

static void document_close(void *ctx, struct oci_input *input)
{
  struct storage *s = ctx;
  (void)input;
  file_closep(&s->document);
  s->document = -1;
}

/* ---- choosing */

static struct str member(struct value object, const char *name)
{
  return value_str_or_empty(value_get(object, value_from(name)));
}

static bool has_name(struct value image, struct str wanted, struct arena *arena)
{
  struct value names = value_get(image, value_from("names"));
  /* What was built here without a registry is localhost's. */
  struct str local = arena_printf(arena, "localhost/%.*s", STR_FMT(wanted));
  for (uint32_t i = 0; value_is(names, VALUE_ARRAY) && i < names.len; i++) {
    struct str name = value_str_or_empty(names.items[i]);
    if (oci_name_fits(name, wanted) || oci_name_fits(name, local))
      return true;
  }
  return false;
}

static bool has_id(struct value image, struct str wanted)
{
  struct str id = member(image, "id");
  if (str_starts(wanted, STR("sha256:")) &&
      (str_eq(member(image, "digest"), wanted) || str_eq(id, str_sub(wanted, 7, wanted.len))))
    return true;
  return wanted.len >= ID_PREFIX_MIN && str_starts(id, wanted);
}

static void tell_names(struct value images, struct buf *told)
{
  for (uint32_t i = 0; i < images.len && told->len < NAMES_TOLD; i++) {
    struct str name =
        value_str_or_empty(value_at(value_get(images.items[i], value_from("names")), 0));
    if (!name.len)
      name = str_sub(member(images.items[i], "id"), 0, ID_PREFIX_MIN);
    buf_printf(told, "%s%.*s", i ? ", " : "", STR_FMT(str_sub(name, 0, 100)));
  }
}

static int choose(struct value images, struct str wanted, struct arena *arena, struct value *ret,
                  struct error *err)
{
  _cleanup_(buf_free) struct buf told = {0};
  if (images.len == 0)
    return error_set(err, SW_ENOENT, "there is no image in it");
  if (!wanted.len && images.len == 1) {
    *ret = images.items[0];
    return 0;
  }
  for (uint32_t i = 0; wanted.len && i < images.len; i++)
    if (has_id(images.items[i], wanted) || has_name(images.items[i], wanted, arena)) {
      *ret = images.items[i];
      return 0;
    }
  tell_names(images, &told);
  if (!wanted.len)
    return error_set(err, SW_ENOENT, "there are several images in it, name one: %s",
                     buf_text(&told));
  return error_set(err, SW_ENOENT, "there is no image \"%.*s\" in it; there is %s",
                   STR_FMT(str_sub(wanted, 0, 100)), buf_text(&told));
}

/* ---- layers */

static int set_layer(struct oci_image *image, size_t i, struct str id, struct arena *arena,
                     struct error *err)
{
  struct oci_image_layer *layer = &image->layers[i];
  if (!is_id(id))
    return error_set(err, SW_EINVAL, "layers.json: a layer has no id");
  /* What is read is the archive, not what it was packed into. */
  layer->packed = (struct oci_descriptor){.size = OCI_SIZE_UNKNOWN,
                                          .media_type = layer->packed.media_type,
                                          .path = arena_copy(arena, id)};
  layer->place = i;
  return 0;
}

/* From the uppermost layer of an image down to its base. */
static int follow_layers(const struct storage *s, struct str top, struct oci_image *image,
                         struct arena *arena, struct error *err)
{
  struct arena lists;
  struct map by_id;
  struct value list;
  arena_init(&lists, 0);
  map_init(&by_id, NULL);
  int rc = read_list(s, "layers", &lists, &list, err);
  for (uint32_t i = 0; rc == 0 && i < list.len; i++)
    map_put(&by_id, member(list.items[i], "id"), NULL)->view = &list.items[i];
  size_t left = image->layer_count;
  struct str id = top;
  for (; rc == 0 && id.len && left > 0; left--) {
    const union map_value *found = map_get(&by_id, id);
    if (!found)
      rc = error_set(err, SW_ENOENT, "layers.json: layer %.*s is missing",
                     STR_FMT(str_sub(id, 0, 19)));
    else
      rc = set_layer(image, left - 1, id, arena, err);
    if (rc == 0)
      id = member(*(const struct value *)found->view, "parent");
  }
  if (rc == 0 && (left > 0 || id.len))
    rc = error_set(err, SW_EINVAL, "layers.json has %s layers than the image's %zu",
                   left > 0 ? "fewer" : "more", image->layer_count);
  map_free(&by_id);
  arena_free(&lists);
  return rc;
}

static int take_image(struct storage *s, struct value chosen, const struct oci_choice *choice,
                      struct arena *arena, struct oci_image *image, struct error *err)
{
  const struct oci_blobs blobs = {
      .open = config_open, .open_manifest = manifest_open, .close = document_close, .ctx = s};
  struct str id = member(chosen, "id"), top = member(chosen, "layer");
  struct str digest = member(value_get(chosen, value_from("big-data-digests")), "manifest");
  if (!is_id(id) || !image_digest_valid(digest))
    return error_set(err, SW_EINVAL, "images.json: an image without an id or a manifest");
  snprintf(s->image, sizeof s->image, "%.*s", STR_FMT(id));
  const struct oci_descriptor root = {.digest = arena_copy(arena, digest),
                                      .size = OCI_SIZE_UNKNOWN};
  int rc = oci_blobs_image_of(&blobs, &root, choice, arena, image, err);
  if (rc == 0)
    rc = follow_layers(s, top, image, arena, err);
  if (rc == 0)
    image->name =
        arena_copy(arena, value_str_or_empty(value_at(value_get(chosen, value_from("names")), 0)));
  return rc;
}

static int storage_image(void *state, const struct oci_choice *choice, struct arena *arena,
                         struct oci_image *ret, struct error *err)
{
  struct oci_image image = {.digest = STR_EMPTY};
  struct value images, chosen;
  struct arena lists;
  arena_init(&lists, 0);
  int rc = read_list(state, "images", &lists, &images, err);
  if (rc == 0)
    rc = choose(images, choice->reference, &lists, &chosen, err);
  if (rc == 0)
    rc = take_image(state, chosen, choice, arena, &image, err);
  arena_free(&lists);
  if (rc == 0)
    *ret = image;
  return rc;
}

static int open_root(const struct storage *s, const char *id, struct error *err)
{
  char path[PATH_MAX_HERE];
  snprintf(path, sizeof path, "%s%s%s", s->driver->root, id, s->driver->behind);
  int fd = openat(s->dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  return fd < 0 ? error_set_errno(err, errno, "%s", path) : fd;
}

static int storage_open_layer(void *state, const struct oci_image *image, size_t i,
                              struct oci_input *ret, struct error *err)
{
  struct storage *s = state;
  char id[ID_MAX + 1], path[PATH_MAX_HERE];
  snprintf(id, sizeof id, "%.*s", STR_FMT(image->layers[i].packed.path));
  snprintf(path, sizeof path, "%s-layers/%s.tar-split.gz", s->driver->name, id);
  int parts = file_open_at(s->dir, path, path, 0, err);
  if (parts == SW_ENOENT)
    return error_set(err, SW_EUNSUPPORTED,
                     "its archive was not kept (%s): save the image into an archive, or scan it in "
                     "its registry",
                     path);
  if (parts < 0)
    return parts;
  int root = open_root(s, id, err);
  if (root < 0) {
    close(parts);
    return root;
  }
  int rc = oci_tar_split_new(root, parts, &s->layer, err);
  if (rc == 0)
    *ret = oci_tar_split_input(s->layer);
  return rc;
}

static void storage_close_layer(void *state, struct oci_input *input)
{
  struct storage *s = state;
  (void)input;
  oci_tar_split_free(s->layer);
  s->layer = NULL;
}

static int storage_read_layer(void *state, const struct oci_image *image, size_t i,
                              const struct oci_layer_options *options,
                              const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                              struct error *err)
{
  struct oci_input input;
  int rc = storage_open_layer(state, image, i, &input, err);
  if (rc < 0)
    return err ? error_wrap(err, "%s", options->name) : rc;
  rc = oci_layer_read(input, options, visitor, totals, err);
  storage_close_layer(state, &input);
  return rc;
}

static void storage_free(void *state)
{
  struct storage *s = state;
  oci_tar_split_free(s->layer);
  file_closep(&s->document);
  file_closep(&s->dir);
  mem_free(s);
}

static const struct oci_source_ops storage_ops = {
    .kind = OCI_SOURCE_STORAGE,
    .image = storage_image,
    .read_layer = storage_read_layer,
    .open_layer = storage_open_layer,
    .close_layer = storage_close_layer,
    .free = storage_free,
};

static const struct driver *driver_of(int dir)
{
  struct stat st;
  char path[PATH_MAX_HERE];
  for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++) {
    snprintf(path, sizeof path, "%s-images/images.json", drivers[i].name);
    if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
      return &drivers[i];
  }
  return NULL;
}

bool oci_is_storage(int dir)
{
  return driver_of(dir) != NULL;
}

int oci_storage_open(int dir, struct oci_source *source, struct error *err)
{
  struct storage *s = mem_zalloc(1, sizeof *s);
  *s = (struct storage){.dir = dir, .driver = driver_of(dir), .document = -1};
  source->ops = &storage_ops;
  source->state = s;
  if (!s->driver)
    return error_set(err, SW_EINVAL,
                     "there is no overlay-images/images.json in it (nor vfs-images)");
  return 0;
}
