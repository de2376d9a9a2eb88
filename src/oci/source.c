#include "oci/source.h"

#include "oci/source_int.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kind_names[] = {
    [OCI_SOURCE_ANY] = "any",
    [OCI_SOURCE_LAYOUT] = "oci",
    [OCI_SOURCE_OCI_ARCHIVE] = "oci-archive",
    [OCI_SOURCE_DOCKER_ARCHIVE] = "docker-archive",
    [OCI_SOURCE_DIRECTORY] = "dir",
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

static int open_directory(const char *path, enum oci_source_kind kind, struct oci_source *source,
                          struct error *err)
{
  int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0)
    return error_set_errno(err, errno, "opening");
  if (kind == OCI_SOURCE_ANY)
    kind = is_layout(dir) ? OCI_SOURCE_LAYOUT : OCI_SOURCE_DIRECTORY;
  return kind == OCI_SOURCE_LAYOUT ? oci_layout_open(dir, source, err)
                                   : oci_tree_open(dir, source, err);
}

static int open_path(const char *path, enum oci_source_kind kind, struct oci_source *source,
                     struct error *err)
{
  struct stat st;
  if (stat(path, &st) < 0)
    return error_set_errno(err, errno, "opening");
  bool wants_directory = kind == OCI_SOURCE_LAYOUT || kind == OCI_SOURCE_DIRECTORY;
  if (S_ISDIR(st.st_mode) && (kind == OCI_SOURCE_ANY || wants_directory))
    return open_directory(path, kind, source, err);
  if (S_ISDIR(st.st_mode) || wants_directory)
    return error_set(err, SW_EINVAL, "is %s directory, and cannot be of kind \"%s\"",
                     S_ISDIR(st.st_mode) ? "a" : "no", kind_names[kind]);
  int fd = file_open_at(AT_FDCWD, path, "opening", 0, err);
  if (fd < 0)
    return fd;
  int rc = oci_archive_open(fd, source, err);
  if (rc == 0 && kind != OCI_SOURCE_ANY && kind != source->ops->kind)
    rc = error_set(err, SW_EINVAL, "is of kind \"%s\", not \"%s\"", kind_names[source->ops->kind],
                   kind_names[kind]);
  return rc;
}

int oci_source_open(const char *path, enum oci_source_kind kind, struct oci_source **ret,
                    struct error *err)
{
  _cleanup_(oci_source_freep) struct oci_source *s = mem_zalloc(1, sizeof *s);
  s->path = mem_copy_text(path, strlen(path));
  int rc = open_path(path, kind, s, err);
  if (rc < 0)
    return err ? error_wrap(err, "%s", path) : rc;
  *ret = s;
  s = NULL;
  return 0;
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

int oci_source_read_layer(struct oci_source *source, const struct oci_image *image, size_t i,
                          const struct oci_layer_options *options,
                          const struct oci_visitor *visitor, struct oci_layer_totals *ret_totals,
                          struct error *err)
{
  struct oci_layer_options mine = options ? *options : (struct oci_layer_options){0};
  const struct oci_image_layer *layer = &image->layers[i];
  struct str digest = layer->packed.digest.len || !layer->diff_id.len
                          ? oci_descriptor_short(&layer->packed)
                          : str_sub(layer->diff_id, 0, 19);
  char name[256];
  snprintf(name, sizeof name, "layer %zu of %zu%s%.*s%s", i + 1, image->layer_count,
           digest.len ? " (" : "", STR_FMT(digest), digest.len ? ")" : "");
  mine.name = name;
  mine.packed = &layer->packed;
  mine.diff_id = layer->diff_id;
  int rc = source->ops->read_layer(source->state, image, i, &mine, visitor, ret_totals, err);
  return rc < 0 && err ? error_wrap(err, "%s", source->path) : rc;
}
