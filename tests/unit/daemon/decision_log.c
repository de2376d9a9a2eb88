#include "daemon/decision_log.h"
#include "../test.h"

#include "../base/scratch.h"
#include "base/file.h"
#include "base/mem.h"
#include "data/json.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 20000 };

/* ThreadSanitizer would end a child that starts a thread while one of the parent's is just ending. */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void)
{
  return "die_after_fork=0";
}

struct heard {
  atomic_int count[DECISION_LOG_REPAIRED + 1];
};

static void hear(void *context, enum decision_log_event event, const char *message)
{
  assert_true(message[0]);
  atomic_fetch_add(&((struct heard *)context)->count[event], 1);
}

static struct decision_log *open_log(const struct decision_log_options *options)
{
  struct decision_log *log = NULL;
  struct error err;
  if (decision_log_open(options, &log, &err) < 0)
    fail_msg("%s", err.message);
  return log;
}

static void add_line(struct decision_log *log, unsigned number)
{
  char line[128];
  int len = snprintf(line, sizeof line, "{\"n\":%u,\"text\":\"0123456789 0123456789\"}", number);
  decision_log_add(log, str_make(line, (size_t)len));
}

/* All lines are whole; how many. */
static unsigned check_lines(const char *path)
{
  _cleanup_(buf_free) struct buf text = {0};
  assert_int_equal(file_read(path, 64 << 20, &text, NULL), 0);
  if (!text.len)
    return 0;
  assert_int_equal(text.data[text.len - 1], '\n');
  unsigned lines = 0;
  struct str rest = str_sub(buf_str(&text), 0, text.len - 1);
  for (; rest.data; lines++) {
    struct str line = str_cut(rest, '\n', &rest);
    assert_true(str_starts(line, STR("{\"")));
    assert_true(str_ends(line, STR("}")));
    assert_true(str_find(line, 2, STR("{\"n\"")) < 0);
  }
  return lines;
}

static void test_writes_and_flushes(void **state)
{
  (void)state;
  const char *path = "log";
  struct decision_log *log = open_log(&(struct decision_log_options){.path = path});
  struct decision_log_stats stats;
  for (unsigned i = 0; i < 100; i++)
    add_line(log, i);
  assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
  assert_int_equal(check_lines(path), 100);
  decision_log_stats(log, &stats);
  assert_int_equal(stats.written, 100);
  assert_int_equal(stats.dropped, 0);
  assert_int_equal(stats.queued_bytes, 0);
  add_line(log, 100);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(path), 101);
  struct stat s;
  assert_int_equal(stat(path, &s), 0);
  assert_int_equal(s.st_mode & 0777, 0600);
  assert_int_equal(decision_log_close(NULL, 0), 0);
}

static void test_sync_policies(void **state)
{
  (void)state;
  const char *path = "log";
  static const enum decision_log_sync all[] = {DECISION_SYNC_NEVER, DECISION_SYNC_INTERVAL,
                                               DECISION_SYNC_ALWAYS};
  for (unsigned i = 0; i < 3; i++) {
    struct decision_log *log =
        open_log(&(struct decision_log_options){.path = path, .sync = all[i]});
    add_line(log, i);
    assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
    assert_int_equal(check_lines(path), i + 1);
    assert_int_equal(decision_log_close(log, LONG_MS), 0);
  }
}

static void test_rotates(void **state)
{
  (void)state;
  const char *path = "log";
  struct decision_log *log =
      open_log(&(struct decision_log_options){.path = path, .rotate_bytes = 4096, .keep = 2});
  for (unsigned i = 0; i < 1000; i++)
    add_line(log, i);
  struct decision_log_stats stats;
  assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
  decision_log_stats(log, &stats);
  assert_true(stats.rotations >= 5);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  const char *const names[] = {"log", "log.1", "log.2"};
  for (unsigned i = 0; i < 3; i++) {
    struct stat s;
    const char *name = names[i];
    assert_true(check_lines(name) > 0);
    assert_int_equal(stat(name, &s), 0);
    assert_in_range(s.st_size, 1, 4096);
  }
  assert_int_equal(access("log.3", F_OK), -1);
}

static void test_rotation_that_fails_loses_nothing(void **state)
{
  (void)state;
  struct heard heard = {0};
  const char *path = "log";
  /* A directory that is not empty stands where the file should go. */
  assert_int_equal(mkdir("log.1", 0700), 0);
  scratch_file("log.1/x", "x");
  struct decision_log *log = open_log(&(struct decision_log_options){
      .path = path, .rotate_bytes = 4096, .keep = 1, .event = hear, .event_context = &heard});
  for (unsigned i = 0; i < 300; i++)
    add_line(log, i);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(path), 300);
  assert_true(heard.count[DECISION_LOG_FAILED] >= 1);
}

static void test_reopens(void **state)
{
  (void)state;
  const char *path = "log", *moved = "moved";
  struct decision_log *log = open_log(&(struct decision_log_options){.path = path});
  add_line(log, 1);
  assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
  assert_int_equal(rename(path, moved), 0);
  add_line(log, 2);
  assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
  decision_log_reopen(log);
  add_line(log, 3);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(moved), 2);
  assert_int_equal(check_lines(path), 1);
}

static void test_repairs_the_end(void **state)
{
  (void)state;
  struct heard heard = {0};
  const char *path = "log";
  scratch_file("log", "{\"n\":1}\n{\"n\":2,\"te");
  struct decision_log *log = open_log(
      &(struct decision_log_options){.path = path, .event = hear, .event_context = &heard});
  add_line(log, 3);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(path), 2);
  assert_int_equal(heard.count[DECISION_LOG_REPAIRED], 1);
  scratch_file("log", "no line at all");
  log = open_log(&(struct decision_log_options){.path = path});
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(path), 0);
}

static void test_lines_that_are_none(void **state)
{
  (void)state;
  const char *path = "log";
  _cleanup_(buf_free) struct buf big = {0};
  struct decision_log_stats stats;
  struct decision_log *log =
      open_log(&(struct decision_log_options){.path = path, .queue_bytes = 4096});
  buf_add_repeat(&big, 'x', 4096);
  assert_false(decision_log_add(log, STR("a\nb")));
  assert_false(decision_log_add(log, buf_str(&big)));
  assert_int_equal(decision_log_flush(log, LONG_MS, NULL), 0);
  decision_log_stats(log, &stats);
  assert_int_equal(stats.dropped, 2);
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_true(check_lines(path) >= 1); /* the gap is said */
  buf_clear(&big);
  assert_int_equal(file_read(path, 4096, &big, NULL), 0);
  assert_true(str_find(buf_str(&big), 0, STR("\"gap\":{\"dropped\":")) > 0);
}

/* A device that is always full: nothing waits longer than its bound, all is counted and told. */
static void test_full_device(void **state)
{
  (void)state;
  struct heard heard = {0};
  struct decision_log_stats stats;
  struct decision_log *log = open_log(&(struct decision_log_options){.path = "/dev/full",
                                                                     .queue_bytes = 4096,
                                                                     .wait_ms = 1,
                                                                     .event = hear,
                                                                     .event_context = &heard});
  for (unsigned i = 0; i < 300; i++)
    add_line(log, i);
  struct error err;
  assert_int_equal(decision_log_flush(log, 300, &err), SW_EIO);
  decision_log_stats(log, &stats);
  assert_int_equal(stats.written, 0);
  assert_true(stats.dropped >= 150 && stats.dropped < 300);
  assert_true(stats.errors >= 1);
  assert_in_range(stats.queued_bytes, 3000, 4096 + 100); /* a line about the gap on top */
  /* What was taken is lost, and with it lines about gaps, one for each time that dropping began. */
  assert_in_range(decision_log_close(log, 10), 300 - stats.dropped, 300);
  assert_int_equal(heard.count[DECISION_LOG_FAILED], 1);
  assert_true(heard.count[DECISION_LOG_DROPPED] >= 1);
}

/* In a child: a file may not grow beyond what holds a few lines and a half. */
static int fill_up(const char *path)
{
  struct rlimit small = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
  struct heard heard = {0};
  struct decision_log_stats stats;
  struct decision_log *log = NULL;
  struct error err;
  if (decision_log_open(
          &(struct decision_log_options){.path = path, .event = hear, .event_context = &heard},
          &log, &err) < 0 ||
      setrlimit(RLIMIT_FSIZE, &small) != 0)
    return 1;
  for (unsigned i = 0; i < 100; i++)
    add_line(log, i);
  decision_log_flush(log, 200, NULL);
  decision_log_stats(log, &stats);
  if (stats.written == 0 || stats.written >= 100 || heard.count[DECISION_LOG_FAILED] != 1)
    return 2;
  if (check_lines(path) != stats.written)
    return 3;
  small.rlim_cur = RLIM_INFINITY; /* there is room again: nothing was lost */
  if (setrlimit(RLIMIT_FSIZE, &small) != 0 || decision_log_flush(log, LONG_MS, NULL) < 0)
    return 4;
  if (heard.count[DECISION_LOG_RECOVERED] != 1)
    return 5;
  return decision_log_close(log, LONG_MS) == 0 && check_lines(path) == 100 ? 0 : 6;
}

static void test_full_disk(void **state)
{
  (void)state;
  const char *path = "log";
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    _exit(fill_up(path));
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

/* Killed while it writes, again and again: after the next opening all lines are whole. */
static void test_kill(void **state)
{
  (void)state;
  const char *path = "log";
  unsigned last = 0;
  for (int round = 0; round < 10; round++) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      struct decision_log *log =
          open_log(&(struct decision_log_options){.path = path, .wait_ms = 10});
      for (unsigned i = 0;; i++)
        add_line(log, i);
    }
    struct stat s = {0};
    off_t before = stat(path, &s) == 0 ? s.st_size : 0;
    while (stat(path, &s) != 0 || s.st_size < before + 20000) {
      assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* it writes for ever */
      usleep(500);
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    struct decision_log *log = open_log(&(struct decision_log_options){.path = path});
    assert_int_equal(decision_log_close(log, LONG_MS), 0);
    unsigned lines = check_lines(path);
    assert_true(lines > last);
    last = lines;
  }
}

static void *add_many(void *context)
{
  for (unsigned i = 0; i < 2000; i++)
    add_line(context, i);
  return NULL;
}

static void test_threads(void **state)
{
  (void)state;
  const char *path = "log";
  struct decision_log *log = open_log(&(struct decision_log_options){.path = path});
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, add_many, log), 0);
  for (int i = 0; i < 4; i++) {
    decision_log_reopen(log);
    pthread_join(threads[i], NULL);
  }
  assert_int_equal(decision_log_close(log, LONG_MS), 0);
  assert_int_equal(check_lines(path), 8000);
}

static void test_standard_output_nobody_reads(void **state)
{
  (void)state;
  int ends[2], saved = dup(STDOUT_FILENO);
  assert_int_equal(pipe(ends), 0);
  fflush(stdout);
  dup2(ends[1], STDOUT_FILENO);
  struct decision_log *log = open_log(&(struct decision_log_options){.path = "-"});
  dup2(saved, STDOUT_FILENO);
  close(saved);
  for (unsigned i = 0; i < 5000; i++)
    add_line(log, i);
  assert_int_equal(decision_log_flush(log, 100, NULL), SW_EIO);
  uint64_t left = decision_log_close(log, 100);
  assert_true(left > 0 && left < 5000);
  close(ends[0]);
  close(ends[1]);
}

static void test_refuses(void **state)
{
  (void)state;
  struct decision_log *log;
  struct error err;
  const char *fifo = "fifo";
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(decision_log_open(&(struct decision_log_options){.path = fifo}, &log, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "lines");
  const char *missing = "missing/log";
  assert_int_equal(decision_log_open(&(struct decision_log_options){.path = missing}, &log, &err),
                   SW_ENOENT);
  static const struct decision_log_options wrong[] = {
      {.rotate_bytes = 1}, {.keep = 1001}, {.queue_bytes = 1}, {.wait_ms = 10001}};
  for (unsigned i = 0; i < 4; i++)
    assert_int_equal(decision_log_open(&wrong[i], &log, &err), SW_EUSAGE);
}

static int enter(void **state)
{
  static struct scratch scratch;
  scratch_open(&scratch);
  *state = &scratch;
  return 0;
}

static int leave(void **state)
{
  scratch_close(*state);
  return 0;
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter, leave)
  const struct CMUnitTest tests[] = {
      IN_SCRATCH(test_writes_and_flushes),
      IN_SCRATCH(test_sync_policies),
      IN_SCRATCH(test_rotates),
      IN_SCRATCH(test_rotation_that_fails_loses_nothing),
      IN_SCRATCH(test_reopens),
      IN_SCRATCH(test_repairs_the_end),
      IN_SCRATCH(test_lines_that_are_none),
      IN_SCRATCH(test_full_device),
      IN_SCRATCH(test_full_disk),
      IN_SCRATCH(test_kill),
      IN_SCRATCH(test_threads),
      IN_SCRATCH(test_standard_output_nobody_reads),
      IN_SCRATCH(test_refuses),
  };
  return cmocka_run_group_tests_name("decision_log", tests, NULL, NULL);
}
