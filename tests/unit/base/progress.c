#include "../test.h"

#include "base/mem.h"
#include "base/progress.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <unistd.h>

/* A pipe that takes the place of the terminal; reading it empties it. */
struct screen {
  int ends[2];
  struct clock_test time;
  char text[65536];
};

static void screen_open(struct screen *s)
{
  assert_int_equal(pipe2(s->ends, O_NONBLOCK), 0);
  clock_test_init(&s->time, 0);
}

static void screen_close(struct screen *s)
{
  close(s->ends[0]);
  close(s->ends[1]);
}

static const char *shown(struct screen *s)
{
  ssize_t got = read(s->ends[0], s->text, sizeof s->text - 1);
  s->text[got > 0 ? got : 0] = '\0';
  return s->text;
}

static unsigned times(const char *text, const char *part)
{
  unsigned count = 0;
  for (; (text = strstr(text, part)); text += strlen(part))
    count++;
  return count;
}

static void the_mode_follows_from_the_surroundings(void **state)
{
  (void)state;
  assert_int_equal(progress_mode_for(true, NULL, "xterm"), PROGRESS_BAR);
  assert_int_equal(progress_mode_for(true, "", "xterm"), PROGRESS_BAR);
  assert_int_equal(progress_mode_for(true, "false", "xterm"), PROGRESS_BAR);
  assert_int_equal(progress_mode_for(true, "0", "xterm"), PROGRESS_BAR);
  assert_int_equal(progress_mode_for(true, "true", "xterm"), PROGRESS_LINES);
  assert_int_equal(progress_mode_for(false, "1", NULL), PROGRESS_LINES);
  assert_int_equal(progress_mode_for(true, NULL, "dumb"), PROGRESS_OFF);
  assert_int_equal(progress_mode_for(true, NULL, NULL), PROGRESS_OFF);
  assert_int_equal(progress_mode_for(false, NULL, "xterm"), PROGRESS_OFF);
}

static void a_bar_shows_share_rate_and_time_left(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 400);
  clock_test_advance(&s.time, 1000);
  progress_add(&p, 100);
  assert_string_equal(shown(&s), "\rscanning [=======                       ] 100 of 400, 100/s, "
                                 "4 s left\033[K");
  clock_test_advance(&s.time, 1000);
  progress_add(&p, 300);
  assert_string_equal(shown(&s),
                      "\rscanning [==============================] 400 of 400, 200/s\033[K");
  progress_end(&p);
  assert_string_equal(shown(&s), "\r\033[K");
  progress_end(&p);
  assert_string_equal(shown(&s), "");
  screen_close(&s);
}

static void bytes_are_told_in_their_units(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 0, &s.time.clock);
  progress_start(&p, "reading", PROGRESS_BYTES, 0);
  clock_test_advance(&s.time, 2000);
  progress_add(&p, 3 << 20);
  assert_string_equal(shown(&s), "\rreading 3 MiB, 1.5 MiB/s\033[K");
  progress_set_total(&p, 12ULL << 30);
  clock_test_advance(&s.time, 2000);
  progress_add(&p, 3 << 20);
  assert_non_null(strstr(shown(&s), "6 MiB of 12 GiB, 1.5 MiB/s, 2 h 16 min left"));
  progress_end(&p);
  screen_close(&s);
}

static void redraws_at_most_ten_times_a_second(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 5000);
  for (int i = 0; i < 5000; i++) {
    progress_add(&p, 1);
    clock_test_advance(&s.time, 1);
  }
  unsigned redraws = times(shown(&s), "\r");
  assert_in_range(redraws, 20, 46); /* of 4.5 s, the first half second being silent */
  progress_end(&p);
  screen_close(&s);
}

static void quick_tasks_show_nothing(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 100);
  for (int i = 0; i < 100; i++) {
    clock_test_advance(&s.time, 4);
    progress_add(&p, 1);
  }
  progress_end(&p);
  assert_string_equal(shown(&s), "");
  screen_close(&s);
}

static void seldom_looks_at_the_clock_when_calls_are_many(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 0);
  for (int i = 0; i < 100000; i++)
    progress_add(&p, 1);
  assert_true(p.skip > 1000);
  /* When the pace drops, that is noticed after a while. */
  for (int i = 0; i < 300000 && p.skip; i++) {
    clock_test_advance(&s.time, 100);
    progress_add(&p, 1);
  }
  assert_int_equal(p.skip, 0);
  progress_end(&p);
  screen_close(&s);
}

static void a_narrow_terminal_is_not_overrun(void **state)
{
  (void)state;
  for (unsigned columns = 1; columns < 90; columns++) {
    struct screen s;
    screen_open(&s);
    struct progress p;
    progress_init(&p, PROGRESS_BAR, s.ends[1], columns, &s.time.clock);
    progress_start(&p, "\xE6\xBC\xA2\xE5\xAD\x97", PROGRESS_COUNT, 1000000);
    clock_test_advance(&s.time, 1000);
    progress_add(&p, 1234);
    struct str line = str_from(shown(&s));
    assert_true(str_starts(line, STR("\r")));
    assert_true(str_ends(line, STR("\033[K")));
    line = str_sub(line, 1, line.len - 4);
    assert_true(utf8_valid(line));
    assert_true(utf8_width(line) < columns);
    progress_end(&p);
    screen_close(&s);
  }
}

static void hiding_takes_the_line_away(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_BAR, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 10);
  progress_hide(&p);
  assert_string_equal(shown(&s), "");
  clock_test_advance(&s.time, 1000);
  progress_add(&p, 1);
  shown(&s);
  progress_hide(&p);
  assert_string_equal(shown(&s), "\r\033[K");
  clock_test_advance(&s.time, 1000);
  progress_add(&p, 1);
  assert_non_null(strstr(shown(&s), "scanning"));
  progress_start(&p, "writing", PROGRESS_COUNT, 10);
  assert_string_equal(shown(&s), "\r\033[K");
  progress_end(&p);
  screen_close(&s);
}

static void a_log_gets_a_line_every_few_seconds(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_LINES, s.ends[1], 0, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 120);
  for (int i = 0; i < 120; i++) {
    clock_test_advance(&s.time, 100);
    progress_add(&p, 1);
  }
  progress_end(&p);
  const char *text = shown(&s);
  assert_string_equal(text, "scanning: 50 of 120, 10/s, 8 s left\n"
                            "scanning: 100 of 120, 10/s, 3 s left\n"
                            "scanning: 120 of 120, 10/s\n");
  progress_start(&p, "writing", PROGRESS_COUNT, 1);
  clock_test_advance(&s.time, 4999);
  progress_add(&p, 1);
  progress_end(&p);
  assert_string_equal(shown(&s), "");
  screen_close(&s);
}

static void off_writes_nothing_but_counts(void **state)
{
  (void)state;
  struct screen s;
  screen_open(&s);
  struct progress p;
  progress_init(&p, PROGRESS_OFF, s.ends[1], 80, &s.time.clock);
  progress_start(&p, "scanning", PROGRESS_COUNT, 10);
  clock_test_advance(&s.time, 100000);
  progress_add(&p, 3);
  progress_hide(&p);
  progress_end(&p);
  assert_string_equal(shown(&s), "");
  assert_int_equal(p.done, 3);
  screen_close(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_mode_follows_from_the_surroundings),
      cmocka_unit_test(a_bar_shows_share_rate_and_time_left),
      cmocka_unit_test(bytes_are_told_in_their_units),
      cmocka_unit_test(redraws_at_most_ten_times_a_second),
      cmocka_unit_test(quick_tasks_show_nothing),
      cmocka_unit_test(seldom_looks_at_the_clock_when_calls_are_many),
      cmocka_unit_test(a_narrow_terminal_is_not_overrun),
      cmocka_unit_test(hiding_takes_the_line_away),
      cmocka_unit_test(a_log_gets_a_line_every_few_seconds),
      cmocka_unit_test(off_writes_nothing_but_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
