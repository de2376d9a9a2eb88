#include "daemon/self_signed_int.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "daemon/self_signed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 32, LOCK_STEP_NS = 10000000 };

/* ---- the directory */

static int make_one(const char *path, struct error *err)
{
  if (mkdir(path, 0700) == 0 || errno == EEXIST)
    return 0;
  return error_set_errno(err, errno, "%s: the directory cannot be made", path);
}

/* Those above that exist are not asked to be made: it could be refused where it is not needed. */
static int make_all(const char *path, struct error *err)
{
  struct stat st;
  _cleanup_(mem_freep) char *part = mem_copy_text(path, strlen(path));
  for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    int rc = stat(part, &st) < 0 ? make_one(part, err) : 0;
    if (rc < 0)
      return rc;
    *slash = '/';
  }
  return make_one(path, err);
}

/* A link to the directory counts if nobody but root and the user could have made it. */
static int open_directory(const char *path)
{
  int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  int fd = open(path, flags | O_NOFOLLOW);
  if (fd >= 0 || (errno != ELOOP && errno != ENOTDIR))
    return fd;
  int errnum = errno;
  struct stat st;
  if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()))
    return open(path, flags);
  errno = errnum;
  return -1;
}

static int check_directory(int fd, const char *path, struct error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set_errno(err, errno, "%s: cannot be examined", path);
  if (st.st_uid != geteuid())
    return error_set(
        err, SW_EACCES,
        "%s: the directory belongs to user %u, and seawall runs as user %u: keys may not "
        "be kept there; change its owner, or name another directory",
        path, (unsigned)st.st_uid, (unsigned)geteuid());
  if (st.st_mode & 022)
    return error_set(
        err, SW_EACCES,
        "%s: others may write to the directory (mode %04o): keys may not be kept there; "
        "name one below it, or one that is yours alone",
        path, (unsigned)st.st_mode & 07777);
  return 0;
}

int own_directory_open(const char *path, struct own_directory *ret, struct error *err)
{
  int fd = open_directory(path);
  if (fd < 0 && errno == ENOENT) {
    int rc = make_all(path, err);
    if (rc < 0)
      return rc;
    fd = open_directory(path);
  }
  if (fd < 0) {
    if (errno == ELOOP || errno == ENOTDIR)
      return error_set(err, SW_EACCES,
                       "%s: is not a directory, or a symbolic link that somebody else made", path);
    return error_set_errno(err, errno, "%s: the directory cannot be opened", path);
  }
  int rc = check_directory(fd, path, err);
  if (rc < 0) {
    close(fd);
    return rc;
  }
  *ret = (struct own_directory){fd, path};
  return 0;
}

void own_directory_close(struct own_directory *directory)
{
  if (directory->fd >= 0)
    close(directory->fd);
  directory->fd = -1;
}

/* ---- reading */

static int check_file(int fd, const char *path, bool secret, struct error *err)
{
  struct stat st;
  if (fstat(fd, &st) < 0)
    return error_set_errno(err, errno, "%s: cannot be examined", path);
  if (st.st_uid != geteuid())
    return error_set(
        err, SW_EACCES,
        "%s: belongs to user %u, and seawall runs as user %u: remove it to have another made", path,
        (unsigned)st.st_uid, (unsigned)geteuid());
  if (secret && st.st_mode & 077)
    return error_set(err, SW_EACCES,
                     "%s: others may read this key (mode %04o): chmod 600 it if nobody has, else "
                     "remove it to have another made",
                     path, (unsigned)st.st_mode & 07777);
  if (st.st_mode & 022)
    return error_set(err, SW_EACCES,
                     "%s: others may write to it (mode %04o): remove it to have another made", path,
                     (unsigned)st.st_mode & 07777);
  return 0;
}

static void path_of(const struct own_directory *directory, const char *name, struct buf *ret)
{
  buf_add_text(ret, directory->path);
  buf_add_byte(ret, '/');
  buf_add_text(ret, name);
}

static int read_checked(const struct own_directory *directory, const char *name, const char *path,
                        bool secret, struct buf *text, enum own_file *ret, struct error *err)
{
  struct error own;
  _cleanup_(file_closep) int fd = file_open_at(directory->fd, name, path, FILE_NO_FOLLOW, &own);
  if (fd == SW_ENOENT) {
    *ret = OWN_MISSING;
    return 0;
  }
  if (fd == SW_EINVAL) /* a link, a directory, a FIFO: nothing that was made here */
    return error_set(err, SW_EACCES, "%s: remove it to have a file made", own.message);
  if (fd < 0)
    return error_set(err, fd, "%s", own.message);
  int rc = check_file(fd, path, secret, err);
  if (rc < 0)
    return rc;
  /* What a key's text has grown out of would stay behind in memory. */
  buf_reserve(text, SELF_SIGNED_FILE_MAX);
  rc = file_read_fd(fd, path, SELF_SIGNED_FILE_MAX, text, err);
  *ret = rc == SW_ELIMIT ? OWN_TOO_LARGE : OWN_READ;
  return rc == SW_ELIMIT ? 0 : rc;
}

int own_file_read(const struct own_directory *directory, const char *name, bool secret,
                  struct buf *text, enum own_file *ret, struct error *err)
{
  _cleanup_(buf_free) struct buf path = {0};
  path_of(directory, name, &path);
  return read_checked(directory, name, buf_text(&path), secret, text, ret, err);
}

/* ---- writing */

/* Under the lock nobody else has this name; what is there is left from a program that was killed. */
static int open_beside(const struct own_directory *directory, const char *name, struct error *err)
{
  if (unlinkat(directory->fd, name, 0) < 0 && errno != ENOENT)
    return error_set_errno(err, errno, "%s/%s: cannot be removed", directory->path, name);
  int fd = openat(directory->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return error_set_errno(err, errno, "%s: no file can be made in this directory",
                           directory->path);
  return fd;
}

/* Some file systems do not sync. */
static bool synced(int fd)
{
  return fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
}

static int write_content(int fd, bool secret, struct str text, struct error *err)
{
  int rc = fd_write_all(fd, text.data, text.len, err);
  if (rc == 0 && !secret && fchmod(fd, 0644) < 0)
    rc = error_set_errno(err, errno, "its mode cannot be set");
  if (rc == 0 && !synced(fd))
    rc = error_set_errno(err, errno, "writing failed");
  return rc;
}

int own_file_write(const struct own_directory *directory, const char *name, bool secret,
                   struct str text, struct error *err)
{
  char beside[NAME_ROOM];
  snprintf(beside, sizeof beside, ".%s.new", name);
  int fd = open_beside(directory, beside, err);
  if (fd < 0)
    return fd;
  struct error own;
  int rc = write_content(fd, secret, text, &own);
  if (close(fd) < 0 && rc == 0 && errno != EINTR)
    rc = error_set_errno(&own, errno, "writing failed");
  if (rc == 0 && renameat(directory->fd, beside, directory->fd, name) < 0)
    rc = error_set_errno(&own, errno, "the file cannot be replaced");
  if (rc == 0 && !synced(directory->fd))
    rc = error_set_errno(&own, errno, "writing failed");
  if (rc == 0)
    return 0;
  unlinkat(directory->fd, beside, 0);
  return error_set(err, rc, "%s/%s: %s", directory->path, name, own.message);
}

int own_file_set_aside(const struct own_directory *directory, const char *name, struct error *err)
{
  char old[NAME_ROOM];
  snprintf(old, sizeof old, "%s.old", name);
  if (renameat(directory->fd, name, directory->fd, old) == 0 || errno == ENOENT)
    return 0;
  return error_set_errno(err, errno, "%s/%s: cannot be renamed to %s", directory->path, name, old);
}

/* ---- the lock */

static int wait_for_lock(int fd, const char *path, unsigned wait_ms, struct error *err)
{
  uint64_t end = clock_monotonic_ns(clock_system()) + (uint64_t)wait_ms * 1000000;
  while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return error_set_errno(err, errno, "%s: cannot be locked", path);
    if (clock_monotonic_ns(clock_system()) >= end)
      return error_set(err, SW_EIO,
                       "%s: another process has held the lock of this directory for %u ms", path,
                       wait_ms);
    struct timespec step = {.tv_nsec = LOCK_STEP_NS};
    nanosleep(&step, NULL);
  }
  return 0;
}

int own_directory_lock(const struct own_directory *directory, unsigned wait_ms, int *ret_fd,
                       struct error *err)
{
  int fd =
      openat(directory->fd, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd < 0)
    return error_set_errno(err, errno, "%s: no file can be made in this directory",
                           directory->path);
  int rc = wait_for_lock(fd, directory->path, wait_ms, err);
  if (rc < 0) {
    close(fd);
    return rc;
  }
  *ret_fd = fd;
  return 0;
}
