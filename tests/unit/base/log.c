#include "../test.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOW_SECONDS = 1795246000 }; /* 2026-11-21T07:26:40Z */

/* A log that writes into a pipe, at a time that stands still. */
struct fixture {
  int ends[2];
  struct clock_test time;
  struct log_options options;
  struct log *log;
  char text[1 << 17];
};

static void open_with(struct fixture *f, struct log_options options)
{
  assert_int_equal(pipe2(f->ends, O_NONBLOCK | O_CLOEXEC), 0);
  clock_test_init(&f->time, (int64_t)NOW_SECONDS * 1000 + 7);
  options.fd = f->ends[1];
  options.clock = &f->time.clock;
  f->log = log_new(&options);
}

static void close_log(struct fixture *f)
{
  log_free(f->log);
  close(f->ends[0]);
  close(f->ends[1]);
}

static const char *written(struct fixture *f)
{
  size_t len = 0;
  ssize_t got;
  while ((got = read(f->ends[0], f->text + len, sizeof f->text - 1 - len)) > 0)
    len += (size_t)got;
  f->text[len] = '\0';
  return f->text;
}

static struct fixture fixture;

#define TIME "2026-11-21T07:26:40.007Z"

static void text_lines(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.format = LOG_FORMAT_TEXT, .level = LOG_INFO});
  log_write(f->log, LOG_INFO, "started");
  assert_string_equal(written(f), TIME " INFO  started\n");
  char buffer[] = "/etc/seawall";
  const char *nothing = NULL;
  log_write(f->log, LOG_WARN, "policies loaded", LOG_TEXT("path", buffer),
            LOG_TEXT("view", STR("a b")), LOG_TEXT("empty", ""), LOG_TEXT("null", nothing),
            LOG_COUNT("policies", 12), LOG_INT("change", -3), LOG_BOOL("first", true),
            LOG_BOOL("last", false), LOG_COUNT("most", UINT64_MAX), LOG_INT("least", INT64_MIN));
  assert_string_equal(written(f), TIME
                      " WARN  policies loaded path=/etc/seawall view=\"a b\" empty=\"\" null=\"\" "
                      "policies=12 change=-3 first=true last=false most=18446744073709551615 "
                      "least=-9223372036854775808\n");
  log_write(f->log, LOG_ERROR, "x", LOG_TEXT("eq", "a=b"), LOG_TEXT("quote", "say \"a\\b\""),
            LOG_TEXT("word", "gr\xC3\xBC\xC3\x9F"));
  assert_string_equal(written(f), TIME
                      " ERROR x eq=\"a=b\" quote=\"say \\\"a\\\\b\\\"\" word=gr\xC3\xBC\xC3\x9F\n");
  close_log(f);
}

static void durations(void **state)
{
  (void)state;
  static const struct {
    uint64_t ns;
    const char *text, *json;
  } cases[] = {
      {0, "0ns", "0"},
      {999, "999ns", "0.000000999"},
      {1000, "1.00us", "0.000001"},
      {12345, "12.3us", "0.000012345"},
      {999999, "999us", "0.000999999"},
      {3412345, "3.41ms", "0.003412345"},
      {1000000000, "1.00s", "1"},
      {1500000000, "1.50s", "1.5"},
      {7200000000000, "7200s", "7200"},
      {UINT64_MAX, "18446744073s", "18446744073.709551615"},
  };
  for (unsigned format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
    struct fixture *f = &fixture;
    open_with(f, (struct log_options){.format = format});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      char expected[200];
      log_write(f->log, LOG_INFO, "m", LOG_DURATION("took", cases[i].ns));
      snprintf(expected, sizeof expected,
               format == LOG_FORMAT_TEXT ? TIME " INFO  m took=%s\n"
                                         : "{\"time\":\"" TIME
                                           "\",\"level\":\"info\",\"msg\":\"m\",\"took\":%s}\n",
               format == LOG_FORMAT_TEXT ? cases[i].text : cases[i].json);
      assert_string_equal(written(f), expected);
    }
    close_log(f);
  }
}

static void brief_and_coloured(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.brief_time = true, .color = true});
  log_write(f->log, LOG_DEBUG, "a");
  log_write(f->log, LOG_INFO, "a");
  log_write(f->log, LOG_WARN, "a");
  log_write(f->log, LOG_ERROR, "a");
  assert_string_equal(written(f), "07:26:40.007 \033[2mDEBUG\033[0m a\n"
                                  "07:26:40.007 \033[32mINFO \033[0m a\n"
                                  "07:26:40.007 \033[33mWARN \033[0m a\n"
                                  "07:26:40.007 \033[1;31mERROR\033[0m a\n");
  close_log(f);
}

static void json_lines(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.format = LOG_FORMAT_JSON, .color = true, .brief_time = true});
  log_write(f->log, LOG_DEBUG, "policies loaded", LOG_TEXT("path", "/a \"b\"\\"), LOG_COUNT("n", 1),
            LOG_INT("i", -1), LOG_BOOL("yes", true));
  assert_string_equal(written(f),
                      "{\"time\":\"" TIME "\",\"level\":\"debug\",\"msg\":\"policies loaded\","
                      "\"path\":\"/a \\\"b\\\"\\\\\",\"n\":1,\"i\":-1,\"yes\":true}\n");
  close_log(f);
}

/* A line's end, an escape sequence, a zero byte, bytes that are no UTF-8, a change of direction. */
#define HOSTILE "a\nERROR b\r\t\033[2J\x7f\0\xff\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81z"

static void hostile_text(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.format = LOG_FORMAT_TEXT});
  log_put(f->log, LOG_INFO, STR("m\033[1m\n"), &LOG_TEXT("t", STR(HOSTILE)), 1);
  assert_string_equal(
      written(f),
      TIME " INFO  m\\x1b[1m\\n t=\"a\\nERROR b\\r\\t\\x1b[2J\\x7f\\x00\\xff\\u009b\\u202e"
           "\\U000e0001z\"\n");
  close_log(f);
  open_with(f, (struct log_options){.format = LOG_FORMAT_JSON});
  log_put(f->log, LOG_INFO, STR("m\033[1m\n"), &LOG_TEXT("t", STR(HOSTILE)), 1);
  assert_string_equal(
      written(f),
      "{\"time\":\"" TIME
      "\",\"level\":\"info\",\"msg\":\"m\\u001b[1m\\n\",\"t\":\"a\\nERROR b\\r\\t\\u001b["
      "2J\\u007f\\u0000\xEF\xBF\xBD\\u009b\\u202e\\udb40\\udc01z\"}\n");
  close_log(f);
}

static void long_texts_are_cut(void **state)
{
  (void)state;
  static char text[LOG_TEXT_MAX + 100];
  memset(text, 'x', sizeof text);
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.format = LOG_FORMAT_TEXT});
  log_write(f->log, LOG_INFO, "m", LOG_TEXT("t", str_make(text, LOG_TEXT_MAX)));
  assert_int_equal(strlen(written(f)), strlen(TIME " INFO  m t=\n") + LOG_TEXT_MAX);
  log_write(f->log, LOG_INFO, "m", LOG_TEXT("t", str_make(text, LOG_TEXT_MAX + 1)));
  size_t len = strlen(written(f));
  assert_int_equal(len, strlen(TIME " INFO  m t=...\n") + LOG_TEXT_MAX);
  assert_string_equal(f->text + len - 5, "x...\n");
  /* Not within a character. */
  memcpy(text + LOG_TEXT_MAX - 1, "\xC3\xBC", 2);
  log_write(f->log, LOG_INFO, "m", LOG_TEXT("t", str_make(text, sizeof text)));
  assert_true(utf8_valid(str_from(written(f))));
  assert_int_equal(strlen(f->text), strlen(TIME " INFO  m t=...\n") + LOG_TEXT_MAX - 1);
  close_log(f);
}

/* Whatever is in it, a line has one line end, at its end, and is no longer than a pipe takes at once. */
static void lines_are_bounded(void **state)
{
  (void)state;
  static char text[8][LOG_TEXT_MAX];
  struct log_field fields[LOG_FIELDS_MAX + 8];
  for (unsigned byte = 0; byte < 8; byte++)
    memset(text[byte], "\001\"\xff\\x\n\xc3\x80"[byte], LOG_TEXT_MAX);
  for (unsigned format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
    struct fixture *f = &fixture;
    open_with(f, (struct log_options){.format = format, .burst = UINT_MAX});
    for (unsigned byte = 0; byte < 8; byte++)
      for (size_t len = 0; len <= LOG_TEXT_MAX; len += 31) {
        struct str value = str_make(text[byte], len);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
          fields[i] = i % 5 ? LOG_TEXT("key", value) : LOG_COUNT("count", UINT64_MAX);
        log_put(f->log, LOG_ERROR, value, fields, sizeof fields / sizeof *fields);
        size_t length = strlen(written(f));
        assert_in_range(length, 50, LOG_LINE_MAX);
        assert_ptr_equal(strchr(f->text, '\n'), f->text + length - 1);
        assert_true(utf8_valid(str_make(f->text, length)));
        const char *end = format == LOG_FORMAT_TEXT ? " cut=" : ",\"cut\":";
        assert_non_null(strstr(f->text, end));
      }
    close_log(f);
  }
}

static void levels(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.level = LOG_WARN});
  int evaluated = 0;
  log_write(f->log, LOG_INFO, "m", LOG_INT("n", ++evaluated));
  log_put(f->log, LOG_INFO, STR("m"), NULL, 0);
  assert_string_equal(written(f), "");
  assert_int_equal(evaluated, 0);
  assert_false(log_enabled(f->log, LOG_INFO));
  assert_true(log_enabled(f->log, LOG_WARN));
  log_set_level(f->log, LOG_DEBUG);
  log_write(f->log, LOG_DEBUG, "m", LOG_INT("n", ++evaluated));
  assert_string_equal(written(f), TIME " DEBUG m n=1\n");
  log_set_level(f->log, LOG_ERROR);
  log_write(f->log, LOG_WARN, "m");
  assert_string_equal(written(f), "");
  close_log(f);
  assert_str(log_level_name(LOG_DEBUG), "debug");
  assert_str(log_level_name(LOG_INFO), "info");
  assert_str(log_level_name(LOG_WARN), "warn");
  assert_str(log_level_name(LOG_ERROR), "error");
}

static void no_log_is_silent(void **state)
{
  (void)state;
  struct log *log = NULL;
  int evaluated = 0;
  log_write(log, LOG_ERROR, "m", LOG_INT("n", ++evaluated));
  log_put(log, LOG_ERROR, STR("m"), NULL, 0);
  log_set_level(log, LOG_DEBUG);
  log_settle(log);
  assert_false(log_enabled(log, LOG_ERROR));
  struct log_stats stats = {1, 1, 1};
  log_stats(log, &stats);
  assert_int_equal(stats.written + stats.suppressed + stats.lost, 0);
  log_free(log);
  assert_int_equal(evaluated, 0);
}

static unsigned lines_of(const char *text, const char *part)
{
  unsigned count = 0;
  for (; (text = strstr(text, part)); text += strlen(part))
    count++;
  return count;
}

static void repetitions_are_held_back(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = 3, .window_ms = 1000});
  for (int i = 0; i < 10; i++)
    log_write(f->log, LOG_WARN, "again", LOG_INT("i", i));
  assert_int_equal(lines_of(written(f), "again"), 3);
  assert_non_null(strstr(f->text, "i=2"));
  /* Another message, and another level, are not concerned; debug lines never are. */
  log_write(f->log, LOG_WARN, "other");
  log_write(f->log, LOG_ERROR, "again");
  for (int i = 0; i < 5; i++)
    log_write(f->log, LOG_DEBUG, "again");
  assert_int_equal(lines_of(written(f), "\n"), 7);
  clock_test_advance(&f->time, 999);
  log_settle(f->log);
  assert_string_equal(written(f), "");
  clock_test_advance(&f->time, 1);
  log_settle(f->log);
  assert_string_equal(written(f), "2026-11-21T07:26:41.007Z WARN  again suppressed=7\n");
  log_settle(f->log);
  assert_string_equal(written(f), "");
  struct log_stats stats;
  log_stats(f->log, &stats);
  assert_int_equal(stats.suppressed, 7);
  assert_int_equal(stats.written, 11);
  assert_int_equal(stats.lost, 0);
  close_log(f);
}

static void what_was_held_back_is_told_before_what_follows(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = 1, .window_ms = 1000});
  log_write(f->log, LOG_WARN, "a");
  log_write(f->log, LOG_WARN, "a");
  log_write(f->log, LOG_WARN, "b");
  log_write(f->log, LOG_WARN, "b");
  written(f);
  clock_test_advance(&f->time, 1000);
  log_write(f->log, LOG_WARN, "a", LOG_INT("n", 3));
  assert_string_equal(written(f), "2026-11-21T07:26:41.007Z WARN  a suppressed=1\n"
                                  "2026-11-21T07:26:41.007Z WARN  b suppressed=1\n"
                                  "2026-11-21T07:26:41.007Z WARN  a n=3\n");
  log_write(f->log, LOG_WARN, "a");
  log_write(f->log, LOG_WARN, "a");
  assert_string_equal(written(f), "");
  log_free(f->log); /* the window is not over */
  assert_string_equal(written(f), "2026-11-21T07:26:41.007Z WARN  a suppressed=2\n");
  f->log = NULL;
  close_log(f);
}

static void messages_remembered_are_bounded(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = 1, .window_ms = 1000000});
  log_write(f->log, LOG_WARN, "first");
  log_write(f->log, LOG_WARN, "first");
  written(f);
  for (int i = 0; i < LOG_KINDS_MAX; i++) {
    char message[32];
    snprintf(message, sizeof message, "message %d", i);
    clock_test_advance(&f->time, 1);
    log_put(f->log, LOG_WARN, str_from(message), NULL, 0);
  }
  assert_int_equal(lines_of(written(f), "message "), LOG_KINDS_MAX);
  assert_int_equal(lines_of(f->text, "first suppressed=1"), 1); /* it had to give way */
  log_write(f->log, LOG_WARN, "first");
  assert_int_equal(lines_of(written(f), "first\n"), 1);
  close_log(f);
}

static void nothing_is_held_back_if_so_wanted(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = UINT_MAX});
  for (int i = 0; i < 100; i++)
    log_write(f->log, LOG_WARN, "again");
  assert_int_equal(lines_of(written(f), "again"), 100);
  close_log(f);
}

static void some_lines_are_never_held_back(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = 2, .level = LOG_INFO});
  for (int i = 0; i < 10; i++)
    log_write_each(f->log, LOG_ERROR, "a policy is wrong", LOG_INT("i", i));
  log_write_each(f->log, LOG_ERROR, "alone");
  log_write_each(f->log, LOG_DEBUG, "not at this level");
  log_write_each(NULL, LOG_ERROR, "nowhere");
  assert_int_equal(lines_of(written(f), "a policy is wrong i="), 10);
  assert_int_equal(lines_of(f->text, "\n"), 11);
  log_free(f->log);
  assert_string_equal(written(f), ""); /* nothing to tell of them */
  f->log = NULL;
  close_log(f);
}

/* Nobody reads: one line waits, the rest do not, and nothing is in two pieces. */
static void a_full_pipe_does_not_block(void **state)
{
  (void)state;
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.burst = UINT_MAX});
  fcntl(f->ends[1], F_SETFL, 0); /* as a program finds its standard error: it waits */
  char text[1000];
  memset(text, 'x', sizeof text);
  uint64_t start = clock_monotonic_ns(clock_system());
  for (int i = 0; i < 500; i++)
    log_write(f->log, LOG_INFO, "m", LOG_TEXT("t", str_make(text, sizeof text)));
  uint64_t took = clock_monotonic_ns(clock_system()) - start;
  assert_true(took >= (uint64_t)LOG_WAIT_MS * 1000000 / 2);
  assert_true(took < 10U * 1000000000U); /* 400 waits would be 20 s */
  struct log_stats stats;
  log_stats(f->log, &stats);
  assert_true(stats.written > 10);
  assert_int_equal(stats.written + stats.lost, 500);
  assert_int_equal(lines_of(written(f), "INFO  m t="), stats.written);
  uint64_t lost = stats.lost;
  log_write(f->log, LOG_INFO, "after");
  char expected[200];
  snprintf(
      expected, sizeof expected,
      TIME
      " WARN  lines of this log were lost: it was not read, or the disk is full lost=%llu\n" TIME
      " INFO  after\n",
      (unsigned long long)lost);
  assert_string_equal(written(f), expected);
  log_stats(f->log, &stats);
  assert_int_equal(stats.lost, lost);
  close_log(f);
}

static void a_full_socket_does_not_block(void **state)
{
  (void)state;
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  struct log *log = log_new(&(struct log_options){.fd = ends[1], .burst = UINT_MAX});
  char text[1000];
  memset(text, 'x', sizeof text);
  struct log_stats stats = {0};
  for (int i = 0; i < 100000 && !stats.lost; i++) {
    log_write(log, LOG_INFO, "m", LOG_TEXT("t", str_make(text, sizeof text)));
    log_stats(log, &stats);
  }
  assert_true(stats.lost > 0);
  close(ends[0]); /* SIGPIPE would end the program */
  log_write(log, LOG_INFO, "m");
  log_free(log);
  close(ends[1]);
}

static void failures_are_nobodys_business(void **state)
{
  (void)state;
  signal(SIGPIPE, SIG_IGN);
  struct fixture *f = &fixture;
  open_with(f, (struct log_options){.format = LOG_FORMAT_TEXT});
  close(f->ends[0]);
  errno = E2BIG;
  log_write(f->log, LOG_INFO, "m");
  assert_int_equal(errno, E2BIG);
  struct log_stats stats;
  log_stats(f->log, &stats);
  assert_int_equal(stats.lost, 1);
  assert_int_equal(stats.written, 0);
  close_log(f);

  struct log *log = log_new(&(struct log_options){.fd = -1});
  log_write(log, LOG_INFO, "m");
  log_stats(log, &stats);
  assert_int_equal(stats.lost, 1);
  log_free(log);

  int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  assert_true(full >= 0);
  log = log_new(&(struct log_options){.fd = full});
  log_write(log, LOG_INFO, "m");
  log_stats(log, &stats);
  assert_int_equal(stats.lost, 1);
  log_free(log);
  close(full);
}

/* A disk that is full in the middle of a line: the next begins on a line of its own. */
static void a_line_in_two_halves_is_ended(void **state)
{
  (void)state;
  signal(SIGXFSZ, SIG_IGN);
  char path[] = "/tmp/seawall-log-XXXXXX";
  int fd = mkostemp(path, O_CLOEXEC);
  assert_true(fd >= 0);
  struct clock_test time;
  clock_test_init(&time, (int64_t)NOW_SECONDS * 1000 + 7);
  struct log *log = log_new(&(struct log_options){.fd = fd, .clock = &time.clock});
  struct rlimit before, limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  limit = (struct rlimit){10, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  log_write(log, LOG_INFO, "one");
  log_write(log, LOG_INFO, "two");
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  log_write(log, LOG_INFO, "three");
  log_free(log);
  char text[1000] = "";
  assert_true(pread(fd, text, sizeof text - 1, 0) > 0);
  assert_string_equal(text, "2026-11-21\n" TIME
                            " WARN  lines of this log were lost: it was not read, or the disk is "
                            "full lost=2\n" TIME " INFO  three\n");
  close(fd);
  unlink(path);
}

/* The flag is shared with whoever has the other copies of the descriptor. */
static void the_descriptor_stays_as_it_is(void **state)
{
  (void)state;
  int ends[2];
  assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
  struct log *log = log_new(&(struct log_options){.fd = ends[1]});
  log_write(log, LOG_INFO, "m");
  assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
  log_free(log);
  assert_true(fcntl(ends[1], F_GETFD) >= 0);
  close(ends[0]);
  close(ends[1]);
}

enum { THREADS = 8, LINES = 2000 };

static void *write_many(void *argument)
{
  struct log *log = argument;
  for (int i = 0; i < LINES; i++) {
    log_set_level(log, i % 2 ? LOG_INFO : LOG_DEBUG);
    log_write(log, LOG_WARN, "many", LOG_TEXT("text", "0123456789"), LOG_INT("i", i));
    log_write(log, LOG_ERROR, "more", LOG_TEXT("text", "0123456789"), LOG_INT("i", i));
    if (i % 100 == 0)
      log_settle(log);
  }
  return NULL;
}

static void threads(void **state)
{
  (void)state;
  char path[] = "/tmp/seawall-log-XXXXXX";
  int fd = mkostemp(path, O_CLOEXEC | O_APPEND);
  assert_true(fd >= 0);
  struct log *log = log_new(&(struct log_options){.fd = fd, .burst = LINES, .window_ms = UINT_MAX});
  pthread_t ids[THREADS];
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&ids[i], NULL, write_many, log), 0);
  for (int i = 0; i < THREADS; i++)
    pthread_join(ids[i], NULL);
  struct log_stats stats;
  log_stats(log, &stats);
  assert_int_equal(stats.written, 2 * LINES);
  assert_int_equal(stats.suppressed, 2 * LINES * (THREADS - 1));
  log_free(log);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  char line[300];
  unsigned many = 0, more = 0, told = 0;
  while (fgets(line, sizeof line, file)) {
    unsigned before = many + more + told;
    many += strstr(line, " WARN  many text=0123456789 i=") != NULL;
    more += strstr(line, " ERROR more text=0123456789 i=") != NULL;
    told += strstr(line, " suppressed=14000\n") != NULL;
    assert_int_equal(many + more + told, before + 1);
  }
  assert_int_equal(many, LINES);
  assert_int_equal(more, LINES);
  assert_int_equal(told, 2);
  fclose(file);
  close(fd);
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_lines),
      cmocka_unit_test(durations),
      cmocka_unit_test(brief_and_coloured),
      cmocka_unit_test(json_lines),
      cmocka_unit_test(hostile_text),
      cmocka_unit_test(long_texts_are_cut),
      cmocka_unit_test(lines_are_bounded),
      cmocka_unit_test(levels),
      cmocka_unit_test(no_log_is_silent),
      cmocka_unit_test(repetitions_are_held_back),
      cmocka_unit_test(what_was_held_back_is_told_before_what_follows),
      cmocka_unit_test(messages_remembered_are_bounded),
      cmocka_unit_test(nothing_is_held_back_if_so_wanted),
      cmocka_unit_test(some_lines_are_never_held_back),
      cmocka_unit_test(a_full_pipe_does_not_block),
      cmocka_unit_test(a_full_socket_does_not_block),
      cmocka_unit_test(failures_are_nobodys_business),
      cmocka_unit_test(a_line_in_two_halves_is_ended),
      cmocka_unit_test(the_descriptor_stays_as_it_is),
      cmocka_unit_test(threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
