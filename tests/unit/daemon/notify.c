#include "daemon/notify.h"
#include "../test.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A manager that listens, at a path or under an abstract name. */
struct manager {
  int fd;
  char name[sizeof((struct sockaddr_un *)0)->sun_path];
};

static char directory[] = "/tmp/seawall-notify.XXXXXX";

static void manager_open(struct manager *m, bool is_abstract)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(m->name, sizeof m->name, is_abstract ? "@seawall%s" : "%s/notify", directory);
  size_t len = strlen(m->name);
  memcpy(address.sun_path, m->name, len);
  if (is_abstract)
    address.sun_path[0] = '\0';
  m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_true(m->fd >= 0);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + !is_abstract);
  assert_int_equal(bind(m->fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(setenv("NOTIFY_SOCKET", m->name, 1), 0);
}

static void manager_close(struct manager *m)
{
  file_closep(&m->fd);
  if (m->name[0] == '/')
    assert_int_equal(unlink(m->name), 0);
}

/* The next message; empty if there is none. */
static struct str heard(struct manager *m, char text[static NOTIFY_STATE_MAX + 1])
{
  ssize_t got = recv(m->fd, text, NOTIFY_STATE_MAX, MSG_DONTWAIT);
  if (got < 0)
    assert_int_equal(errno, EAGAIN);
  size_t len = got < 0 ? 0 : (size_t)got;
  text[len] = '\0';
  return str_make(text, len);
}

static int set_up(void **state)
{
  (void)state;
  return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
  (void)state;
  return rmdir(directory);
}

static int clear(void **state)
{
  (void)state;
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
  return 0;
}

static void test_nobody_listens(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(notify_send(NOTIFY_READY, &err), 0);
  assert_int_equal(notify_reloading(&err), 0);
  assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), 0);
}

static void hears(bool is_abstract)
{
  struct manager m;
  char text[NOTIFY_STATE_MAX + 1];
  struct error err;
  manager_open(&m, is_abstract);
  assert_int_equal(notify_send(NOTIFY_READY "\nSTATUS=12 policies", &err), 0);
  assert_int_equal(notify_send(NOTIFY_WATCHDOG, &err), 0);
  assert_int_equal(notify_send(NOTIFY_STOPPING, NULL), 0);
  assert_str(heard(&m, text), "READY=1\nSTATUS=12 policies");
  assert_str(heard(&m, text), "WATCHDOG=1");
  assert_str(heard(&m, text), "STOPPING=1");
  assert_str(heard(&m, text), "");
  manager_close(&m);
}

static void test_path(void **state)
{
  (void)state;
  hears(false);
}

static void test_abstract(void **state)
{
  (void)state;
  hears(true);
}

static void test_reloading(void **state)
{
  (void)state;
  static const char prefix[] = "RELOADING=1\nMONOTONIC_USEC=";
  struct manager m;
  char text[NOTIFY_STATE_MAX + 1];
  struct error err;
  unsigned long long said;
  manager_open(&m, false);
  uint64_t before = clock_monotonic_ns(clock_system()) / 1000;
  assert_int_equal(notify_reloading(&err), 0);
  uint64_t after = clock_monotonic_ns(clock_system()) / 1000;
  struct str message = heard(&m, text);
  assert_true(str_starts(message, str_from(prefix)));
  assert_true(str_to_u64(str_sub(message, sizeof prefix - 1, message.len), UINT64_MAX, &said));
  assert_in_range(said, before, after);
  manager_close(&m);
}

static void test_limits(void **state)
{
  (void)state;
  struct manager m;
  char text[NOTIFY_STATE_MAX + 1], most[NOTIFY_STATE_MAX + 2];
  struct error err;
  manager_open(&m, false);
  assert_int_equal(notify_send("", &err), SW_EUSAGE);
  memset(most, 'x', sizeof most);
  most[NOTIFY_STATE_MAX + 1] = '\0';
  assert_int_equal(notify_send(most, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "4097 bytes");
  assert_str(heard(&m, text), "");
  most[NOTIFY_STATE_MAX] = '\0';
  assert_int_equal(notify_send(most, &err), 0);
  assert_int_equal(heard(&m, text).len, NOTIFY_STATE_MAX);
  manager_close(&m);
}

static void test_wrong_sockets(void **state)
{
  (void)state;
  struct error err;
  char path[200];
  assert_int_equal(setenv("NOTIFY_SOCKET", "run/notify", 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "telling the service manager: NOTIFY_SOCKET is \"run/notify\"");
  assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:1234", 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), SW_EINVAL);
  assert_int_equal(setenv("NOTIFY_SOCKET", "@", 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), SW_EINVAL);

  memset(path, 'x', sizeof path);
  path[0] = '/';
  path[108] = '\0';
  assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "108 bytes");

  snprintf(path, sizeof path, "%s/gone", directory);
  assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
  assert_int_equal(notify_send(NOTIFY_READY, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "/gone");
}

/* A manager that hangs must not hang the program. */
static void test_nobody_reads(void **state)
{
  (void)state;
  struct manager m;
  struct error err;
  int r = 0;
  manager_open(&m, false);
  for (int i = 0; i < 100000 && r == 0; i++)
    r = notify_send(NOTIFY_WATCHDOG, &err);
  assert_int_equal(r, SW_EIO);
  assert_error(err, SW_EIO, "nobody read");
  manager_close(&m);
}

static void test_no_descriptor_is_left(void **state)
{
  (void)state;
  struct manager m;
  int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
  assert_int_equal(close(before), 0);
  manager_open(&m, false);
  for (int i = 0; i < 3; i++)
    assert_int_equal(notify_send(NOTIFY_READY, NULL), 0);
  manager_close(&m);
  assert_int_equal(notify_send(NOTIFY_READY, NULL), SW_ENOENT);
  int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
  assert_int_equal(close(after), 0);
  assert_int_equal(after, before);
}

static void test_watchdog(void **state)
{
  (void)state;
  struct error err;
  uint64_t every = 1;
  assert_int_equal(notify_watchdog(&every, &err), 0);
  assert_int_equal(every, 0);

  char pid[24];
  setenv("WATCHDOG_USEC", "30000000", 1);
  assert_int_equal(notify_watchdog(&every, &err), 0);
  assert_int_equal(every, 30000000000);
  snprintf(pid, sizeof pid, "%d", (int)getpid());
  setenv("WATCHDOG_PID", pid, 1);
  every = 1;
  assert_int_equal(notify_watchdog(&every, &err), 0);
  assert_int_equal(every, 30000000000);
  snprintf(pid, sizeof pid, "%d", (int)getppid());
  setenv("WATCHDOG_PID", pid, 1);
  assert_int_equal(notify_watchdog(&every, &err), 0);
  assert_int_equal(every, 0);
}

static void test_wrong_watchdog(void **state)
{
  (void)state;
  struct error err;
  uint64_t every = 7;
  setenv("WATCHDOG_USEC", "30s", 1);
  assert_int_equal(notify_watchdog(&every, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "WATCHDOG_USEC is \"30s\"");
  setenv("WATCHDOG_USEC", "18446744073709552", 1); /* would not fit as nanoseconds */
  assert_int_equal(notify_watchdog(&every, &err), SW_EINVAL);
  setenv("WATCHDOG_USEC", "1", 1);
  setenv("WATCHDOG_PID", "-1", 1);
  assert_int_equal(notify_watchdog(&every, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "WATCHDOG_PID");
  assert_int_equal(every, 7);
}

#define CASE(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(test_nobody_listens), CASE(test_path),
      CASE(test_abstract),       CASE(test_reloading),
      CASE(test_limits),         CASE(test_wrong_sockets),
      CASE(test_nobody_reads),   CASE(test_no_descriptor_is_left),
      CASE(test_watchdog),       CASE(test_wrong_watchdog),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
