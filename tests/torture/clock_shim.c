/*
 * Moves the wall clock of a program that is started with it: by as many seconds as the file that
 * CLOCK_SHIM names has as its first eight bytes, whenever it is asked. The monotonic clock stays.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset;

__attribute__((constructor)) static void begin(void)
{
  const char *path = getenv("CLOCK_SHIM");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  void *map = fd >= 0 ? mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (map != MAP_FAILED)
    offset = map;
  if (fd >= 0)
    close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
  static int (*real)(clockid_t, struct timespec *);
  if (!real)
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int rc = real(clock, ret);
  if (rc == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    ret->tv_sec += *offset;
  return rc;
}

time_t time(time_t *ret)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (ret)
    *ret = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}
