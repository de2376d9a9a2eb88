#include "base/sink.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void sink_to_fd(struct sink *s, int fd)
{
  *s = (struct sink){.fd = fd};
}

void sink_to_memory(struct sink *s, size_t cap)
{
  *s = (struct sink){.fd = -1, .memory = true};
  buf_init(&s->buf, cap);
}

/* The descriptor that /dev/stdout and its like stand for; -1: the path is no such name. Opening
 * them would give a second file position, and replacing what they lead to would take the file from
 * under the descriptor. */
static int named_descriptor(const char *path)
{
  if (strcmp(path, "/dev/stdout") == 0)
    return STDOUT_FILENO;
  if (strcmp(path, "/dev/stderr") == 0)
    return STDERR_FILENO;
  unsigned long long n;
  struct str name = str_from(path), prefix = STR("/dev/fd/");
  if (str_starts(name, prefix) && str_to_u64(str_sub(name, prefix.len, SIZE_MAX), INT_MAX, &n))
    return (int)n;
  return -1;
}

static int open_descriptor(struct sink *s, int fd, struct error *err)
{
  s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (s->fd < 0)
    return error_set_errno(err, errno, "descriptor %d cannot be written", fd);
  s->owned = true;
  return 0;
}

static int open_directly(struct sink *s, const char *path, struct error *err)
{
  s->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
  if (s->fd < 0)
    return error_set_errno(err, errno, "cannot be opened");
  s->owned = true;
  return 0;
}

/* A name in the directory of path that nobody has. */
static char *name_beside(const char *path)
{
  const char *slash = strrchr(path, '/');
  uint64_t random = 0;
  if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
    random = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&random;
  struct buf name = {0};
  buf_add(&name, str_make(path, slash ? (size_t)(slash + 1 - path) : 0));
  buf_printf(&name, ".seawall-%016llx.tmp", (unsigned long long)random);
  char *copy = mem_copy_text(name.data, name.len);
  buf_free(&name);
  return copy;
}

static int open_beside(struct sink *s, const char *path, struct error *err)
{
  int errnum = EEXIST;
  for (int tries = 0; tries < 16 && (errnum == EEXIST || errnum == EINTR); tries++) {
    char *name = name_beside(path);
    s->fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (s->fd >= 0) {
      s->owned = true;
      s->temporary = name;
      s->path = mem_copy_text(path, strlen(path));
      return 0;
    }
    errnum = errno;
    mem_free(name);
  }
  return error_set_errno(err, errnum, "no file can be made in its directory");
}

static int open_target(struct sink *s, const char *path, struct error *err)
{
  size_t len = strlen(path);
  if (len == 0)
    return error_set(err, SW_ENOENT, "the name of the file is empty");
  int fd = named_descriptor(path);
  if (fd >= 0)
    return open_descriptor(s, fd, err);
  struct stat st;
  if (stat(path, &st) < 0) {
    if (errno != ENOENT)
      return error_set_errno(err, errno, "cannot be written");
    if (lstat(path, &st) == 0)
      return error_set(err, SW_ENOENT, "is a symbolic link that leads to nothing");
    if (path[len - 1] == '/')
      return error_set(err, SW_ENOENT, "names a directory that does not exist");
    return open_beside(s, path, err);
  }
  if (S_ISDIR(st.st_mode))
    return error_set(err, SW_EINVAL, "is a directory");
  if (!S_ISREG(st.st_mode))
    return open_directly(s, path, err);
  /* A file that its owner has protected stays, although its directory would let it be replaced. */
  if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
    return error_set_errno(err, errno, "cannot be written");
  char real[PATH_MAX];
  if (!realpath(path, real))
    return error_set_errno(err, errno, "cannot be written");
  s->replaces = true;
  s->mode = st.st_mode & 0777;
  return open_beside(s, real, err);
}

int sink_to_file(struct sink *s, const char *path, struct error *err)
{
  *s = (struct sink){.fd = -1};
  int rc = open_target(s, path, &s->error);
  if (rc == 0)
    return 0;
  error_wrap(&s->error, "%s", path);
  if (err)
    *err = s->error;
  return rc;
}

/* Hands bytes to the system unless something failed before. */
static void write_out(struct sink *s, struct str bytes)
{
  if (s->error.code || bytes.len == 0)
    return;
  if (s->fd < 0) {
    error_set(&s->error, SW_EIO, "output after the end");
    return;
  }
  int rc = fd_write_all(s->fd, bytes.data, bytes.len, &s->error);
  if (rc == 0)
    s->written += bytes.len;
}

static void write_buffer(struct sink *s)
{
  if (s->buf.failed && !s->error.code)
    error_set(&s->error, SW_ELIMIT, "a piece of the output is larger than %zu bytes",
              s->buf.cap ? s->buf.cap : (size_t)BUF_CAP_DEFAULT);
  if (s->memory)
    return;
  write_out(s, buf_str(&s->buf));
  buf_clear(&s->buf);
}

void sink_settle(struct sink *s)
{
  if (s->buf.len >= SINK_BUFFER || s->buf.failed || s->error.code)
    write_buffer(s);
}

void sink_add(struct sink *s, struct str text)
{
  if (s->error.code)
    return;
  if (!s->memory && text.len >= SINK_BUFFER) {
    write_buffer(s);
    write_out(s, text);
    return;
  }
  buf_add(&s->buf, text);
  sink_settle(s);
}

void sink_printf(struct sink *s, const char *format, ...)
{
  if (s->error.code)
    return;
  char text[512];
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (wanted < 0) {
    error_set(&s->error, SW_EINVAL, "a text cannot be formatted");
    return;
  }
  if ((size_t)wanted < sizeof text) {
    sink_add(s, str_make(text, (size_t)wanted));
    return;
  }
  if (!buf_reserve(&s->buf, (size_t)wanted + 1)) {
    sink_settle(s);
    return;
  }
  va_start(args, format);
  vsnprintf(s->buf.data + s->buf.len, (size_t)wanted + 1, format, args);
  va_end(args);
  s->buf.len += (size_t)wanted;
  sink_settle(s);
}

static int tell(const struct sink *s, struct error *err)
{
  if (s->error.code && err)
    *err = s->error;
  return s->error.code;
}

int sink_flush(struct sink *s, struct error *err)
{
  write_buffer(s);
  return tell(s, err);
}

static void fail(struct sink *s, const char *what)
{
  if (!s->error.code)
    error_set_errno(&s->error, errno, "%s", what);
}

/* The new name must survive a crash as the content does; where a file system cannot sync a
 * directory there is nothing more to be done. */
static void sync_directory(const char *path)
{
  const char *slash = strrchr(path, '/');
  size_t len = slash ? (size_t)(slash - path) : 0;
  _cleanup_(mem_freep) char *directory = len ? mem_copy_text(path, len)
                                             : mem_copy_text(slash ? "/" : ".", 1);
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
}

static void close_descriptor(struct sink *s)
{
  if (s->owned && s->fd >= 0 && close(s->fd) < 0 && errno != EINTR)
    fail(s, "writing failed");
  s->fd = -1;
}

/* The file written beside takes its place, or is removed. */
static void settle_file(struct sink *s)
{
  if (!s->error.code && s->replaces && fchmod(s->fd, s->mode) < 0)
    fail(s, "the mode of the file cannot be set");
  /* EINVAL and EROFS: a file system that does not sync. */
  if (!s->error.code && fsync(s->fd) < 0 && errno != EINVAL && errno != EROFS)
    fail(s, "writing failed");
  close_descriptor(s);
  if (!s->error.code && rename(s->temporary, s->path) < 0)
    fail(s, "the file cannot be replaced");
  if (s->error.code)
    unlink(s->temporary);
  else
    sync_directory(s->path);
}

static void drop_names(struct sink *s)
{
  mem_free(s->path);
  mem_free(s->temporary);
  s->path = s->temporary = NULL;
}

int sink_finish(struct sink *s, struct error *err)
{
  write_buffer(s);
  if (s->temporary)
    settle_file(s);
  else
    close_descriptor(s);
  drop_names(s);
  return tell(s, err);
}

void sink_free(struct sink *s)
{
  if (s->owned && s->fd >= 0)
    close(s->fd);
  if (s->temporary)
    unlink(s->temporary);
  drop_names(s);
  buf_free(&s->buf);
  s->fd = -1;
}
