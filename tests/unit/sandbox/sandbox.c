/* How readers are started, fed, heard and ended; what they cannot do is in sandbox_locks.c. */
#include "readers.h"

#include "../base/scratch.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

static int echo(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  return sandbox_send(pipe, rest, err);
}

static int send_many(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  unsigned long long count = 0;
  int rc = 0;
  str_to_u64(rest, 10000000, &count);
  for (unsigned long long i = 0; i < count && rc == 0; i++)
    rc = send_number(pipe, (long)i, err);
  return rc;
}

static int send_large(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  unsigned long long size = 0;
  str_to_u64(rest, 64 << 20, &size);
  char *bytes = mem_zalloc(1, size);
  memset(bytes, 'x', size);
  return sandbox_send(pipe, str_make(bytes, size), err);
}

/* The sum and number of the bytes of the input. */
static int add_up(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  unsigned char bytes[5000];
  size_t len = 1, all = 0;
  unsigned long sum = 0;
  int rc = 0;
  while (rc == 0 && len) {
    rc = sandbox_read(pipe, bytes, sizeof bytes, &len, err);
    for (size_t i = 0; rc == 0 && i < len; i++)
      sum += bytes[i];
    all += len;
  }
  if (rc == 0)
    rc = send_number(pipe, (long)all, err);
  return rc < 0 ? rc : send_number(pipe, (long)sum, err);
}

static int read_little(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  char byte;
  size_t len;
  int rc = sandbox_read(pipe, &byte, 1, &len, err);
  return rc < 0 ? rc : sandbox_send(pipe, str_make(&byte, len), err);
}

static int fail_at(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  int rc = sandbox_send(pipe, STR("before"), err);
  return rc < 0 ? rc : error_set_at(err, SW_ETEST, 3, 4, "the header says %.*s", STR_FMT(rest));
}

static int read_descriptors(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  for (size_t i = 0; sandbox_descriptor(pipe, i) >= 0; i++) {
    char bytes[64];
    ssize_t got = read(sandbox_descriptor(pipe, i), bytes, sizeof bytes);
    if (got < 0)
      return error_set_errno(err, errno, "descriptor %zu", i);
    if (sandbox_send(pipe, str_make(bytes, (size_t)got), err) < 0)
      return err->code;
  }
  return 0;
}

/* Tells its number, then computes for ever. */
static int tell_and_spin(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  int rc = send_number(pipe, getpid(), err);
  if (rc == 0)
    rc = sandbox_flush(pipe, err);
  volatile bool again = rc == 0;
  while (again)
    ;
  return rc;
}

static int seen_signals(struct sandbox_pipe *pipe, struct str rest, struct error *err)
{
  (void)rest;
  sigset_t blocked;
  struct sigaction action;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  for (int number = 1; number < 32; number++) {
    if (number == SIGKILL || number == SIGSTOP)
      continue;
    if (sigismember(&blocked, number) || sigaction(number, NULL, &action) < 0 ||
        action.sa_handler != SIG_DFL)
      return error_set(err, SW_ETEST, "signal %d is not as usual", number);
  }
  return sandbox_send(pipe, STR("usual"), err);
}

const struct act acts[] = {
    {"echo", echo},
    {"many", send_many},
    {"large", send_large},
    {"sum", add_up},
    {"little", read_little},
    {"fail", fail_at},
    {"descriptors", read_descriptors},
    {"spin", tell_and_spin},
    {"signals", seen_signals},
    {0},
};

static int prepare_file(struct str argument, void **ret_prepared, struct error *err)
{
  static struct buf text;
  char path[4096];
  snprintf(path, sizeof path, "%.*s", STR_FMT(argument));
  int rc = file_read(path, 4096, &text, err);
  if (rc < 0)
    return error_wrap(err, "reading the rules");
  *ret_prepared = &text;
  return 0;
}

static int send_prepared(struct sandbox_pipe *pipe, struct str argument, void *prepared,
                         struct error *err)
{
  (void)argument;
  return sandbox_send(pipe, buf_str(prepared), err);
}

static const struct sandbox_program prepared_program = {
    .name = "prepared", .prepare = prepare_file, .run = send_prepared};
static void *wait_for_ever(void *context)
{
  while (pause() < 0)
    ;
  return context;
}

static int prepare_thread(struct str argument, void **ret_prepared, struct error *err)
{
  pthread_t thread;
  (void)argument;
  *ret_prepared = NULL;
  return pthread_create(&thread, NULL, wait_for_ever, NULL) == 0
             ? 0
             : error_set(err, SW_EIO, "no thread");
}

static const struct sandbox_program threaded_program = {
    .name = "threaded", .prepare = prepare_thread, .run = act_run};
static const struct sandbox_program absent_program = {.name = "absent", .run = act_run};

static struct scratch scratch;
static const struct sandbox_options usual;

static void frames_arrive(void **state)
{
  (void)state;
  assert_answer("echo hello", NULL, "hello|");
  assert_answer("echo", NULL, "|");
  assert_answer("many 0", NULL, "");
  struct outcome o = act("many 300000", NULL);
  _cleanup_(buf_free) struct buf expected = {0};
  for (unsigned i = 0; i < 300000; i++)
    buf_printf(&expected, "%u|", i);
  assert_int_equal(o.rc, 0);
  assert_true(str_eq(buf_str(&o.text), buf_str(&expected)));
  assert_true(o.report.memory_peak > 0);
  assert_int_equal(o.report.signal, 0);
  buf_free(&o.text);
}

static void frames_have_limits(void **state)
{
  (void)state;
  struct sandbox_options options = {.frame_bytes = 3 << 20, .frames = 100, .total_bytes = 4 << 20};
  struct outcome o = act("large 3145728", &options);
  assert_int_equal(o.rc, 0);
  assert_int_equal(o.text.len, 3145729);
  buf_free(&o.text);
  assert_end("large 3145729", &options, SANDBOX_END_ERROR, SW_ELIMIT, "3145729 bytes is larger");
  assert_end("many 101", &options, SANDBOX_END_ERROR, SW_ELIMIT, "more results than are allowed");
  options.total_bytes = 3 << 20;
  assert_end("large 3145728", &options, SANDBOX_END_ERROR, SW_ELIMIT, "more results");
  assert_end("large 1048577", NULL, SANDBOX_END_ERROR, SW_ELIMIT, "1048577 bytes is larger");
}

static void an_argument_may_be_large(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct sandbox_options options = {.frame_bytes = SANDBOX_ARGUMENT_MAX};
  buf_add_text(&text, "echo ");
  for (unsigned i = 0; text.len < SANDBOX_ARGUMENT_MAX - 20; i++)
    buf_printf(&text, "%u ", i);
  struct outcome o = act(buf_text(&text), &options);
  assert_int_equal(o.rc, 0);
  assert_true(
      str_eq(str_sub(buf_str(&o.text), 0, o.text.len - 1), str_sub(buf_str(&text), 5, text.len)));
  buf_free(&o.text);
  buf_add_repeat(&text, 'x', 40);
  assert_end(buf_text(&text), &options, SANDBOX_END_START, SW_EUSAGE, "16777216 are allowed");
}

static void errors_of_readers_arrive(void **state)
{
  (void)state;
  struct outcome o = act("fail nonsense", NULL);
  assert_int_equal(o.rc, SW_ETEST);
  assert_int_equal(o.report.end, SANDBOX_END_ERROR);
  assert_string_equal(o.err.message, "the header says nonsense");
  assert_int_equal(o.err.line, 3);
  assert_int_equal(o.err.column, 4);
  assert_str(buf_str(&o.text), "before|");
  buf_free(&o.text);
}

struct source {
  size_t left, fail_at;
  unsigned char next;
  struct outcome o;
};

static int give(void *context, char *to, size_t room, size_t *ret_len, struct error *err)
{
  struct source *s = context;
  size_t len = s->left < room ? s->left : room;
  if (s->fail_at && s->left <= s->fail_at)
    return error_set(err, SW_EIO, "the registry hung up");
  for (size_t i = 0; i < len; i++)
    to[i] = (char)s->next++;
  s->left -= len;
  *ret_len = len;
  return 0;
}

static int source_frame(void *context, struct str frame, struct error *err)
{
  return outcome_frame(&((struct source *)context)->o, frame, err);
}

static void run_with(struct source *s, const char *what)
{
  struct sandbox_calls calls = {.frame = source_frame, .input = give, .context = s};
  s->o.rc = sandbox_run(&usual, &act_program, str_from(what), &calls, &s->o.report, &s->o.err);
}

static void input_streams(void **state)
{
  (void)state;
  struct source s = {.left = (size_t)256 * 40000};
  run_with(&s, "sum");
  assert_int_equal(s.o.rc, 0);
  assert_str(buf_str(&s.o.text), "10240000|1305600000|");
  buf_free(&s.o.text);
  struct source nothing = {0};
  run_with(&nothing, "sum");
  assert_str(buf_str(&nothing.o.text), "0|0|");
  buf_free(&nothing.o.text);
  assert_answer("sum", NULL, "0|0|"); /* without a source */
}

static void a_reader_may_stop_reading(void **state)
{
  (void)state;
  struct source s = {.left = 100 << 20, .next = 'a'};
  run_with(&s, "little");
  assert_int_equal(s.o.rc, 0);
  assert_str(buf_str(&s.o.text), "a|");
  assert_true(s.left > 0);
  buf_free(&s.o.text);
}

static void an_error_of_the_source_ends_the_reader(void **state)
{
  (void)state;
  struct source s = {.left = 10 << 20, .fail_at = 5 << 20};
  run_with(&s, "sum");
  assert_int_equal(s.o.rc, SW_EIO);
  assert_int_equal(s.o.report.end, SANDBOX_END_CALLBACK);
  assert_string_equal(s.o.err.message, "the registry hung up");
  buf_free(&s.o.text);
}

static int refuse_third(void *context, struct str frame, struct error *err)
{
  (void)frame;
  return ++*(unsigned *)context == 3 ? error_set(err, SW_EINVAL, "not a package") : 0;
}

static void an_error_about_a_frame_ends_the_reader(void **state)
{
  (void)state;
  unsigned count = 0;
  struct sandbox_calls calls = {.frame = refuse_third, .context = &count}, none = {0};
  struct sandbox_report report;
  struct error err;
  assert_int_equal(sandbox_run(&usual, &act_program, STR("many 1000000"), &calls, &report, &err),
                   SW_EINVAL);
  assert_string_equal(err.message, "not a package");
  assert_int_equal(report.end, SANDBOX_END_CALLBACK);
  assert_int_equal(count, 3);
  assert_int_equal(sandbox_run(&usual, &act_program, STR("echo x"), &none, &report, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "nobody asked");
  assert_int_equal(sandbox_run(&usual, &act_program, STR("many 0"), &none, NULL, NULL), 0);
}

struct stopping {
  int end; /* what is written to it is what stops the reader */
  unsigned frames;
};

static int stop_it(void *context, struct str frame, struct error *err)
{
  struct stopping *s = context;
  (void)frame, (void)err;
  s->frames++;
  assert_int_equal(write(s->end, "x", 1), 1);
  return 0;
}

/* Another thread, or whoever has the other end, no longer wants the answer. */
static void a_reader_ends_when_it_is_told_to(void **state)
{
  (void)state;
  int ends[2];
  struct sandbox_report report;
  struct error err;
  assert_int_equal(pipe(ends), 0);
  struct stopping stopping = {.end = ends[1]};
  struct sandbox_calls calls = {.frame = stop_it, .context = &stopping, .stop = ends[0]};
  assert_int_equal(sandbox_run(&usual, &act_program, STR("spin"), &calls, &report, &err), SW_EPIPE);
  assert_int_equal(report.end, SANDBOX_END_CALLBACK);
  assert_error(err, SW_EPIPE, "nobody waits");
  assert_int_equal(stopping.frames, 1);
  /* At once, if it can be read from the beginning. */
  assert_int_equal(sandbox_run(&usual, &act_program, STR("spin"), &calls, &report, &err), SW_EPIPE);
  assert_int_equal(stopping.frames, 1);
  close(ends[0]);
  close(ends[1]);
}

static void what_is_prepared_is_opened_before_the_locks(void **state)
{
  (void)state;
  struct outcome o = {0};
  struct sandbox_calls calls = {.frame = outcome_frame, .context = &o};
  scratch_open(&scratch);
  scratch_file("rules", "rule one");
  assert_int_equal(sandbox_run(&usual, &prepared_program, STR("rules"), &calls, &o.report, &o.err),
                   0);
  assert_str(buf_str(&o.text), "rule one|");
  buf_free(&o.text);
  assert_int_equal(sandbox_run(&usual, &prepared_program, STR("none"), &calls, &o.report, &o.err),
                   SW_ENOENT);
  assert_error(o.err, SW_ENOENT, "reading the rules: none");
  assert_int_equal(o.report.end, SANDBOX_END_START);
  scratch_close(&scratch);
#ifndef SW_SANDBOX_UNLOCKED
  assert_int_equal(sandbox_run(&usual, &threaded_program, STR("echo x"), &calls, &o.report, &o.err),
                   SW_EUSAGE);
  assert_error(o.err, SW_EUSAGE, "has started threads before its locks");
  assert_int_equal(o.text.len, 0);
#endif
}

static void a_reader_that_is_not_there_is_an_error(void **state)
{
  (void)state;
  struct sandbox_calls calls = {0};
  struct sandbox_report report;
  struct error err;
  assert_int_equal(sandbox_run(&usual, &absent_program, STR_EMPTY, &calls, &report, &err),
                   SW_EUNSUPPORTED);
  assert_error(err, SW_EUNSUPPORTED, "no reader \"absent\"");
  assert_int_equal(report.end, SANDBOX_END_START);
}

static void only_who_was_started_as_a_reader_is_one(void **state)
{
  (void)state;
  static const struct sandbox_program *const programs[] = {&act_program, NULL};
  char *argv[] = {(char[]){"seawall"}, (char[]){"scan"}, (char[]){"."}, NULL};
  assert_int_equal(sandbox_main(3, argv, programs), -1);
  assert_int_equal(sandbox_main(1, argv, programs), -1);
  argv[1] = (char[]){"--sandbox-reader"};
  assert_int_equal(sandbox_main(2, argv, programs), -1);
}

static void descriptors_are_passed_for_reading(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_file("one", "first file");
  scratch_file("two", "second file");
  int fds[] = {open("one", O_RDONLY), open("two", O_RDONLY)};
  struct sandbox_options options = {.descriptors = fds, .descriptor_count = 2};
  assert_answer("descriptors", &options, "first file|second file|");
  assert_int_equal(lseek(fds[1], 0, SEEK_CUR), 11); /* the position is shared */
  assert_int_equal(close(fds[1]), 0);
  fds[1] = open("two", O_RDWR);
  assert_end("descriptors", &options, SANDBOX_END_START, SW_EUSAGE, "may be written to");
  assert_int_equal(close(fds[1]), 0);
  int pair[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  fds[1] = pair[0];
  assert_end("descriptors", &options, SANDBOX_END_START, SW_EUSAGE, "may be written to");
  close(pair[0]);
  close(pair[1]);
  assert_end("descriptors", &options, SANDBOX_END_START, SW_EIO, "passing descriptor");
  close(fds[0]);
  scratch_close(&scratch);
}

static unsigned open_descriptors(void)
{
  unsigned count = 0;
  DIR *directory = opendir("/proc/self/fd");
  assert_non_null(directory);
  while (readdir(directory))
    count++;
  closedir(directory);
  return count;
}

static void assert_no_children(void)
{
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
}

static void nothing_is_left_behind(void **state)
{
  (void)state;
  static const char *const ends[] = {"echo x", "fail x", "little", "no such act"};
  unsigned before = open_descriptors();
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    struct source s = {.left = 1 << 20};
    run_with(&s, ends[i]);
    buf_free(&s.o.text);
    assert_no_children();
    assert_int_equal(open_descriptors(), before);
  }
  struct sandbox_options options = {.time_ms = 200};
  assert_end("spin", &options, SANDBOX_END_TIME, SW_ELIMIT, "200 ms");
  assert_no_children();
  assert_int_equal(open_descriptors(), before);
}

static void reap_all(int number)
{
  (void)number;
  int kept = errno;
  while (waitpid(-1, NULL, WNOHANG) > 0)
    ;
  errno = kept;
}

static void works_whatever_is_done_with_sigchld(void **state)
{
  (void)state;
  const struct sigaction actions[] = {
      {.sa_handler = SIG_IGN},
      {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT},
      {.sa_handler = reap_all},
  };
  struct sigaction before;
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
    assert_int_equal(sigaction(SIGCHLD, &actions[i], &before), 0);
    assert_answer("echo hello", NULL, "hello|");
    assert_answer("signals", NULL, "usual|");
    assert_end("fail x", NULL, SANDBOX_END_ERROR, SW_ETEST, "header");
    assert_int_equal(sigaction(SIGCHLD, &before, NULL), 0);
    assert_no_children();
  }
  sigset_t all, kept;
  sigfillset(&all);
  assert_int_equal(sigprocmask(SIG_SETMASK, &all, &kept), 0);
  assert_answer("signals", NULL, "usual|");
  assert_int_equal(sigprocmask(SIG_SETMASK, &kept, NULL), 0);
}

static void nobody_is_hurt_by_a_reader_that_is_gone(void **state)
{
  (void)state;
  /* A write to a pipe would end this process. */
  struct sigaction usual_action = {.sa_handler = SIG_DFL}, before;
  assert_int_equal(sigaction(SIGPIPE, &usual_action, &before), 0);
  a_reader_may_stop_reading(state);
  assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
}

static void *run_some(void *context)
{
  unsigned *good = context;
  for (unsigned i = 0; i < 5; i++) {
    struct source s = {.left = 100000, .next = 0};
    run_with(&s, i % 2 ? "sum" : "echo x");
    *good += s.o.rc == 0 && str_eq(buf_str(&s.o.text), i % 2 ? STR("100000|12742320|") : STR("x|"));
    buf_free(&s.o.text);
  }
  return NULL;
}

static void many_threads_may_run_readers(void **state)
{
  (void)state;
  pthread_t threads[4];
  unsigned good[4] = {0};
  for (unsigned i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, run_some, &good[i]), 0);
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(good[i], 5);
  }
  assert_no_children();
}

/* Gone, or dead and not yet fetched by whoever it was left to. */
static bool is_dead(pid_t pid)
{
  char value[64];
  return !proc_value(pid, "status", "State:", value) || value[0] == 'Z' || value[0] == 'X';
}

static void wait_until_dead(pid_t pid)
{
  for (unsigned i = 0; i < 3000 && !is_dead(pid); i++)
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  assert_true(is_dead(pid));
}

/* The reader's and the guard's numbers, when the reader has told its own. */
struct family {
  pid_t reader, guard;
  int signal_to_guard, signal_to_reader;
};

static int meet(void *context, struct str frame, struct error *err)
{
  (void)err;
  struct family *family = context;
  unsigned long long reader = 0, guard = 0;
  char value[64];
  if (str_to_u64(frame, INT32_MAX, &reader) && proc_value((pid_t)reader, "status", "PPid:", value))
    str_to_u64(str_from(value), INT32_MAX, &guard);
  family->reader = (pid_t)reader;
  family->guard = (pid_t)guard;
  if (guard && family->signal_to_guard)
    kill(family->guard, family->signal_to_guard);
  if (reader && family->signal_to_reader)
    kill(family->reader, family->signal_to_reader);
  return 0;
}

static struct error meet_one(struct family *family, uint64_t time_ms, enum sandbox_end end)
{
  struct sandbox_options options = {.time_ms = time_ms};
  struct sandbox_calls calls = {.frame = meet, .context = family};
  struct sandbox_report report;
  struct error err = {0};
  assert_true(sandbox_run(&options, &act_program, STR("spin"), &calls, &report, &err) < 0);
  assert_int_equal(report.end, end);
  assert_true(family->reader > 0 && family->guard > 0);
  wait_until_dead(family->reader);
  wait_until_dead(family->guard);
  assert_no_children();
  return err;
}

static void readers_and_guards_killed_from_outside_are_errors(void **state)
{
  (void)state;
  struct family guard = {.signal_to_guard = SIGKILL}, reader = {.signal_to_reader = SIGKILL};
  struct error err = meet_one(&guard, 60000, SANDBOX_END_CRASH);
  assert_error(err, SW_EIO, "guard of the reader \"act\" was killed");
  err = meet_one(&reader, 60000, SANDBOX_END_CRASH);
  assert_error(err, SW_EIO, "was killed (SIGKILL)");
}

static void a_guard_that_stands_still_holds_nobody_up(void **state)
{
  (void)state;
  struct family family = {.signal_to_guard = SIGSTOP};
  struct error err = meet_one(&family, 2000, SANDBOX_END_TIME);
  assert_error(err, SW_ELIMIT, "took longer than 2000 ms");
}

static void a_reader_dies_with_the_program(void **state)
{
  (void)state;
  struct family *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(shared, MAP_FAILED);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct sandbox_calls calls = {.frame = meet, .context = shared};
    sandbox_run(&usual, &act_program, STR("spin"), &calls, NULL, NULL);
    _exit(0);
  }
  for (unsigned i = 0; i < 3000 && !__atomic_load_n(&shared->guard, __ATOMIC_ACQUIRE); i++)
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  assert_true(shared->guard > 0);
  assert_false(is_dead(shared->reader));
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  wait_until_dead(shared->reader);
  wait_until_dead(shared->guard);
  munmap(shared, sizeof *shared);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&act_program, &prepared_program,
                                                           &threaded_program, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_arrive),
      cmocka_unit_test(frames_have_limits),
      cmocka_unit_test(an_argument_may_be_large),
      cmocka_unit_test(errors_of_readers_arrive),
      cmocka_unit_test(input_streams),
      cmocka_unit_test(a_reader_may_stop_reading),
      cmocka_unit_test(an_error_of_the_source_ends_the_reader),
      cmocka_unit_test(an_error_about_a_frame_ends_the_reader),
      cmocka_unit_test(a_reader_ends_when_it_is_told_to),
      cmocka_unit_test(what_is_prepared_is_opened_before_the_locks),
      cmocka_unit_test(a_reader_that_is_not_there_is_an_error),
      cmocka_unit_test(only_who_was_started_as_a_reader_is_one),
      cmocka_unit_test(descriptors_are_passed_for_reading),
      cmocka_unit_test(nothing_is_left_behind),
      cmocka_unit_test(works_whatever_is_done_with_sigchld),
      cmocka_unit_test(nobody_is_hurt_by_a_reader_that_is_gone),
      cmocka_unit_test(many_threads_may_run_readers),
      cmocka_unit_test(readers_and_guards_killed_from_outside_are_errors),
      cmocka_unit_test(a_guard_that_stands_still_holds_nobody_up),
      cmocka_unit_test(a_reader_dies_with_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
