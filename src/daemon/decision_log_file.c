#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "daemon/decision_log_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL = 64 << 10 };

/* The end of the last whole line of a file. */
static int find_end(int fd, off_t size, off_t *ret_end)
{
  char *part = mem_alloc(TAIL);
  off_t end = 0, at = size;
  int rc = 0;
  while (at > 0 && end == 0) {
    size_t len = at < TAIL ? (size_t)at : TAIL;
    ssize_t got = pread(fd, part, len, at - (off_t)len);
    if (got < 0 || (size_t)got != len) {
      rc = -1;
      break;
    }
    ptrdiff_t newline = str_find_last_byte(str_make(part, len), '\n');
    at -= (off_t)len;
    if (newline >= 0)
      end = at + newline + 1;
  }
  mem_free(part);
  *ret_end = end;
  return rc;
}

static int take_file(struct decision_file *file, int fd, uint64_t *ret_cut, struct error *err)
{
  struct stat s;
  off_t end;
  *ret_cut = 0;
  if (fstat(fd, &s) != 0)
    return error_set_errno(err, errno, "%s", file->path);
  if (!S_ISREG(s.st_mode) && !S_ISCHR(s.st_mode))
    return error_set(err, SW_EINVAL, "%s: not a file that lines can be appended to", file->path);
  end = s.st_size;
  if (S_ISREG(s.st_mode) &&
      (find_end(fd, s.st_size, &end) < 0 || (end < s.st_size && ftruncate(fd, end) != 0)))
    return error_set_errno(err, errno ? errno : EIO, "%s: cutting off an unfinished line",
                           file->path);
  *ret_cut = (uint64_t)(s.st_size - end);
  file->regular = S_ISREG(s.st_mode);
  file->size = file->regular ? end : 0;
  file->rotate_at = file->regular ? (off_t)file->rotate_bytes : 0;
  file->unfinished = false;
  return 0;
}

static int open_path(struct decision_file *file, uint64_t *ret_cut, int *ret_fd, struct error *err)
{
  /* Not waiting for the other end of a FIFO, which is refused then. */
  int fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0)
    return error_set_errno(err, errno, "%s", file->path);
  int rc = take_file(file, fd, ret_cut, err);
  if (rc < 0)
    close(fd);
  else
    *ret_fd = fd;
  return rc;
}

int decision_file_open(struct decision_file *file, uint64_t *ret_cut, struct error *err)
{
  *ret_cut = 0;
  if (file->path)
    return open_path(file, ret_cut, &file->fd, err);
  file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  return file->fd < 0 ? error_set_errno(err, errno, "standard output") : 0;
}

void decision_file_close(struct decision_file *file)
{
  file_closep(&file->fd);
  mem_free(file->path);
}

int decision_file_reopen(struct decision_file *file, uint64_t *ret_cut, struct error *err)
{
  int fd;
  *ret_cut = 0;
  if (!file->path)
    return 0;
  int rc = open_path(file, ret_cut, &fd, err);
  if (rc < 0)
    return rc;
  close(file->fd);
  file->fd = fd;
  return 0;
}

/* Bytes of the whole lines among the first `len`. */
static size_t whole_lines(struct str lines, size_t len)
{
  return (size_t)(str_find_last_byte(str_sub(lines, 0, len), '\n') + 1);
}

/* By the size that the system states: somebody may have emptied the file (logrotate's copytruncate). */
static int cut_off(int fd, size_t bytes)
{
  struct stat s;
  if (fstat(fd, &s) != 0)
    return -1;
  return s.st_size < (off_t)bytes ? 0 : ftruncate(fd, s.st_size - (off_t)bytes);
}

static int write_regular(struct decision_file *file, struct str lines, size_t *ret_done,
                         struct error *err)
{
  size_t done = 0;
  int failure = 0;
  while (done < lines.len && !failure) {
    ssize_t n = write(file->fd, lines.data + done, lines.len - done);
    if (n > 0)
      done += (size_t)n;
    else if (n == 0 || errno != EINTR)
      failure = n == 0 ? ENOSPC : errno;
  }
  size_t whole = whole_lines(lines, done);
  *ret_done = whole;
  file->dirty |= whole > 0;
  if (whole < done && cut_off(file->fd, done - whole) < 0) {
    /* It cannot be cut off: it is ended, and what follows is whole again. */
    file->unfinished = true;
    file->size += (off_t)done;
    return error_set_errno(err, errno, "cutting off an unfinished line");
  }
  file->size += (off_t)whole;
  return failure ? error_set_errno(err, failure, "writing") : 0;
}

/* A pipe that poll calls writable takes PIPE_BUF bytes at once. */
static int write_stream(struct decision_file *file, struct str lines, int wait_ms, size_t *ret_done,
                        struct error *err)
{
  size_t done = 0;
  int failure = 0;
  while (done < lines.len && !failure) {
    struct pollfd p = {.fd = file->fd, .events = POLLOUT};
    int ready = poll(&p, 1, wait_ms);
    if (ready == 0 || (ready < 0 && errno == EINTR))
      break;
    size_t part = lines.len - done < PIPE_BUF ? lines.len - done : PIPE_BUF;
    ssize_t n = ready < 0 ? -1 : write(file->fd, lines.data + done, part);
    if (n > 0)
      done += (size_t)n;
    else if (n < 0 && errno == EAGAIN)
      break;
    else if (n < 0 && errno != EINTR)
      failure = errno;
  }
  *ret_done = done;
  file->unfinished = done ? lines.data[done - 1] != '\n' : file->unfinished;
  return failure ? error_set_errno(err, failure, "writing") : 0;
}

static int end_unfinished(struct decision_file *file, struct error *err)
{
  if (write(file->fd, "\n", 1) != 1)
    return error_set_errno(err, errno, "ending an unfinished line");
  file->size++;
  file->unfinished = false;
  return 0;
}

int decision_file_write(struct decision_file *file, struct str lines, int wait_ms, size_t *ret_done,
                        struct error *err)
{
  *ret_done = 0;
  if (!file->regular)
    return write_stream(file, lines, wait_ms, ret_done, err);
  int rc = file->unfinished ? end_unfinished(file, err) : 0;
  return rc < 0 ? rc : write_regular(file, lines, ret_done, err);
}

bool decision_file_is_full(const struct decision_file *file, size_t line)
{
  return file->rotate_at && file->size > 0 && file->size + (off_t)line > file->rotate_at;
}

static const char *numbered(struct buf *name, const struct decision_file *file, unsigned number)
{
  buf_clear(name);
  buf_add_text(name, file->path);
  if (number)
    buf_printf(name, ".%u", number);
  return buf_text(name);
}

/* NAME.1 to NAME.keep move up; the last one makes way. */
static int shift(struct decision_file *file, struct error *err)
{
  _cleanup_(buf_free) struct buf from = {0}, to = {0};
  if (!file->keep)
    return unlink(file->path) == 0 || errno == ENOENT
               ? 0
               : error_set_errno(err, errno, "%s: removing", file->path);
  for (unsigned i = file->keep; i > 0; i--)
    if (rename(numbered(&from, file, i - 1), numbered(&to, file, i)) != 0 && errno != ENOENT)
      return error_set_errno(err, errno, "%s: renaming to %s", buf_text(&from), buf_text(&to));
  return 0;
}

int decision_file_rotate(struct decision_file *file, struct error *err)
{
  uint64_t cut;
  if (file->dirty)
    decision_file_sync(file, NULL);
  int rc = shift(file, err);
  if (rc == 0)
    rc = decision_file_reopen(file, &cut, err);
  if (rc < 0)
    file->rotate_at = file->size + (off_t)file->rotate_bytes;
  return rc;
}

int decision_file_sync(struct decision_file *file, struct error *err)
{
  file->dirty = false;
  if (!file->regular || fdatasync(file->fd) == 0)
    return 0;
  return error_set_errno(err, errno, "syncing");
}
