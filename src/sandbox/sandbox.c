/* The side that starts readers, and believes nothing they say. */
#include "sandbox/sandbox.h"

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/sandbox_int.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 64 << 10 };

/* How long the guard may take to kill the reader and end, before it is killed itself. */
#define GRACE_NS ((uint64_t)5000000000)
#define TIME_MAX_MS ((uint64_t)7 * 24 * 3600 * 1000)

struct run {
  const struct sandbox_program *program;
  const struct sandbox_calls *calls;
  struct sandbox_setup setup;
  uint64_t time_ms;
  uint64_t deadline; /* monotonic nanoseconds: of the reader, then of the guard's end */
  struct sandbox_process process;
  struct sandbox_report report;

  struct sandbox_record record; /* as much of the next one as there is */
  size_t record_len;
  bool ready, ended;
  int wait_status;

  struct frame_reader frames;
  bool answer_at_end;
  char *pending; /* input that the reader has not taken, PIECE bytes of room */
  size_t pending_from, pending_to;

  bool stopped; /* the outcome is known, and the reader to be killed */
  struct error error;
  char piece[PIECE];
};

static uint64_t now_ns(void)
{
  return clock_monotonic_ns(clock_system());
}

/* Settles the outcome and has the guard kill the reader. */
static void stop(struct run *r, enum sandbox_end end, int code)
{
  if (r->stopped)
    return;
  r->stopped = true;
  r->report.end = end;
  r->error.code = code;
  r->deadline = now_ns() + GRACE_NS;
  sandbox_close(&r->process.input);
  shutdown(r->process.control, SHUT_WR);
}

static int take_frame(void *context, struct str frame, struct error *err)
{
  struct run *r = context;
  if (!r->calls->frame)
    return error_set(err, SW_EINVAL, "the reader \"%s\" answered with data nobody asked it for",
                     r->program->name);
  int rc = r->calls->frame(r->calls->context, frame, err);
  if (rc < 0)
    stop(r, SANDBOX_END_CALLBACK, rc);
  return rc;
}

/* Reads the answer: once, or until there is no more to be had now. */
static void read_answer(struct run *r, bool all)
{
  do {
    ssize_t got = read(r->process.answer, r->piece, PIECE);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      r->answer_at_end = got == 0 || errno != EAGAIN;
      return;
    }
    struct error err;
    int rc = frame_reader_feed(&r->frames, str_make(r->piece, (size_t)got), take_frame, r, &err);
    if (rc < 0) {
      r->error = err;
      stop(r, SANDBOX_END_ANSWER, rc);
      return;
    }
  } while (all);
}

static void take_record(struct run *r)
{
  const struct sandbox_record *record = &r->record;
  r->record_len = 0;
  if (record->kind == SANDBOX_ENDED) {
    r->ended = true;
    r->wait_status = record->wait_status;
    r->report.cpu_us = record->cpu_us;
    r->report.memory_peak = record->memory_peak;
    r->deadline = now_ns() + GRACE_NS;
  } else if (record->error.code < 0) {
    r->error = record->error;
    stop(r, SANDBOX_END_START, record->error.code);
  } else {
    r->ready = true;
    r->report.landlock = record->landlock;
  }
}

/* False at the end of the control socket: the guard is gone. */
static bool read_control(struct run *r)
{
  ssize_t got = recv(r->process.control, (char *)&r->record + r->record_len,
                     sizeof r->record - r->record_len, MSG_DONTWAIT);
  if (got < 0)
    return errno == EAGAIN || errno == EINTR;
  r->record_len += (size_t)got;
  if (r->record_len == sizeof r->record)
    take_record(r);
  return got > 0;
}

static void fetch_input(struct run *r)
{
  struct error err;
  size_t len = 0;
  int rc = r->calls->input(r->calls->context, r->pending, PIECE, &len, &err);
  if (rc == 0 && len > PIECE)
    rc = error_set(&err, SW_EUSAGE, "more input was given than there was room for");
  if (rc < 0) {
    r->error = err;
    stop(r, SANDBOX_END_CALLBACK, rc);
  } else if (len == 0) {
    sandbox_close(&r->process.input);
  }
  r->pending_from = 0;
  r->pending_to = len;
}

static void send_input(struct run *r)
{
  if (r->pending_from == r->pending_to)
    fetch_input(r);
  if (r->process.input < 0)
    return;
  ssize_t sent = send(r->process.input, r->pending + r->pending_from,
                      r->pending_to - r->pending_from, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0)
    r->pending_from += (size_t)sent;
  else if (errno != EAGAIN && errno != EINTR)
    sandbox_close(&r->process.input); /* it has read what it wanted */
}

static int milliseconds_left(const struct run *r)
{
  uint64_t now = now_ns();
  if (now >= r->deadline)
    return 0;
  uint64_t ms = (r->deadline - now) / 1000000 + 1;
  return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* The reader had its time; or the guard had, which should have been quick. False: there is nothing
 * more to wait for. */
static bool pass_deadline(struct run *r)
{
  if (!r->stopped && !r->ended) {
    error_set(&r->error, SW_ELIMIT, "the reader \"%s\" took longer than %llu ms and was ended",
              r->program->name, (unsigned long long)r->time_ms);
    stop(r, SANDBOX_END_TIME, SW_ELIMIT);
    return true;
  }
  /* Still a child of this process, so the number is its own; the reader dies with it. */
  if (waitpid(r->process.pid, NULL, WNOHANG) == 0)
    kill(r->process.pid, SIGKILL);
  return false;
}

/* One wait and what came of it. False when the guard is gone. */
static bool step(struct run *r)
{
  struct pollfd fds[] = {
      {r->process.control, POLLIN, 0},
      {r->stopped || r->answer_at_end ? -1 : r->process.answer, POLLIN, 0},
      {r->ready && !r->stopped ? r->process.input : -1, POLLOUT, 0},
      {r->calls->stop && !r->stopped ? r->calls->stop : -1, POLLIN, 0},
  };
  int left = milliseconds_left(r);
  int count = left ? poll(fds, sizeof fds / sizeof *fds, left) : 0;
  if (count < 0)
    return true; /* interrupted, or short of memory: the deadline holds */
  if (count == 0 && milliseconds_left(r) == 0)
    return pass_deadline(r);
  if (fds[3].revents) {
    error_set(&r->error, SW_EPIPE, "the reader \"%s\" was ended, nobody waits for it any more",
              r->program->name);
    stop(r, SANDBOX_END_CALLBACK, SW_EPIPE);
  }
  if (fds[1].revents && !r->stopped)
    read_answer(r, false);
  if (fds[2].revents & (POLLERR | POLLHUP))
    sandbox_close(&r->process.input);
  else if (fds[2].revents && !r->stopped)
    send_input(r);
  return !fds[0].revents || read_control(r);
}

static void wait_for_guard(const struct run *r)
{
  while (waitpid(r->process.pid, NULL, 0) < 0 && errno == EINTR)
    ; /* ECHILD: the program ignores SIGCHLD, or has waited for it elsewhere */
}

static void end_by_signal(struct run *r, int number)
{
  const char *name = r->program->name, *signal_name = sigabbrev_np(number);
  bool cpu_used = r->report.cpu_us / 1000000 >= r->setup.cpu_seconds;
  r->report.signal = number;
  if (number == SIGSYS) {
    r->report.end = SANDBOX_END_FORBIDDEN;
    error_set(&r->error, SW_EINVAL,
              "the reader \"%s\" tried what its sandbox forbids (a system call, SIGSYS), and was "
              "ended",
              name);
  } else if (number == SIGXCPU || (number == SIGKILL && cpu_used)) {
    r->report.end = SANDBOX_END_CPU;
    error_set(&r->error, SW_ELIMIT,
              "the reader \"%s\" used more than %u s of processor time and was ended", name,
              (unsigned)r->setup.cpu_seconds);
  } else if (number == SIGKILL) {
    r->report.end = SANDBOX_END_CRASH;
    error_set(&r->error, SW_EIO,
              "the reader \"%s\" was killed (SIGKILL); the machine or the container may be out of "
              "memory",
              name);
  } else {
    r->report.end = SANDBOX_END_CRASH;
    error_set(&r->error, SW_EINVAL, "the reader \"%s\" crashed (signal %d, SIG%s)", name, number,
              signal_name ? signal_name : "?");
  }
}

static void end_by_exit(struct run *r, int status)
{
  char size[FILE_SIZE_TEXT];
  if (status == 0) {
    struct error err;
    int rc = frame_reader_finish(&r->frames, &err);
    if (rc < 0) {
      r->error = err;
      r->error.code = rc;
    }
    r->report.end = rc == 0                                 ? SANDBOX_END_WELL
                    : r->frames.state == FRAME_READER_ERROR ? SANDBOX_END_ERROR
                                                            : SANDBOX_END_ANSWER;
  } else if (status == SANDBOX_OUT_OF_MEMORY_STATUS) {
    r->report.end = SANDBOX_END_MEMORY;
    error_set(&r->error, SW_ELIMIT, "the reader \"%s\" needed more than %s of memory and was ended",
              r->program->name, file_size_text(r->setup.memory, size));
  } else {
    r->report.end = SANDBOX_END_CRASH;
    error_set(&r->error, SW_EINVAL, "the reader \"%s\" ended with status %d and without a result",
              r->program->name, status);
  }
}

/* What has become of a reader that nobody stopped. */
static void judge(struct run *r)
{
  if (!r->ready) {
    r->report.end = SANDBOX_END_START;
    if (r->ended && WIFSIGNALED(r->wait_status))
      r->report.signal = WTERMSIG(r->wait_status);
    error_set(&r->error, r->ended ? SW_EIO : SW_EUNSUPPORTED,
              r->ended ? "the reader \"%s\" ended before it was locked up"
                       : "the process started for the reader \"%s\" does not serve as one",
              r->program->name);
  } else if (!r->ended) {
    r->report.end = SANDBOX_END_CRASH;
    error_set(&r->error, SW_EIO, "the guard of the reader \"%s\" was killed", r->program->name);
  } else if (WIFSIGNALED(r->wait_status)) {
    end_by_signal(r, WTERMSIG(r->wait_status));
  } else {
    end_by_exit(r, WEXITSTATUS(r->wait_status));
  }
}

static void run_to_its_end(struct run *r)
{
  while (step(r))
    ;
  wait_for_guard(r);
  /* Nobody writes any more. That the pipe ends here is not waited for: another thread's fork may
   * hold its other end for a moment. */
  if (!r->stopped && !r->answer_at_end)
    read_answer(r, true);
  if (!r->stopped)
    judge(r);
  sandbox_process_close(&r->process);
}

static struct run *run_new(const struct sandbox_options *options,
                           const struct sandbox_program *program, const struct sandbox_calls *calls)
{
  struct run *r = mem_zalloc(1, sizeof *r);
  r->program = program;
  r->calls = calls;
  r->setup = sandbox_make_setup(options);
  r->time_ms = options->time_ms ? options->time_ms : 120000;
  if (r->time_ms > TIME_MAX_MS)
    r->time_ms = TIME_MAX_MS;
  r->deadline = now_ns() + r->time_ms * 1000000;
  r->report.unlocked = SANDBOX_IS_UNLOCKED;
  r->report.end = SANDBOX_END_START;
  r->pending = calls->input ? mem_alloc(PIECE) : NULL;
  frame_reader_init(&r->frames, &r->setup.limits);
  return r;
}

static void run_free(struct run *r)
{
  frame_reader_free(&r->frames);
  mem_free(r->pending);
  mem_free(r);
}

int sandbox_run(const struct sandbox_options *options, const struct sandbox_program *program,
                struct str argument, const struct sandbox_calls *calls,
                struct sandbox_report *report, struct error *err)
{
  struct run *r = run_new(options, program, calls);
  int rc = sandbox_start(options, program, argument, calls->input != NULL, &r->process, &r->error);
  if (rc == 0) {
    run_to_its_end(r);
    rc = r->report.end == SANDBOX_END_WELL ? 0 : r->error.code;
  }
  if (rc < 0 && err)
    *err = r->error;
  if (report)
    *report = r->report;
  run_free(r);
  return rc;
}
