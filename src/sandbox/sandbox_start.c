/*
 * Starting the guard. posix_spawn, since the caller may have threads: between fork and exec a copy of
 * a threaded process may hold locks whose holders do not exist in it, and it would hand the reader
 * everything the program has in memory. The guard is the same executable from its beginning, with
 * one thread, nobody's data, no environment, and the descriptors that are named here.
 */
#include "sandbox/sandbox_int.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the descriptors to be passed wait, clear of the numbers they get in the guard. */
enum { ABOVE = SANDBOX_FIRST_FD + SANDBOX_DESCRIPTORS_MAX, SEND_SECONDS = 30 };

enum { MAPPED_MAX = SANDBOX_FIRST_FD + SANDBOX_DESCRIPTORS_MAX };

/* What the guard gets: source[i] becomes i; -1: /dev/null. */
struct descriptors {
  int source[MAPPED_MAX];
  size_t count;
};

void sandbox_close(int *fd)
{
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
}

void sandbox_process_close(struct sandbox_process *p)
{
  sandbox_close(&p->control);
  sandbox_close(&p->answer);
  sandbox_close(&p->input);
}

static void close_all(struct descriptors *d)
{
  for (size_t i = 0; i < d->count; i++)
    sandbox_close(&d->source[i]);
}

/* Moves a descriptor above those that the guard will have, so that no dup2 meets another's source. */
static int place(struct descriptors *d, size_t number, int fd, struct error *err)
{
  d->source[number] = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE);
  if (d->source[number] < 0)
    return error_set_errno(err, errno, "starting a reader: a descriptor for it");
  return 0;
}

static int place_and_close(struct descriptors *d, size_t number, int fd, struct error *err)
{
  int rc = place(d, number, fd, err);
  close(fd);
  return rc;
}

static int make_answer(struct sandbox_process *p, struct descriptors *d, struct error *err)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return error_set_errno(err, errno, "starting a reader: a pipe");
  p->answer = ends[0];
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
    close(ends[1]);
    return error_set_errno(err, errno, "starting a reader: a pipe");
  }
  return place_and_close(d, STDOUT_FILENO, ends[1], err);
}

static int make_socket(int *ret_own, struct descriptors *d, size_t number, struct error *err)
{
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return error_set_errno(err, errno, "starting a reader: a socket");
  *ret_own = ends[0];
  return place_and_close(d, number, ends[1], err);
}

/* A socket and not a pipe, because writing to one whose reader is gone can be done without a
 * signal; what the reader might write back meets a closed end. */
static int make_input(struct sandbox_process *p, struct descriptors *d, struct error *err)
{
  int rc = make_socket(&p->input, d, STDIN_FILENO, err);
  if (rc == 0 && shutdown(p->input, SHUT_RD) < 0)
    rc = error_set_errno(err, errno, "starting a reader: its input");
  return rc;
}

static int check_descriptor(int fd, struct error *err)
{
  struct stat st;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fstat(fd, &st) < 0)
    return error_set_errno(err, errno, "passing descriptor %d to a reader", fd);
  if ((flags & O_ACCMODE) != O_RDONLY || S_ISSOCK(st.st_mode))
    return error_set(err, SW_EUSAGE,
                     "descriptor %d may be written to; a reader gets only what can be read", fd);
  return 0;
}

/* All are looked at before any is made, so that a number that is not open is not taken by ours. */
static int pass_on(struct descriptors *d, const struct sandbox_options *options, struct error *err)
{
  int rc = 0;
  for (size_t i = 0; i < options->descriptor_count && rc == 0; i++)
    rc = check_descriptor(options->descriptors[i], err);
  for (size_t i = 0; i < options->descriptor_count && rc == 0; i++)
    rc = place(d, SANDBOX_FIRST_FD + i, options->descriptors[i], err);
  return rc;
}

static int prepare(struct sandbox_process *p, struct descriptors *d,
                   const struct sandbox_options *options, bool with_input, struct error *err)
{
  d->count = SANDBOX_FIRST_FD + options->descriptor_count;
  for (size_t i = 0; i < d->count; i++)
    d->source[i] = -1;
  int rc = pass_on(d, options, err);
  if (rc == 0)
    rc = make_answer(p, d, err);
  if (rc == 0)
    rc = make_socket(&p->control, d, SANDBOX_CONTROL_FD, err);
  if (rc == 0 && with_input)
    rc = make_input(p, d, err);
  return rc;
}

static int add_descriptors(posix_spawn_file_actions_t *actions, const struct descriptors *d)
{
  int rc = 0;
  for (size_t i = 0; i < d->count && rc == 0; i++) {
    if (d->source[i] >= 0)
      rc = posix_spawn_file_actions_adddup2(actions, d->source[i], (int)i);
    else if (i == STDIN_FILENO)
      rc = posix_spawn_file_actions_addopen(actions, (int)i, "/dev/null", O_RDONLY, 0);
#ifndef SW_SANDBOX_SANITIZED
    else
      rc = posix_spawn_file_actions_addopen(actions, (int)i, "/dev/null", O_WRONLY, 0);
#endif
  }
  return rc ? rc : posix_spawn_file_actions_addclosefrom_np(actions, (int)d->count);
}

/* A session of its own: Ctrl-C at the terminal is for the program, which ends its readers. */
static int set_attributes(posix_spawnattr_t *attributes)
{
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int rc = posix_spawnattr_setsigdefault(attributes, &all);
  if (rc == 0)
    rc = posix_spawnattr_setsigmask(attributes, &none);
  if (rc == 0)
    rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSID);
  return rc;
}

/* The link itself, and not what it says: that is still the same file when a package has been upgraded
 * meanwhile. valgrind, which only unlocked builds are for, is asked what it says: the link would lead
 * to valgrind. */
static const char *own_executable(char room[static PATH_MAX])
{
  static const char link[] = "/proc/self/exe";
  ssize_t len = SANDBOX_IS_UNLOCKED ? readlink(link, room, PATH_MAX - 1) : 0;
  if (len <= 0)
    return link;
  room[len] = '\0';
  return room;
}

static int spawn_with(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                      const struct descriptors *d, const char *name, pid_t *ret_pid)
{
  char program[] = "seawall", word[] = SANDBOX_WORD, reader[SANDBOX_NAME_MAX];
  char path[PATH_MAX];
#ifdef SW_SANDBOX_SANITIZED
  /* Reports that need none of what the filter forbids: another process for symbols, asking whether
   * standard error is a terminal. */
  char asan[] = "ASAN_OPTIONS=symbolize=0:color=never:detect_leaks=0",
       ubsan[] = "UBSAN_OPTIONS=symbolize=0:color=never";
  char *environment[] = {asan, ubsan, NULL};
#else
  char *environment[] = {NULL};
#endif
  snprintf(reader, sizeof reader, "%s", name);
  char *arguments[] = {program, word, reader, NULL};
  int rc = add_descriptors(actions, d);
  if (rc == 0)
    rc = set_attributes(attributes);
  return rc ? rc
            : posix_spawn(ret_pid, own_executable(path), actions, attributes, arguments,
                          environment);
}

static int spawn(const struct descriptors *d, const char *name, pid_t *ret_pid, struct error *err)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int rc = posix_spawn_file_actions_init(&actions);
  if (rc == 0) {
    rc = posix_spawnattr_init(&attributes);
    if (rc == 0) {
      rc = spawn_with(&actions, &attributes, d, name, ret_pid);
      posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  if (rc)
    return error_set_errno(err, rc, "starting a reader (by /proc/self/exe)");
  return 0;
}

static int send_all(int fd, struct str bytes, struct error *err)
{
  while (bytes.len) {
    ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0)
      return error_set(err, SW_EIO, "the process started for a reader does not serve as one");
    bytes = str_sub(bytes, (size_t)sent, bytes.len);
  }
  return 0;
}

static uint64_t either(uint64_t chosen, uint64_t usual)
{
  return chosen ? chosen : usual;
}

struct sandbox_setup sandbox_make_setup(const struct sandbox_options *o)
{
  return (struct sandbox_setup){
      .memory = either(o->memory, (uint64_t)512 << 20),
      .cpu_seconds = (uint32_t)either(o->cpu_seconds, 60),
      .profile = (uint32_t)o->profile,
      .landlock = (uint32_t)o->landlock,
      .threads = o->threads,
      .descriptor_count = (uint32_t)o->descriptor_count,
      .directory_count = (uint32_t)o->directory_count,
      .limits = {.frame_bytes = (uint32_t)either(o->frame_bytes, 1 << 20),
                 .frames = either(o->frames, 10000000),
                 .total_bytes = either(o->total_bytes, (uint64_t)1 << 30)},
  };
}

static int tell_setup(int control, const struct sandbox_options *options, struct str argument,
                      struct error *err)
{
  _cleanup_(buf_free) struct buf paths = {.cap = SANDBOX_PATHS_MAX};
  for (size_t i = 0; i < options->directory_count; i++) {
    buf_add_text(&paths, options->directories[i]);
    buf_add_byte(&paths, '\0');
  }
  if (buf_failed(&paths))
    return error_set(err, SW_EUSAGE, "the paths of a reader's directories are too long");
  struct sandbox_setup setup = sandbox_make_setup(options);
  setup.paths_len = (uint32_t)paths.len;
  setup.argument_len = (uint32_t)argument.len;
  struct timeval patience = {.tv_sec = SEND_SECONDS};
  if (setsockopt(control, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
    return error_set_errno(err, errno, "starting a reader: its socket");
  int rc = send_all(control, str_make((const char *)&setup, sizeof setup), err);
  if (rc == 0)
    rc = send_all(control, buf_str(&paths), err);
  return rc < 0 ? rc : send_all(control, argument, err);
}

static int check(const struct sandbox_options *o, const struct sandbox_program *program,
                 struct str argument, struct error *err)
{
  if (argument.len > SANDBOX_ARGUMENT_MAX)
    return error_set(err, SW_EUSAGE, "a reader's argument has %zu bytes; %d are allowed",
                     argument.len, SANDBOX_ARGUMENT_MAX);
  if (strlen(program->name) >= SANDBOX_NAME_MAX)
    return error_set(err, SW_EUSAGE, "a reader's name is longer than %d bytes",
                     SANDBOX_NAME_MAX - 1);
  if (o->descriptor_count > SANDBOX_DESCRIPTORS_MAX || o->directory_count > SANDBOX_DIRECTORIES_MAX)
    return error_set(err, SW_EUSAGE, "a reader gets at most %d descriptors and %d directories",
                     SANDBOX_DESCRIPTORS_MAX, SANDBOX_DIRECTORIES_MAX);
  if (o->directory_count && o->profile != SANDBOX_FILES)
    return error_set(err, SW_EUSAGE, "a reader gets directories with the profile for files only");
  return 0;
}

int sandbox_start(const struct sandbox_options *options, const struct sandbox_program *program,
                  struct str argument, bool with_input, struct sandbox_process *ret_process,
                  struct error *err)
{
  struct sandbox_process p = {.control = -1, .answer = -1, .input = -1};
  struct descriptors d = {0};
  int rc = check(options, program, argument, err);
  if (rc < 0)
    return rc;
  rc = prepare(&p, &d, options, with_input, err);
  if (rc == 0)
    rc = spawn(&d, program->name, &p.pid, err);
  close_all(&d);
  if (rc < 0) {
    sandbox_process_close(&p);
    return rc;
  }
  rc = tell_setup(p.control, options, argument, err);
  if (rc < 0) {
    /* It has not got as far as making a process of its own. */
    kill(p.pid, SIGKILL);
    sandbox_process_close(&p);
    while (waitpid(p.pid, NULL, 0) < 0 && errno == EINTR)
      ;
    return rc;
  }
  *ret_process = p;
  return 0;
}
