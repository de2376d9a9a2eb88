/* Helpers of Docker's: https://github.com/docker/docker-credential-helpers, "Development". */
#include "oci/credentials_int.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MS = 1000000, KEY_MAX = 1024, TOLD_MAX = 200 };

struct helper {
  char program[32 + OCI_CREDENTIALS_NAME_MAX];
  int input, output; /* our end of its output, its end of the input; -1: closed */
  int given;         /* its end of the output */
  pid_t pid;         /* 0: none */
  uint64_t end_ns;
};

static bool is_name(struct str name)
{
  if (!name.len || name.len > OCI_CREDENTIALS_NAME_MAX || name.data[0] == '-' ||
      name.data[0] == '.')
    return false;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.data[i];
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && c != '-' && c != '_' && c != '.')
      return false;
  }
  return true;
}

static void close_one(int *fd)
{
  file_closep(fd);
  *fd = -1;
}

/* The key fits into a pipe, so it is written before anybody reads: no waiting, and no SIGPIPE. */
static int open_pipes(struct helper *h, struct str key, struct error *err)
{
  int in[2], out[2];
  if (key.len > KEY_MAX)
    return error_set(err, SW_ELIMIT, "the name of the registry is too long");
  if (pipe2(in, O_CLOEXEC) < 0)
    return error_set_errno(err, errno, "a pipe");
  h->input = in[0];
  ssize_t written = write(in[1], key.data, key.len);
  close(in[1]);
  if (written != (ssize_t)key.len)
    return error_set(err, SW_EIO, "the name of the registry cannot be written");
  if (pipe2(out, O_CLOEXEC) < 0)
    return error_set_errno(err, errno, "a pipe");
  h->output = out[0];
  h->given = out[1];
  return fcntl(h->output, F_SETFL, O_NONBLOCK) < 0 ? error_set_errno(err, errno, "a pipe") : 0;
}

static int set_up(const struct helper *h, posix_spawn_file_actions_t *actions,
                  posix_spawnattr_t *attributes)
{
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int rc = posix_spawn_file_actions_adddup2(actions, h->input, 0);
  if (rc == 0)
    rc = posix_spawn_file_actions_adddup2(actions, h->given, 1);
  if (rc == 0)
    rc = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
  if (rc == 0)
    rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
  if (rc == 0)
    rc = posix_spawnattr_setsigdefault(attributes, &all);
  if (rc == 0)
    rc = posix_spawnattr_setsigmask(attributes, &none);
  if (rc == 0) /* a group of its own, to be killed with all that it starts */
    rc = posix_spawnattr_setpgroup(attributes, 0);
  return rc ? rc
            : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETPGROUP);
}

static int start(struct helper *h, struct error *err)
{
  char verb[] = "get";
  char *arguments[] = {h->program, verb, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions) != 0)
    return error_set(err, SW_EIO, "it cannot be started");
  if (posix_spawnattr_init(&attributes) != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return error_set(err, SW_EIO, "it cannot be started");
  }
  int rc = set_up(h, &actions, &attributes);
  if (rc == 0)
    rc = posix_spawnp(&h->pid, h->program, &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close_one(&h->given);
  close_one(&h->input);
  if (rc == 0)
    return 0;
  h->pid = 0;
  return rc == ENOENT ? error_set(err, SW_ENOENT, "it is not in the PATH")
                      : error_set_errno(err, rc, "it cannot be started");
}

static int left_ms(const struct helper *h)
{
  uint64_t now = clock_monotonic_ns(clock_system());
  return now >= h->end_ns ? 0 : (int)((h->end_ns - now) / MS) + 1;
}

/* What is there now: 1, 0 at the end, -1 if there is nothing yet. */
static int take(const struct helper *h, struct buf *output)
{
  char piece[4096];
  ssize_t got = read(h->output, piece, sizeof piece);
  if (got > 0)
    buf_add(output, str_make(piece, (size_t)got));
  explicit_bzero(piece, sizeof piece);
  if (got < 0)
    return errno == EAGAIN || errno == EINTR ? -1 : 0;
  return got > 0;
}

/* Reads until the program has ended, or has closed its output and then ended. */
static int listen_to(const struct helper *h, int process, struct buf *output, struct error *err)
{
  bool open = true;
  for (;;) {
    struct pollfd wanted[2] = {{.fd = process, .events = POLLIN},
                               {.fd = open ? h->output : -1, .events = POLLIN}};
    int ready = poll(wanted, 2, left_ms(h));
    if (ready < 0 && errno != EINTR)
      return error_set_errno(err, errno, "waiting for it");
    if (ready == 0 && left_ms(h) == 0)
      return error_set(err, SW_ELIMIT, "it has not answered in time");
    int more = ready > 0 && open ? 1 : -1;
    while (more == 1 && !buf_failed(output))
      more = take(h, output);
    open = open && more != 0;
    if (buf_failed(output))
      return error_set(err, SW_ELIMIT, "it says more than %d KiB",
                       OCI_CREDENTIALS_HELPER_MAX >> 10);
    if (ready > 0 && wanted[0].revents)
      return 0;
  }
}

/* Whatever became of it: nothing of it is left behind, what it has started neither. */
static int stop(struct helper *h)
{
  int status = 0;
  kill(-h->pid, SIGKILL);
  while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
    ;
  h->pid = 0;
  return status;
}

/* As the helpers' own library words it. */
static bool says_unknown(struct str text)
{
  return str_find(text, 0, STR("credentials not found")) >= 0 ||
         str_find(text, 0, STR("no credentials server URL")) >= 0;
}

static int tell_failure(struct buf *output, struct error *err)
{
  for (size_t i = 0; i < output->len; i++)
    if ((unsigned char)output->data[i] < 0x20 || output->data[i] == 0x7f)
      output->data[i] = ' ';
  struct str text = str_trim(str_sub(buf_str(output), 0, TOLD_MAX));
  return error_set(err, SW_EIO, "it failed%s%.*s", text.len ? ": " : "", STR_FMT(text));
}

static int run(struct helper *h, struct str key, struct buf *output, bool *ret_unknown,
               struct error *err)
{
  int rc = open_pipes(h, key, err);
  if (rc == 0)
    rc = start(h, err);
  if (rc < 0)
    return rc;
  int process = (int)syscall(SYS_pidfd_open, h->pid, 0);
  rc = process < 0 ? error_set_errno(err, errno, "waiting for it")
                   : listen_to(h, process, output, err);
  file_closep(&process);
  int status = stop(h);
  if (rc < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
    return rc;
  *ret_unknown = says_unknown(buf_str(output));
  return *ret_unknown ? error_set(err, SW_ENOENT, "it knows no login") : tell_failure(output, err);
}

int oci_helper_run(struct str name, struct str key, unsigned ms, struct buf *output,
                   bool *ret_unknown, struct error *err)
{
  struct helper h = {.input = -1, .output = -1, .given = -1};
  *ret_unknown = false;
  if (!is_name(name))
    return error_set(err, SW_EINVAL, "\"%.*s\" is no name of a helper",
                     STR_FMT(str_sub(name, 0, OCI_CREDENTIALS_NAME_MAX)));
  h.end_ns = clock_monotonic_ns(clock_system()) + (uint64_t)ms * MS;
  snprintf(h.program, sizeof h.program, "docker-credential-%.*s", STR_FMT(name));
  int rc = run(&h, key, output, ret_unknown, err);
  file_closep(&h.input);
  file_closep(&h.output);
  file_closep(&h.given);
  return rc < 0 && err ? error_wrap(err, "%s", h.program) : rc;
}
