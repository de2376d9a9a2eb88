#include "base/draft.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TRIES = 16, DIGITS = 16 };

static const char mark[] = ".new-";

/* The folder that a file is in, owned. */
static char *folder_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash)
    return mem_copy_text(".", 1);
  return slash == path ? mem_copy_text("/", 1) : mem_copy_text(path, (size_t)(slash - path));
}

static const char *name_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int open_folder(const char *target)
{
  _cleanup_(mem_freep) char *folder = folder_of(target);
  return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* ---- locks */

/* Linux makes a lock on SMB one that keeps everybody else's descriptors from the file, this process's other ones too. */
static bool can_lock(int fd)
{
  struct statfs fs;
  return fstatfs(fd, &fs) == 0 && (uint32_t)fs.f_type != SMB_SUPER_MAGIC &&
         (uint32_t)fs.f_type != CIFS_SUPER_MAGIC && (uint32_t)fs.f_type != SMB2_SUPER_MAGIC;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* ---- what others left */

static bool is_draft(const char *name, const char *of)
{
  size_t len = strlen(of);
  if (strncmp(name, of, len) != 0 || strncmp(name + len, mark, sizeof mark - 1) != 0)
    return false;
  const char *digits = name + len + sizeof mark - 1;
  return strspn(digits, "0123456789abcdef") == DIGITS && digits[DIGITS] == 0;
}

/* The lock is held until the name is gone: whoever makes a draft of this name meanwhile sees it go, and makes another. */
static void remove_left(int folder, const char *name)
{
  struct stat st, named;
  /* To be written, since NFS asks that of whoever locks. */
  _cleanup_(file_closep) int fd =
      openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
      !can_lock(fd) || flock(fd, LOCK_EX | LOCK_NB) < 0)
    return;
  if (fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && is_same(&st, &named))
    unlinkat(folder, name, 0);
}

/* That it could not be done is no reason not to write: the disk will tell if it is full. */
static void sweep(const char *target)
{
  int fd = open_folder(target);
  DIR *folder = fd < 0 ? NULL : fdopendir(fd);
  if (fd >= 0 && !folder)
    close(fd);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (is_draft(entry->d_name, name_of(target)))
      remove_left(fd, entry->d_name);
  if (folder)
    closedir(folder);
}

/* ---- */

static char *draft_name(const char *target)
{
  uint64_t random = 0;
  size_t size = strlen(target) + sizeof mark + DIGITS;
  char *name = mem_alloc(size);
  if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
    random = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)name;
  snprintf(name, size, "%s%s%016" PRIx64, target, mark, random);
  return name;
}

/* False: somebody who was sweeping took it for left behind before it was locked. */
static bool lock(const char *path, int fd)
{
  struct stat st, named;
  if (!can_lock(fd))
    return true;
  if (flock(fd, LOCK_EX | LOCK_NB) < 0)
    return errno != EWOULDBLOCK;
  return fstat(fd, &st) == 0 && stat(path, &named) == 0 && is_same(&st, &named);
}

int draft_open(struct draft *d, const char *target, struct error *err)
{
  int errnum = EEXIST;
  *d = (struct draft){.fd = -1};
  sweep(target);
  for (int tries = 0; tries < TRIES && (errnum == EEXIST || errnum == EINTR); tries++) {
    char *name = draft_name(target);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 && lock(name, fd)) {
      *d = (struct draft){name, mem_copy_text(target, strlen(target)), fd};
      return 0;
    }
    errnum = fd < 0 ? errno : EEXIST;
    if (fd >= 0) {
      unlink(name);
      close(fd);
    }
    mem_free(name);
  }
  return error_set_errno(err, errnum, "making a file beside %s", target);
}

/* Readable as the file it replaces. */
static int take_mode(const struct draft *d)
{
  struct stat st;
  return fchmod(d->fd, stat(d->target, &st) == 0 && S_ISREG(st.st_mode) ? st.st_mode & 0777 : 0644);
}

static void sync_folder(const char *path)
{
  _cleanup_(file_closep) int fd = open_folder(path);
  if (fd >= 0)
    fsync(fd);
}

int draft_publish(struct draft *d, struct error *err)
{
  if (!d->path)
    return error_set(err, SW_EUSAGE, "the draft has been published already");
  if (take_mode(d) < 0 || fsync(d->fd) < 0)
    return error_set_errno(err, errno, "%s: writing it to the disk", d->path);
  if (rename(d->path, d->target) < 0)
    return error_set_errno(err, errno, "putting the new file in the place of %s", d->target);
  mem_free(d->path);
  d->path = NULL;
  sync_folder(d->target);
  draft_free(d);
  return 0;
}

void draft_free(struct draft *d)
{
  if (d->path)
    unlink(d->path);
  if (d->target)
    close(d->fd);
  mem_free(d->path);
  mem_free(d->target);
  *d = (struct draft){.fd = -1};
}
