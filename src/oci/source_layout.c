/* OCI layouts: image-layout.md. */
#include "oci/source_int.h"

#include "base/file.h"
#include "data/json.h"

#include <errno.h>
#include <unistd.h>

enum { BLOB_PATH = 160, LAYOUT_MAX = 4096 };

struct layout {
  int dir;
  int blob; /* the one that is open; -1: none */
};

static int fd_read(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err)
{
  const int *fd = ctx;
  ssize_t got;
  do
    got = read(*fd, to, room);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return error_set_errno(err, errno, "reading");
  *ret_got = (size_t)got;
  return 0;
}

struct oci_input oci_fd_input(const int *fd)
{
  return (struct oci_input){fd_read, (void *)(uintptr_t)fd};
}

int oci_open_blob_at(int dir, const struct oci_descriptor *d, struct error *err)
{
  char path[BLOB_PATH];
  struct str hex, algorithm = str_cut(d->digest, ':', &hex);
  snprintf(path, sizeof path, "blobs/%.*s/%.*s", STR_FMT(algorithm), STR_FMT(hex));
  return file_open_at(dir, path, path, 0, err);
}

static int blob_open(void *ctx, const struct oci_descriptor *d, struct oci_input *ret,
                     struct error *err)
{
  struct layout *l = ctx;
  l->blob = oci_open_blob_at(l->dir, d, err);
  if (l->blob < 0)
    return l->blob;
  *ret = oci_fd_input(&l->blob);
  return 0;
}

static void blob_close(void *ctx, struct oci_input *input)
{
  struct layout *l = ctx;
  (void)input;
  file_closep(&l->blob);
  l->blob = -1;
}

static struct oci_blobs blobs_of(struct layout *l)
{
  return (struct oci_blobs){.open = blob_open, .close = blob_close, .ctx = l};
}

static int read_file(const struct layout *l, const char *name, size_t max, struct arena *arena,
                     struct str *ret, struct error *err)
{
  _cleanup_(file_closep) int fd = file_open_at(l->dir, name, name, 0, err);
  if (fd < 0)
    return fd;
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read_fd(fd, name, max, &text, err);
  if (rc == 0)
    *ret = arena_copy(arena, buf_str(&text));
  return rc;
}

static int check_version(const struct layout *l, struct arena *arena, struct error *err)
{
  struct str text;
  struct value root;
  int rc = read_file(l, "oci-layout", LAYOUT_MAX, arena, &text, err);
  if (rc == SW_ENOENT)
    return 0; /* older tools did not write it */
  if (rc == 0)
    rc = json_parse(arena, text, NULL, &root, err);
  if (rc < 0)
    return error_wrap(err, "oci-layout");
  struct str version = value_str_or_empty(value_get(root, value_from("imageLayoutVersion")));
  if (!str_starts(version, STR("1.")))
    return error_set(err, SW_EUNSUPPORTED, "oci-layout: version \"%.*s\" is not known",
                     STR_FMT(str_sub(version, 0, 32)));
  return 0;
}

static int layout_image(void *state, const struct oci_choice *choice, struct arena *arena,
                        struct oci_image *ret, struct error *err)
{
  struct layout *l = state;
  const struct oci_blobs blobs = blobs_of(l);
  struct str index;
  int rc = check_version(l, arena, err);
  if (rc == 0)
    rc = read_file(l, "index.json", OCI_DOCUMENT_MAX, arena, &index, err);
  return rc < 0 ? rc : oci_blobs_image(&blobs, index, choice, arena, ret, err);
}

static int layout_read_layer(void *state, const struct oci_image *image, size_t i,
                             const struct oci_layer_options *options,
                             const struct oci_visitor *visitor, struct oci_layer_totals *totals,
                             struct error *err)
{
  const struct oci_blobs blobs = blobs_of(state);
  return oci_blobs_read_layer(&blobs, image, i, options, visitor, totals, err);
}

static int layout_open_layer(void *state, const struct oci_image *image, size_t i,
                             struct oci_input *ret, struct error *err)
{
  const struct oci_descriptor *d = &image->layers[i].packed;
  return oci_layer_missing(d, blob_open(state, d, ret, err), err);
}

static void layout_free(void *state)
{
  struct layout *l = state;
  file_closep(&l->blob);
  file_closep(&l->dir);
  mem_free(l);
}

static const struct oci_source_ops layout_ops = {
    .kind = OCI_SOURCE_LAYOUT,
    .image = layout_image,
    .read_layer = layout_read_layer,
    .open_layer = layout_open_layer,
    .close_layer = blob_close,
    .free = layout_free,
};

int oci_layout_open(int dir, struct oci_source *source, struct error *err)
{
  (void)err;
  struct layout *l = mem_zalloc(1, sizeof *l);
  *l = (struct layout){.dir = dir, .blob = -1};
  source->ops = &layout_ops;
  source->state = l;
  return 0;
}
