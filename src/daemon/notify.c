#include "daemon/notify.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static const char *manager(void)
{
  const char *name = getenv("NOTIFY_SOCKET");
  return name && *name ? name : NULL;
}

/* An abstract name begins with a zero byte, for which "@" stands, and has none at its end. */
static int address_of(const char *name, struct sockaddr_un *ret, socklen_t *ret_len,
                      struct error *err)
{
  size_t len = strlen(name);
  bool is_abstract = name[0] == '@';
  if ((name[0] != '/' && !is_abstract) || len < 2)
    return error_set(err, SW_EINVAL, "NOTIFY_SOCKET is \"%s\", must be an absolute path or @NAME",
                     name);
  if (len >= sizeof ret->sun_path)
    return error_set(err, SW_EINVAL, "NOTIFY_SOCKET has %zu bytes; a socket's name has at most %zu",
                     len, sizeof ret->sun_path - 1);
  *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
  memcpy(ret->sun_path, name, len);
  if (is_abstract)
    ret->sun_path[0] = '\0';
  *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (is_abstract ? 0 : 1));
  return 0;
}

static int send_to(const char *name, struct str state, struct error *err)
{
  struct sockaddr_un address;
  socklen_t address_len = 0;
  int r = address_of(name, &address, &address_len, err);
  if (r < 0)
    return r;
  _cleanup_(file_closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return error_set_errno(err, errno, "making a socket");
  struct timeval wait = {.tv_sec = NOTIFY_WAIT_MS / 1000, .tv_usec = NOTIFY_WAIT_MS % 1000 * 1000};
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0)
    return error_set_errno(err, errno, "limiting how long sending waits");
  ssize_t sent;
  do
    sent =
        sendto(fd, state.data, state.len, MSG_NOSIGNAL, (struct sockaddr *)&address, address_len);
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN)
    return error_set(err, SW_EIO, "nobody read from NOTIFY_SOCKET %s for %d ms", name,
                     NOTIFY_WAIT_MS);
  if (sent < 0)
    return error_set_errno(err, errno, "sending to NOTIFY_SOCKET %s", name);
  return 0;
}

int notify_send(const char *state, struct error *err)
{
  struct str text = str_from(state);
  if (!text.len)
    return error_set(err, SW_EUSAGE, "telling the service manager: there is nothing to tell");
  if (text.len > NOTIFY_STATE_MAX)
    return error_set(err, SW_ELIMIT,
                     "telling the service manager: %zu bytes are more than the %d it takes",
                     text.len, NOTIFY_STATE_MAX);
  const char *name = manager();
  if (!name)
    return 0;
  int r = send_to(name, text, err);
  if (r < 0)
    error_wrap(err, "telling the service manager"); /* which does not know the code without err */
  return r;
}

int notify_reloading(struct error *err)
{
  char state[64];
  snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%llu",
           (unsigned long long)(clock_monotonic_ns(clock_system()) / 1000));
  return notify_send(state, err);
}

static int number_of(const char *variable, const char *text, unsigned long long max,
                     unsigned long long *ret, struct error *err)
{
  if (!str_to_u64(str_from(text), max, ret))
    return error_set(err, SW_EINVAL, "%s is \"%s\", must be a number from 0 to %llu", variable,
                     text, max);
  return 0;
}

int notify_watchdog(uint64_t *ret_ns, struct error *err)
{
  const char *every = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
  unsigned long long us = 0, pid = (unsigned long long)getpid();
  int r = 0;
  if (every && *every)
    r = number_of("WATCHDOG_USEC", every, UINT64_MAX / 1000, &us, err);
  if (r == 0 && process && *process)
    r = number_of("WATCHDOG_PID", process, INT_MAX, &pid, err);
  if (r < 0)
    return r;
  *ret_ns = pid == (unsigned long long)getpid() ? us * 1000 : 0;
  return 0;
}
