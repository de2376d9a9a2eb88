/*
 * What containerd keeps: content by digest (plugins/content/local), and the names of images in a database
 * (metadata/buckets.go: v1 / NAMESPACE / images / NAME / target / digest).
 */
#include "oci/source_int.h"

#include "base/file.h"
#include "base/vec.h"
#include "oci/bolt.h"
#include "oci/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 100000, NAMES_TOLD = 400, TRIES_MAX = 100 };

static const char content_path[] = "io.containerd.content.v1.content";
static const char names_path[] = "io.containerd.metadata.v1.bolt/meta.db";

struct containerd {
  int dir, content;
  int blob; /* the one that is open; -1: none */
};

/* ---- content */

static int blob_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                     struct error *err)
{
  struct containerd *c = ctx;
  c->blob = oci_open_blob_at(c->content, d, err);
  if (c->blob < 0)
    return c->blob;
  *ret = oci_fd_input(&c->blob);
  return 0;
}

static void blob_close(void *ctx, struct oci_input *input)
{
  struct containerd *c = ctx;
  (void)input;
  file_closep(&c->blob);
  c->blob = -1;
}

/* ---- names */

struct name {
  struct str name, digest;
};

struct names {
  struct bolt *db;
  struct arena *arena;
  struct names_list VEC_BODY(struct name) list;
};

static int take_image(void *ctx, const struct bolt_entry *entry, struct error *err)
{
  struct names *n = ctx;
  struct bolt_entry target, digest;
  if (!entry->is_bucket)
    return 0;
  if (vec_full(&n->list, NAMES_MAX))
    return error_set(err, SW_ELIMIT, "more than %d images", NAMES_MAX);
  int rc = bolt_find(n->db, &entry->bucket, STR("target"), n->arena, &target, err);
  if (rc == 0 && target.is_bucket)
    rc = bolt_find(n->db, &target.bucket, STR("digest"), n->arena, &digest, err);
  if (rc == 0 && target.is_bucket && image_digest_valid(digest.value))
    vec_push(&n->list, (struct name){arena_copy(n->arena, entry->key), digest.value});
  return rc == SW_ENOENT ? 0 : rc;
}

static int take_namespace(void *ctx, const struct bolt_entry *entry, struct error *err)
{
  struct names *n = ctx;
  struct bolt_entry images;
  if (!entry->is_bucket)
    return 0;
  int rc = bolt_find(n->db, &entry->bucket, STR("images"), n->arena, &images, err);
  if (rc == SW_ENOENT || (rc == 0 && !images.is_bucket))
    return 0;
  return rc < 0 ? rc : bolt_each(n->db, &images.bucket, take_image, n, err);
}

static int read_state(struct bolt *db, struct names *n, struct error *err)
{
  struct bolt_entry version;
  struct bolt_bucket root = bolt_root(db);
  n->db = db;
  int rc = bolt_find(db, &root, STR("v1"), n->arena, &version, err);
  return rc == 0 && version.is_bucket ? bolt_each(db, &version.bucket, take_namespace, n, err) : rc;
}

/* Again as long as containerd writes to it meanwhile; it takes a small part of the time that a write does. */
static int read_names(const struct containerd *c, struct names *n, struct error *err)
{
  int rc = 0;
  bool newest = false;
  for (int tries = 0; tries < TRIES_MAX && !newest; tries++) {
    int fd = file_open_at(c->dir, names_path, names_path, 0, err);
    if (fd < 0)
      return fd;
    _cleanup_(bolt_freep) struct bolt *db = NULL;
    arena_reset(n->arena);
    vec_clear(&n->list);
    rc = bolt_open(fd, &db, err);
    if (rc == 0)
      rc = read_state(db, n, err);
    newest = !db || bolt_is_newest(db);
  }
  if (rc == 0 && !newest)
    rc = error_set(err, SW_EIO, "it changes all the time; try again");
  return rc < 0 && err ? error_wrap(err, "%s", names_path) : rc;
}

/* Kubernetes' plugin enters each image under the digest of its configuration, too. */
static bool is_number(struct str name)
{
  return image_digest_valid(name);
}

static void tell_names(const struct names *n, struct buf *told)
{
  for (size_t i = 0; i < n->list.count && told->len < NAMES_TOLD; i++)
    if (!is_number(n->list.items[i].name))
      buf_printf(told, "%s%.*s", told->len ? ", " : "",
                 STR_FMT(str_sub(n->list.items[i].name, 0, 100)));
}

/* The image of a name; without one, the only image that there is. */
static int choose(const struct names *n, struct str wanted, struct name *ret, struct error *err)
{
  const struct name *found = NULL;
  _cleanup_(buf_free) struct buf told = {0};
  bool several = false;
  for (size_t i = 0; i < n->list.count; i++) {
    const struct name *at = &n->list.items[i];
    if (wanted.len ? !oci_name_fits(at->name, wanted) : is_number(at->name))
      continue;
    several |= found && !str_eq(found->digest, at->digest);
    found = found ? found : at;
  }
  if (found && !several) {
    *ret = *found;
    return 0;
  }
  tell_names(n, &told);
  if (!told.len)
    return error_set(err, SW_ENOENT, "there is no image in it");
  if (!found)
    return error_set(err, SW_ENOENT, "there is no image \"%.*s\" in it; there is %s",
                     STR_FMT(str_sub(wanted, 0, 100)), buf_text(&told));
  return error_set(err, SW_ENOENT, "there are several images in it, name one, or its digest: %s",
                   buf_text(&told));
}

static int look_up(const struct containerd *c, struct str wanted, struct arena *arena,
                   struct name *ret, struct error *err)
{
  struct names n = {.arena = arena};
  int rc = read_names(c, &n, err);
  if (rc == 0)
    rc = choose(&n, wanted, ret, err);
  vec_free(&n.list);
  /* A digest needs no name. */
  if (rc < 0 && image_digest_valid(wanted)) {
    *ret = (struct name){STR_EMPTY, wanted};
    return 0;
  }
  return rc;
}

/* ---- the source */

static int containerd_image(void *state, const struct oci_choice *choice, struct arena *arena,
                            struct oci_image *ret, struct error *err)
{
  struct containerd *c = state;
  const struct oci_blobs blobs = {.open = blob_open, .close = blob_close, .ctx = c};
  struct arena names;
  struct name found;
  arena_init(&names, 0);
  int rc = look_up(c, choice->reference, &names, &found, err);
  if (rc == 0) {
    const struct oci_descriptor root = {.digest = arena_copy(arena, found.digest),
                                        .size = OCI_SIZE_UNKNOWN};
    rc = oci_blobs_image_of(&blobs, &root, choice, arena, ret, err);
  }
  if (rc == 0)
    ret->name = arena_copy(arena, found.name);
  arena_free(&names);
  return rc;
}

static int containerd_open_layer(void *state, const struct oci_image *image, size_t i,
                                 struct oci_input *ret, struct error *err)
{
  const struct oci_descriptor *d = &image->layers[i].packed;
  int rc = oci_layer_missing(d, blob_open(state, d, ret, err), err);
  return rc == SW_ENOENT
             ? error_set(err, rc,
                         "containerd has not kept it (discard_unpacked_layers): scan the "
                         "image in its registry")
             : rc;
}

static int containerd_read_layer(void *state, const struct oci_image *image, size_t i,
                                 const struct oci_layer_options *options,
                                 const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                                 struct error *err)
{
  struct oci_input input;
  int rc = containerd_open_layer(state, image, i, &input, err);
  if (rc < 0)
    return err ? error_wrap(err, "%s", options->name) : rc;
  rc = oci_layer_read(input, options, visitor, totals, err);
  blob_close(state, &input);
  return rc;
}

static void containerd_free(void *state)
{
  struct containerd *c = state;
  file_closep(&c->blob);
  if (c->content != c->dir)
    file_closep(&c->content);
  file_closep(&c->dir);
  mem_free(c);
}

static const struct oci_source_ops containerd_ops = {
    .kind = OCI_SOURCE_CONTAINERD,
    .image = containerd_image,
    .read_layer = containerd_read_layer,
    .open_layer = containerd_open_layer,
    .close_layer = blob_close,
    .free = containerd_free,
};

static bool has_directory(int dir, const char *name)
{
  struct stat st;
  return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* All of it, or the content alone. */
bool oci_is_containerd(int dir)
{
  return has_directory(dir, content_path) ||
         (has_directory(dir, "blobs") && has_directory(dir, "ingest"));
}

int oci_containerd_open(int dir, struct oci_source *source, struct error *err)
{
  struct containerd *c = mem_zalloc(1, sizeof *c);
  *c = (struct containerd){.dir = dir, .content = dir, .blob = -1};
  source->ops = &containerd_ops;
  source->state = c;
  if (!oci_is_containerd(dir))
    return error_set(err, SW_EINVAL, "there is no %s in it", content_path);
  if (!has_directory(dir, content_path))
    return 0;
  int fd = openat(dir, content_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return error_set_errno(err, errno, "%s", content_path);
  c->content = fd;
  return 0;
}
