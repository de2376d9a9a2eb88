/*
 * shim.c - makes one chosen call fail, in a program that knows nothing of it.
 *
 * Loaded with LD_PRELOAD by tests/torture/run. By environment:
 *
 *   SEAWALL_TORTURE       what fails: malloc (malloc, calloc, realloc and the aligned ones: NULL,
 *                         ENOMEM), write (write, writev, pwrite: ENOSPC), read (read, pread: EIO),
 *                         open (open, openat: EMFILE), kill (the program is killed before a
 *                         write, as by kill -9)
 *   SEAWALL_TORTURE_AT    the number of the call that fails, from 1; 0: none
 *   SEAWALL_TORTURE_STAY  1: all later calls fail too, as on a disk that stays full; of writes,
 *                         those to standard error are spared then, for the message
 *   SEAWALL_TORTURE_HIT   a file that is made when a call is refused; it holds the descriptor for
 *                         write and read, else -1
 *
 * Counting begins when the shim is initialised: what the dynamic loader and the libraries
 * before it allocate is not part of the program. It knows glibc (the __libc_ names, so that no
 * dlsym is needed, which allocates itself), and sees calls through the dynamic linker only: what
 * stdio writes by itself it cannot refuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The ban on allocation does not hold for those who stand in for it. */
#undef malloc
#undef calloc
#undef realloc

enum kind { KIND_NONE, KIND_MALLOC, KIND_WRITE, KIND_READ, KIND_OPEN, KIND_KILL };

static enum kind failing;
static unsigned long fail_at;
static bool fail_on;
static const char *hit_path;
static atomic_ulong calls;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static enum kind kind_of(const char *name)
{
  static const char *const names[] = {"", "malloc", "write", "read", "open", "kill"};
  for (unsigned i = 1; name && i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i]) == 0)
      return (enum kind)i;
  return KIND_NONE;
}

__attribute__((constructor)) static void begin(void)
{
  const char *at = getenv("SEAWALL_TORTURE_AT");
  const char *stay = getenv("SEAWALL_TORTURE_STAY");
  hit_path = getenv("SEAWALL_TORTURE_HIT");
  fail_at = at ? strtoul(at, NULL, 10) : 0;
  fail_on = stay && stay[0] == '1';
  failing = kind_of(getenv("SEAWALL_TORTURE"));
}

static void note_hit(int fd)
{
  if (!hit_path)
    return;
  long note =
      syscall(SYS_openat, AT_FDCWD, hit_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (note < 0)
    return;
  char text[4] = "-1\n";
  size_t len = 3;
  if (fd >= 0 && fd <= 9) {
    text[0] = (char)('0' + fd);
    text[1] = '\n';
    len = 2;
  }
  syscall(SYS_write, note, text, len);
  syscall(SYS_close, note);
}

/* This call is one that fails. */
static bool refused(enum kind kind, int fd)
{
  bool kills = failing == KIND_KILL && kind == KIND_WRITE;
  if ((kind != failing && !kills) || fail_at == 0)
    return false;
  unsigned long number = atomic_fetch_add(&calls, 1) + 1;
  bool now = number == fail_at ||
             (fail_on && number > fail_at && !(kind == KIND_WRITE && fd == STDERR_FILENO));
  if (number == fail_at)
    note_hit(fd);
  if (number == fail_at && kills)
    raise(SIGKILL);
  return now && !kills;
}

void *malloc(size_t size)
{
  if (refused(KIND_MALLOC, -1)) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
  if (refused(KIND_MALLOC, -1)) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
  if (refused(KIND_MALLOC, -1)) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_realloc(p, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
  void *p = refused(KIND_MALLOC, -1) ? NULL : __libc_memalign(alignment, size);
  if (!p)
    return ENOMEM;
  *ret = p;
  return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
  if (refused(KIND_MALLOC, -1)) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_memalign(alignment, size);
}

ssize_t write(int fd, const void *data, size_t len)
{
  if (refused(KIND_WRITE, fd)) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_write, fd, data, len);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
  if (refused(KIND_WRITE, fd)) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
  if (refused(KIND_WRITE, fd)) {
    errno = ENOSPC;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
  return pwrite(fd, data, len, at);
}

ssize_t read(int fd, void *data, size_t len)
{
  if (refused(KIND_READ, fd)) {
    errno = EIO;
    return -1;
  }
  return syscall(SYS_read, fd, data, len);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
  if (refused(KIND_READ, fd)) {
    errno = EIO;
    return -1;
  }
  return syscall(SYS_pread64, fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
  return pread(fd, data, len, at);
}

/* What the fortified headers turn read and pread into where the target's size is known. */
ssize_t __read_chk(int fd, void *data, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *data, size_t len, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *data, size_t len, off64_t at, size_t room);
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

ssize_t __read_chk(int fd, void *data, size_t len, size_t room)
{
  if (len > room)
    abort();
  return read(fd, data, len);
}

ssize_t __pread_chk(int fd, void *data, size_t len, off_t at, size_t room)
{
  if (len > room)
    abort();
  return pread(fd, data, len, at);
}

ssize_t __pread64_chk(int fd, void *data, size_t len, off64_t at, size_t room)
{
  return __pread_chk(fd, data, len, at, room);
}

static int open_at(int folder, const char *path, int flags, unsigned mode)
{
  if (refused(KIND_OPEN, -1)) {
    errno = EMFILE;
    return -1;
  }
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* open's third argument is there only with these flags. */
#define MODE_ARGUMENT(flags, last)                                                                 \
  __extension__({                                                                                  \
    unsigned mode = 0;                                                                             \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {                                                       \
      va_list args;                                                                                \
      va_start(args, last);                                                                        \
      mode = va_arg(args, unsigned);                                                               \
      va_end(args);                                                                                \
    }                                                                                              \
    mode;                                                                                          \
  })

int open(const char *path, int flags, ...)
{
  return open_at(AT_FDCWD, path, flags, MODE_ARGUMENT(flags, flags));
}

int open64(const char *path, int flags, ...)
{
  return open_at(AT_FDCWD, path, flags, MODE_ARGUMENT(flags, flags));
}

int openat(int folder, const char *path, int flags, ...)
{
  return open_at(folder, path, flags, MODE_ARGUMENT(flags, flags));
}

int openat64(int folder, const char *path, int flags, ...)
{
  return open_at(folder, path, flags, MODE_ARGUMENT(flags, flags));
}

int __open_2(const char *path, int flags)
{
  return open_at(AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags)
{
  return open_at(folder, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
  return open_at(AT_FDCWD, path, flags, 0);
}

int __openat64_2(int folder, const char *path, int flags)
{
  return open_at(folder, path, flags, 0);
}
