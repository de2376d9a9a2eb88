#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void file_closep(int *fd)
{
  if (*fd >= 0)
    close(*fd);
}

const char *file_size_text(uint64_t bytes, char ret_text[static FILE_SIZE_TEXT])
{
  static const char units[][4] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    snprintf(ret_text, FILE_SIZE_TEXT, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
    return ret_text;
  }
  /* In tenths of the unit, rounded; 1023.96 KiB is 1 MiB rather than 1024 KiB. */
  unsigned unit = 0;
  uint64_t size = 1024;
  while (unit < 5 && bytes / size >= 1024) {
    size *= 1024;
    unit++;
  }
  uint64_t tenths = bytes / size * 10 + (bytes % size * 10 + size / 2) / size;
  if (tenths >= 10240 && unit < 5) {
    tenths = 10;
    unit++;
  }
  unsigned whole = (unsigned)(tenths / 10), tenth = (unsigned)(tenths % 10);
  if (tenth && whole < 100)
    snprintf(ret_text, FILE_SIZE_TEXT, "%u.%u %s", whole, tenth, units[unit]);
  else
    snprintf(ret_text, FILE_SIZE_TEXT, "%u %s", whole + (tenth >= 5), units[unit]);
  return ret_text;
}

/* known: size is the whole of it; otherwise reading stopped there and there may be more. */
static int too_large(struct error *err, const char *name, uint64_t size, bool known, size_t limit)
{
  char is[FILE_SIZE_TEXT], may[FILE_SIZE_TEXT];
  file_size_text(size, is);
  file_size_text(limit, may);
  if (strcmp(is, may) == 0) {
    snprintf(is, sizeof is, "%llu bytes", (unsigned long long)size);
    snprintf(may, sizeof may, "%zu bytes", limit);
  }
  return error_set(err, SW_ELIMIT,
                   "%s: %s%s is more than the limit of %s: raise the limit, split the file or "
                   "leave it out",
                   name, known ? "" : "at least ", is, may);
}

static int refuse_kind(struct error *err, const char *name, mode_t mode)
{
  if (S_ISDIR(mode))
    return error_set(err, SW_EINVAL, "%s: is a directory", name);
  const char *kind = S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a device";
  return error_set(err, SW_EINVAL, "%s: is not a regular file but %s", name, kind);
}

int file_open_at(int dir, const char *path, const char *name, unsigned flags, struct error *err)
{
  int mode = O_RDONLY | O_CLOEXEC | O_NOCTTY;
  if (!(flags & FILE_ANY_KIND))
    mode |= O_NONBLOCK; /* or opening a FIFO would wait for a writer */
  if (flags & FILE_NO_FOLLOW)
    mode |= O_NOFOLLOW;
  int fd;
  do
    fd = openat(dir, path, mode);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    if (errno == ELOOP && flags & FILE_NO_FOLLOW)
      return error_set(err, SW_EINVAL, "%s: is a symbolic link", name);
    if (errno == ENXIO) /* what opening a socket says */
      return error_set(err, SW_EINVAL, "%s: is not a regular file but a socket or device", name);
    return error_set_errno(err, errno, "%s: cannot be opened", name);
  }
  struct stat st;
  int rc = 0;
  if (fstat(fd, &st) < 0)
    rc = error_set_errno(err, errno, "%s: cannot be examined", name);
  else if (S_ISDIR(st.st_mode) || (!(flags & FILE_ANY_KIND) && !S_ISREG(st.st_mode)))
    rc = refuse_kind(err, name, st.st_mode);
  if (rc < 0) {
    close(fd);
    return rc;
  }
  return fd;
}

/* Waits until a descriptor that does not block is ready. */
static void wait_for(int fd, short events)
{
  struct pollfd wanted = {.fd = fd, .events = events};
  poll(&wanted, 1, -1);
}

/* One read; 0 at the end. */
static ssize_t read_some(int fd, char *to, size_t size)
{
  for (;;) {
    ssize_t got = read(fd, to, size);
    if (got >= 0)
      return got;
    if (errno == EAGAIN)
      wait_for(fd, POLLIN);
    else if (errno != EINTR)
      return -1;
  }
}

static int read_all(int fd, const char *name, size_t limit, struct buf *text, struct error *err)
{
  size_t start = text->len;
  for (;;) {
    /* Where the room is full the text is likely to end: one look before it is made larger. */
    char ahead[4096];
    size_t left = limit - (text->len - start);
    size_t step = text->room - text->len < left ? text->room - text->len : left;
    bool in_place = step > 0;
    ssize_t got = in_place ? read_some(fd, text->data + text->len, step)
                           : read_some(fd, ahead, sizeof ahead);
    if (got < 0)
      return error_set_errno(err, errno, "%s: cannot be read", name);
    if (got == 0)
      return 0;
    if ((size_t)got > left)
      return too_large(err, name, (uint64_t)limit + 1, false, limit);
    if (in_place)
      text->len += (size_t)got;
    else
      buf_add(text, str_make(ahead, (size_t)got));
  }
}

/* What is left to read of a regular file, by its size; 0 where that says nothing. */
static uint64_t stated_rest(int fd, const struct stat *st)
{
  if (!S_ISREG(st->st_mode) || st->st_size <= 0)
    return 0;
  off_t at = lseek(fd, 0, SEEK_CUR);
  return at >= 0 && at < st->st_size ? (uint64_t)(st->st_size - at) : 0;
}

int file_read_fd(int fd, const char *name, size_t limit, struct buf *ret_text, struct error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set_errno(err, errno, "%s: cannot be read", name);
  if (S_ISDIR(st.st_mode))
    return refuse_kind(err, name, st.st_mode);
  size_t cap = (ret_text->cap ? ret_text->cap : BUF_CAP_DEFAULT) - ret_text->len;
  if (limit > cap)
    limit = cap;
  uint64_t rest = stated_rest(fd, &st);
  if (rest > limit || ret_text->failed)
    return too_large(err, name, rest, true, limit);
  size_t before = ret_text->len;
  buf_reserve(ret_text, (size_t)rest);
  int rc = read_all(fd, name, limit, ret_text, err);
  if (rc < 0)
    ret_text->len = before;
  return rc;
}

int file_read(const char *path, size_t limit, struct buf *ret_text, struct error *err)
{
  _cleanup_(file_closep) int fd = file_open_at(AT_FDCWD, path, path, 0, err);
  if (fd < 0)
    return fd;
  return file_read_fd(fd, path, limit, ret_text, err);
}

int fd_write_all(int fd, const void *data, size_t len, struct error *err)
{
  const char *at = data;
  while (len) {
    /* Linux writes 2 GiB at most at once; some file systems choke on sizes near that. */
    ssize_t put = write(fd, at, len > 1 << 30 ? 1 << 30 : len);
    if (put > 0) {
      at += put;
      len -= (size_t)put;
    } else if (put < 0 && errno == EAGAIN) {
      wait_for(fd, POLLOUT);
    } else if (put == 0 || errno != EINTR) {
      return error_set_errno(err, put == 0 ? EIO : errno, "writing failed");
    }
  }
  return 0;
}
