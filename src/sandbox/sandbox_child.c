/*
 * The guard and the reader: what runs behind sandbox_main.
 *
 * The guard never sees a byte of input. It forks the reader, waits for it to end or for the control
 * socket to close, and tells how the reader ended. It exists because the program that called
 * sandbox_run may ignore SIGCHLD or wait for all its children somewhere else, and how the reader
 * ended would be lost; the guard's own signals are as it needs them.
 */
#include "sandbox/sandbox_int.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEND_AT = 64 << 10 };

/* What the guard was told. */
struct job {
  struct sandbox_setup setup;
  char *paths;
  struct str argument;
  const struct sandbox_program *program;
  struct sandbox_pipe pipe;
};

static int receive(void *to, size_t len, struct error *err)
{
  for (size_t at = 0; at < len;) {
    ssize_t got = read(SANDBOX_CONTROL_FD, (char *)to + at, len - at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return error_set_errno(err, errno, "reading what the reader is to do");
    if (got == 0)
      return error_set(err, SW_EIO, "what the reader is to do is not whole");
    at += (size_t)got;
  }
  return 0;
}

static void tell(const struct sandbox_record *record)
{
  ssize_t sent;
  do
    sent = send(SANDBOX_CONTROL_FD, record, sizeof *record, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
}

static int tell_not_ready(const struct error *err)
{
  struct sandbox_record record = {.kind = SANDBOX_READY, .error = *err};
  tell(&record);
  return 1;
}

static int receive_job(struct job *job, struct error *err)
{
  struct sandbox_setup *s = &job->setup;
  int rc = receive(s, sizeof *s, err);
  if (rc < 0)
    return rc;
  if (s->descriptor_count > SANDBOX_DESCRIPTORS_MAX ||
      s->directory_count > SANDBOX_DIRECTORIES_MAX || s->paths_len > SANDBOX_PATHS_MAX ||
      s->argument_len > SANDBOX_ARGUMENT_MAX)
    return error_set(err, SW_EUSAGE, "what the reader is to do is not what sandbox_run writes");
  job->paths = mem_zalloc(1, (size_t)s->paths_len + 1);
  char *argument = mem_zalloc(1, (size_t)s->argument_len + 1);
  job->argument = str_make(argument, s->argument_len);
  rc = receive(job->paths, s->paths_len, err);
  return rc < 0 ? rc : receive(argument, s->argument_len, err);
}

static int open_directories(struct job *job, struct error *err)
{
  struct str rest = {job->paths, job->setup.paths_len};
  for (uint32_t i = 0; i < job->setup.directory_count; i++) {
    struct str path = str_cut(rest, '\0', &rest);
    int fd = open(path.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
      return error_set_errno(err, errno, "%s", path.data);
    job->pipe.directories[job->pipe.directory_count++] = fd;
  }
  return 0;
}

static int open_pipe(struct job *job, struct error *err)
{
  struct sandbox_pipe *pipe = &job->pipe;
  pipe->limits = job->setup.limits;
  buf_init(&pipe->out, SEND_AT + (size_t)FRAME_HEAD + pipe->limits.frame_bytes);
  for (uint32_t i = 0; i < job->setup.descriptor_count; i++)
    pipe->descriptors[pipe->descriptor_count++] = SANDBOX_FIRST_FD + (int)i;
  return open_directories(job, err);
}

int sandbox_flush(struct sandbox_pipe *pipe, struct error *err)
{
  int rc = fd_write_all(STDOUT_FILENO, pipe->out.data, pipe->out.len, err);
  buf_clear(&pipe->out);
  return rc < 0 ? error_wrap(err, "sending what was read") : 0;
}

int sandbox_send(struct sandbox_pipe *pipe, struct str frame, struct error *err)
{
  uint8_t head[FRAME_HEAD];
  if (frame.len > pipe->limits.frame_bytes)
    return error_set(err, SW_ELIMIT, "a result of %zu bytes is larger than the %u allowed",
                     frame.len, (unsigned)pipe->limits.frame_bytes);
  if (pipe->frames >= pipe->limits.frames ||
      frame.len + FRAME_HEAD > pipe->limits.total_bytes - pipe->total)
    return error_set(err, SW_ELIMIT, "more results than are allowed (%llu, %llu bytes)",
                     (unsigned long long)pipe->limits.frames,
                     (unsigned long long)pipe->limits.total_bytes);
  pipe->frames++;
  pipe->total += frame.len + FRAME_HEAD;
  frame_head(head, FRAME_DATA, (uint32_t)frame.len);
  buf_add(&pipe->out, str_make((const char *)head, sizeof head));
  buf_add(&pipe->out, frame);
  return pipe->out.len < SEND_AT ? 0 : sandbox_flush(pipe, err);
}

int sandbox_read(struct sandbox_pipe *pipe, void *to, size_t room, size_t *ret_len,
                 struct error *err)
{
  (void)pipe;
  ssize_t got;
  do
    got = read(STDIN_FILENO, to, room);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return error_set_errno(err, errno, "reading the input");
  *ret_len = (size_t)got;
  return 0;
}

int sandbox_descriptor(const struct sandbox_pipe *pipe, size_t number)
{
  return number < pipe->descriptor_count ? pipe->descriptors[number] : -1;
}

int sandbox_directory(const struct sandbox_pipe *pipe, size_t number)
{
  return number < pipe->directory_count ? pipe->directories[number] : -1;
}

/* Sends how it ended behind the data. */
static int send_end(struct sandbox_pipe *pipe, int rc, struct error *err)
{
  uint8_t head[FRAME_HEAD];
  struct error own;
  if (rc < 0) {
    if (sandbox_flush(pipe, &own) < 0)
      return 1;
    frame_add_error(&pipe->out, err);
  } else {
    frame_head(head, FRAME_END, 0);
    buf_add(&pipe->out, str_make((const char *)head, sizeof head));
  }
  return sandbox_flush(pipe, &own) < 0;
}

static void usual_signals(void)
{
  for (int number = 1; number < NSIG; number++)
    if (number != SIGKILL && number != SIGSTOP)
      signal(number, SIG_DFL); /* refused for those that the C library keeps: as they should be */
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* It must not outlive the guard, which may have ended before the kernel was told so. */
static int die_with(pid_t guard, struct error *err)
{
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    return error_set_errno(err, errno, "tying the reader to its guard");
  return getppid() == guard ? 0 : error_set(err, SW_EIO, "the reader's guard is gone");
}

static _Noreturn void be_reader(struct job *job, pid_t guard)
{
  struct sandbox_record ready = {.kind = SANDBOX_READY};
  void *prepared = NULL;
  struct error err = {0};
  usual_signals();
  int rc = die_with(guard, &err);
  if (rc == 0 && job->program->prepare)
    rc = job->program->prepare(job->argument, &prepared, &err);
  if (rc == 0)
    rc = sandbox_lock(&job->setup, job->pipe.directories, &ready.landlock, &err);
  if (rc == 0)
    rc = die_with(guard, &err); /* once more: dropping rights may have undone it */
  if (rc < 0)
    _exit(tell_not_ready(&err));
  /* The filter is the last lock, and forbids to tell over a socket; so the record goes first, by
   * write, which stays allowed, and behind the filter. */
  rc = sandbox_lock_calls(&job->setup, &err);
  if (rc < 0) {
    ready.error = err;
    ready.error.code = rc;
  }
  err = (struct error){0};
  if (fd_write_all(SANDBOX_CONTROL_FD, &ready, sizeof ready, &err) < 0 || rc < 0)
    _exit(1);
  close(SANDBOX_CONTROL_FD);
  rc = job->program->run(&job->pipe, job->argument, prepared, &err);
  if (rc < 0)
    err.code = rc;
  _exit(send_end(&job->pipe, rc, &err));
}

/* Whether the other side has closed the control socket, or told to stop. */
static bool told_to_stop(void)
{
  char byte;
  ssize_t got = recv(SANDBOX_CONTROL_FD, &byte, 1, MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

/* Waits for the reader to end, and kills it when nobody wants its answer any more. */
static void watch(pid_t reader, int signals, struct sandbox_record *ended)
{
  struct rusage usage = {0};
  struct pollfd fds[] = {{SANDBOX_CONTROL_FD, POLLIN, 0}, {signals, POLLIN, 0}};
  /* Without the descriptor for signals, which only a lack of memory or descriptors explains, the
   * reader has been killed already. */
  int timeout = signals < 0 ? 10 : -1;
  for (;;) {
    pid_t got = wait4(reader, &ended->wait_status, WNOHANG, &usage);
    if (got == reader || (got < 0 && errno != EINTR))
      break;
    if (poll(fds, 2, timeout) < 0)
      continue;
    struct signalfd_siginfo taken;
    if (fds[1].revents && read(signals, &taken, sizeof taken) < 0 && errno != EAGAIN)
      kill(reader, SIGKILL);
    if (fds[0].revents && told_to_stop()) {
      kill(reader, SIGKILL);
      fds[0].fd = -1;
    }
  }
  ended->cpu_us = (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec +
                  (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec;
  ended->memory_peak = (uint64_t)usage.ru_maxrss * 1024;
}

/* The guard keeps nothing open that the reader's end should be seen by, or that it has no use for. */
static void close_readers_descriptors(const struct job *job)
{
  close(STDIN_FILENO);
  close(STDOUT_FILENO);
  for (size_t i = 0; i < job->pipe.descriptor_count; i++)
    close(job->pipe.descriptors[i]);
  for (size_t i = 0; i < job->pipe.directory_count; i++)
    close(job->pipe.directories[i]);
}

static int be_guard(struct job *job, struct error *err)
{
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  pid_t guard = getpid(), reader = fork();
  if (reader < 0)
    return error_set_errno(err, errno, "making a process for the reader");
  if (reader == 0)
    be_reader(job, guard);
  close_readers_descriptors(job);
  int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0)
    kill(reader, SIGKILL);
  struct sandbox_record ended = {.kind = SANDBOX_ENDED};
  watch(reader, signals, &ended);
  tell(&ended);
  return 0;
}

static const struct sandbox_program *find_program(const struct sandbox_program *const *programs,
                                                  const char *name)
{
  for (; *programs; programs++)
    if (strcmp((*programs)->name, name) == 0)
      return *programs;
  return NULL;
}

int sandbox_main(int argc, char **argv, const struct sandbox_program *const *programs)
{
  if (argc != 3 || strcmp(argv[1], SANDBOX_WORD) != 0)
    return -1;
  struct error err;
  struct job job = {.program = find_program(programs, argv[2])};
  int rc = receive_job(&job, &err);
  if (!job.program)
    rc = error_set(&err, SW_EUNSUPPORTED, "this program has no reader \"%s\"", argv[2]);
  else if (rc == 0)
    rc = open_pipe(&job, &err);
  if (job.program && rc == 0)
    rc = be_guard(&job, &err);
  if (rc < 0)
    tell_not_ready(&err);
  mem_free(job.paths);
  mem_free((char *)job.argument.data);
  buf_free(&job.pipe.out);
  return rc < 0;
}
