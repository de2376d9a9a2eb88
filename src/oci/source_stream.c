/* Archives that come through a pipe. */
#include "oci/source.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 << 10 };

/* A file without a name: it is gone with its last descriptor, whatever becomes of this process. */
static int open_unnamed(const char *dir, struct error *err)
{
  int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd >= 0 ? fd : error_set_errno(err, errno, "a temporary file in %s", dir);
  /* A file system that cannot do it, as some networks' are. */
  _cleanup_(buf_free) struct buf path = {0};
  buf_printf(&path, "%s/seawall.XXXXXX", dir);
  buf_text(&path);
  fd = mkostemp(path.data, O_CLOEXEC);
  if (fd < 0)
    return error_set_errno(err, errno, "a temporary file in %s", dir);
  unlink(path.data);
  return fd;
}

static int copy_all(int from, int to, uint64_t max, struct error *err)
{
  _cleanup_(mem_freep) char *piece = mem_alloc(PIECE);
  uint64_t total = 0;
  for (;;) {
    ssize_t got = read(from, piece, PIECE);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return error_set_errno(err, errno, "reading");
    if (got == 0)
      return total ? 0 : error_set(err, SW_EINVAL, "it is empty");
    total += (uint64_t)got;
    if (total > max)
      return error_set(err, SW_ELIMIT, "it is longer than %llu bytes", (unsigned long long)max);
    int rc = fd_write_all(to, piece, (size_t)got, err);
    if (rc < 0)
      return err ? error_wrap(err, "its temporary file (TMPDIR says where)") : rc;
  }
}

static int keep(int fd, const char *dir, uint64_t max, int *ret_fd, struct error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set_errno(err, errno, "reading");
  if (S_ISREG(st.st_mode)) {
    *ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return *ret_fd < 0 ? error_set_errno(err, errno, "reading") : 0;
  }
  if (S_ISDIR(st.st_mode) || isatty(fd))
    return error_set(err, SW_EINVAL, "is %s, and no archive",
                     S_ISDIR(st.st_mode) ? "a directory" : "a terminal");
  int file = open_unnamed(dir, err);
  if (file < 0)
    return file;
  int rc = copy_all(fd, file, max, err);
  if (rc == 0 && lseek(file, 0, SEEK_SET) < 0)
    rc = error_set_errno(err, errno, "its temporary file");
  if (rc < 0) {
    close(file);
    return rc;
  }
  *ret_fd = file;
  return 0;
}

int oci_source_keep_stream(int fd, const char *name, const char *dir, uint64_t bytes_max,
                           int *ret_fd, struct error *err)
{
  int rc = keep(fd, dir ? dir : "/var/tmp", bytes_max ? bytes_max : OCI_STREAM_MAX, ret_fd, err);
  return rc < 0 && err ? error_wrap(err, "%s", name) : rc;
}
