/*
 * Whatever the archive: opening and reading end within their limits, with a clear error or an image whose layers
 * are what its digests say. The first byte says what the rest is: 0 an archive as it is; else names and texts in
 * turn, each up to a zero byte, which are made into one, so that manifests come to be read.
 */
#include "oci/source.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK = 512 };

static void add_entry(struct buf *tar, struct str name, struct str text)
{
  char header[BLOCK] = {0};
  memcpy(header, name.data, name.len < 99 ? name.len : 99);
  snprintf(header + 100, 8, "0000644");
  snprintf(header + 124, 12, "%011zo", text.len);
  snprintf(header + 136, 12, "00000000000");
  header[156] = '0';
  memcpy(header + 257, "ustar\00000", 8);
  memset(header + 148, ' ', 8);
  unsigned sum = 0;
  for (size_t i = 0; i < BLOCK; i++)
    sum += (uint8_t)header[i];
  snprintf(header + 148, 8, "%06o", sum);
  buf_add(tar, str_make(header, BLOCK));
  buf_add(tar, text);
  buf_add_repeat(tar, '\0', (BLOCK - text.len % BLOCK) % BLOCK);
}

static void make_tar(struct buf *tar, struct str rest)
{
  while (rest.data && rest.len) {
    struct str name = str_cut(rest, '\0', &rest);
    struct str text = rest.data ? str_cut(rest, '\0', &rest) : STR_EMPTY;
    add_entry(tar, name, text);
  }
  buf_add_repeat(tar, '\0', 2 * BLOCK);
}

static int on_entry(void *ctx, const struct oci_entry *e, const struct oci_input *content,
                    struct error *err)
{
  uint64_t *count = ctx;
  (void)content, (void)err;
  assert(e->number == *count && e->path.len <= OCI_PATH_MAX);
  (*count)++;
  return 0;
}

static void read_all(struct oci_source *source)
{
  static const struct oci_choice any = {0};
  const struct oci_layer_options limits = {.entries_max = 5000, .bytes_max = 16 << 20};
  struct oci_image image;
  struct arena arena;
  struct error err;
  arena_init(&arena, 0);
  int rc = oci_source_image(source, &any, &arena, &image, &err);
  for (size_t i = 0; rc == 0 && i < image.layer_count; i++) {
    uint64_t count = 0;
    const struct oci_visitor visitor = {on_entry, &count};
    rc = oci_source_read_layer(source, &image, i, &limits, &visitor, NULL, &err);
    assert(image.layers[i].diff_id.len);
  }
  assert(rc == 0 || (err.code == rc && str_starts(str_from(err.message), STR("/proc/self/fd/"))));
  arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || size > 1 << 20)
    return 0;
  _cleanup_(buf_free) struct buf tar = {0};
  struct str rest = str_make((const char *)data + 1, size - 1);
  if (data[0] == 0)
    buf_add(&tar, rest);
  else
    make_tar(&tar, rest);
  int fd = memfd_create("archive", MFD_CLOEXEC);
  assert(fd >= 0 && write(fd, tar.data ? tar.data : "", tar.len) == (ssize_t)tar.len);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  struct oci_source *source = NULL;
  struct error err;
  int rc = oci_source_open(path, OCI_SOURCE_ANY, &source, &err);
  assert((rc == 0) == (source != NULL) && (rc == 0 || err.message[0]));
  if (source)
    read_all(source);
  oci_source_free(source);
  close(fd);
  return 0;
}
