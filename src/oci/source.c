#include "oci/source.h"

#include "oci/source_int.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAYER_NAME = 256 };

static const char *const kind_names[] = {
    [OCI_SOURCE_ANY] = "any",
    [OCI_SOURCE_LAYOUT] = "oci",
    [OCI_SOURCE_OCI_ARCHIVE] = "oci-archive",
    [OCI_SOURCE_DOCKER_ARCHIVE] = "docker-archive",
    [OCI_SOURCE_DIRECTORY] = "dir",
    [OCI_SOURCE_REGISTRY] = "registry",
    [OCI_SOURCE_STORAGE] = "containers-storage",
    [OCI_SOURCE_CONTAINERD] = "containerd",
};

const char *oci_source_kind_name(enum oci_source_kind kind)
{
  return kind_names[kind];
}

enum oci_source_kind oci_source_kind(const struct oci_source *source)
{
  return source->ops->kind;
}

static bool is_layout(int dir)
{
  struct stat st;
  return fstatat(dir, "index.json", &st, 0) == 0 && S_ISREG(st.st_mode) &&
         fstatat(dir, "blobs", &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* What a directory can be, the most special first; the last one is any. */
static const struct directory_kind {
  enum oci_source_kind kind;
  bool (*is)(int dir); /* NULL: always */
  int (*open)(int dir, struct oci_source *source, struct error *err);
} directory_kinds[] = {
    {OCI_SOURCE_LAYOUT, is_layout, oci_layout_open},
    {OCI_SOURCE_STORAGE, oci_is_storage, oci_storage_open},
    {OCI_SOURCE_CONTAINERD, oci_is_containerd, oci_containerd_open},
    {OCI_SOURCE_DIRECTORY, NULL, oci_tree_open},
};

static int open_directory(int dir, enum oci_source_kind kind, struct oci_source *source,
                          struct error *err)
{
  const struct directory_kind *k = directory_kinds;
  while (kind == OCI_SOURCE_ANY ? k->is && !k->is(dir) : k->kind != kind)
    k++;
  return k->open(dir, source, err);
}

static bool is_of_directories(enum oci_source_kind kind)
{
  for (size_t i = 0; i < sizeof directory_kinds / sizeof *directory_kinds; i++)
    if (directory_kinds[i].kind == kind)
      return true;
  return false;
}

static int open_archive(int fd, enum oci_source_kind kind, struct oci_source *source,
                        struct error *err)
{
  int rc = oci_archive_open(fd, source, err);
  if (rc == 0 && kind != OCI_SOURCE_ANY && kind != source->ops->kind)
    rc = error_set(err, SW_EINVAL, "is of kind \"%s\", not \"%s\"", kind_names[source->ops->kind],
                   kind_names[kind]);
  return rc;
}

/* Whether what there is can be of the kind. */
static int check_kind(const struct stat *st, enum oci_source_kind kind, struct error *err)
{
  bool is_directory = S_ISDIR(st->st_mode);
  bool wants_directory = is_of_directories(kind);
  if (kind != OCI_SOURCE_ANY && is_directory != wants_directory)
    return error_set(err, SW_EINVAL, "is %s directory, and cannot be of kind \"%s\"",
                     is_directory ? "a" : "no", kind_names[kind]);
  if (!is_directory && !S_ISREG(st->st_mode))
    return error_set(err, SW_EINVAL, "is neither a file nor a directory");
  return 0;
}

static int open_fd(int fd, enum oci_source_kind kind, struct oci_source *source, struct error *err)
{
  struct stat st;
  int rc = fstat(fd, &st) < 0 ? error_set_errno(err, errno, "opening") : check_kind(&st, kind, err);
  if (rc < 0) {
    close(fd);
    return rc;
  }
  return S_ISDIR(st.st_mode) ? open_directory(fd, kind, source, err)
                             : open_archive(fd, kind, source, err);
}

int oci_source_open_fd(int fd, const char *name, enum oci_source_kind kind, struct oci_source **ret,
                       struct error *err)
{
  _cleanup_(oci_source_freep) struct oci_source *s = mem_zalloc(1, sizeof *s);
  s->path = mem_copy_text(name, strlen(name));
  int rc = open_fd(fd, kind, s, err);
  if (rc < 0)
    return err ? error_wrap(err, "%s", name) : rc;
  *ret = s;
  s = NULL;
  return 0;
}

int oci_source_open(const char *path, enum oci_source_kind kind, struct oci_source **ret,
                    struct error *err)
{
  /* O_NONBLOCK: opening a FIFO would wait for a writer. */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return error_set_errno(err, errno, "%s: opening", path);
  return oci_source_open_fd(fd, path, kind, ret, err);
}

void oci_source_free(struct oci_source *source)
{
  if (!source)
    return;
  if (source->ops)
    source->ops->free(source->state);
  mem_free(source->path);
  mem_free(source);
}

int oci_source_image(struct oci_source *source, const struct oci_choice *choice,
                     struct arena *arena, struct oci_image *ret, struct error *err)
{
  int rc = source->ops->image(source->state, choice, arena, ret, err);
  return rc < 0 && err ? error_wrap(err, "%s", source->path) : rc;
}

/* "layer 2 of 5 (sha256:0123456789ab)" */
static void name_layer(const struct oci_image *image, size_t i, char *ret_name, size_t room)
{
  const struct oci_image_layer *layer = &image->layers[i];
  struct str digest = layer->packed.digest.len || !layer->diff_id.len
                          ? oci_descriptor_short(&layer->packed)
                          : str_sub(layer->diff_id, 0, 19);
  snprintf(ret_name, room, "layer %zu of %zu%s%.*s%s", i + 1, image->layer_count,
           digest.len ? " (" : "", STR_FMT(digest), digest.len ? ")" : "");
}

int oci_source_read_layer(struct oci_source *source, const struct oci_image *image, size_t i,
                          const struct oci_layer_options *options,
                          const struct oci_visitor *visitor, struct oci_layer_totals *ret_totals,
                          struct error *err)
{
  struct oci_layer_options mine = options ? *options : (struct oci_layer_options){0};
  char name[LAYER_NAME];
  name_layer(image, i, name, sizeof name);
  mine.name = name;
  mine.packed = &image->layers[i].packed;
  mine.diff_id = image->layers[i].diff_id;
  int rc = source->ops->read_layer(source->state, image, i, &mine, visitor, ret_totals, err);
  return rc < 0 && err ? error_wrap(err, "%s", source->path) : rc;
}

int oci_source_signed(struct oci_source *source, const struct oci_image *image, struct arena *arena,
                      struct str *ret, struct error *err)
{
  if (!source->ops->signed_by)
    return error_set(err, SW_EUNSUPPORTED, "%s: a source of kind \"%s\" does not know signatures",
                     source->path, kind_names[source->ops->kind]);
  int rc = source->ops->signed_by(source->state, image, arena, ret, err);
  return rc < 0 && err ? error_wrap(err, "%s", source->path) : rc;
}

int oci_source_open_layer(struct oci_source *source, const struct oci_image *image, size_t i,
                          struct oci_input *ret, struct error *err)
{
  char name[LAYER_NAME];
  if (!source->ops->open_layer)
    return error_set(err, SW_EUNSUPPORTED, "%s: a source of kind \"%s\" has no packed layers",
                     source->path, kind_names[source->ops->kind]);
  int rc = source->ops->open_layer(source->state, image, i, ret, err);
  if (rc == 0 || !err)
    return rc;
  name_layer(image, i, name, sizeof name);
  return error_wrap(err, "%s: %s", source->path, name);
}

void oci_source_close_layer(struct oci_source *source, struct oci_input *input)
{
  source->ops->close_layer(source->state, input);
}
