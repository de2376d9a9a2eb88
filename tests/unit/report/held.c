#include "../test.h"

#include "report/held.h"

static void gives_back_what_it_was_given(void **state)
{
  (void)state;
  static const struct {
    const char *file;
    uint32_t line, column;
    const char *text;
  } rows[] = {
      {"deploy/a.yaml", 0, 0, "one"},
      {"deploy/b.yaml", 1, 2, "one"},
      {"deploy/b.yaml", 4294967295u, 4294967295u, "two"},
      {"", 0, 0, ""},
      {"dep", 128, 127, ""},
      {"deploy/a.yaml.more", 3, 0, "one"},
  };
  struct held held = {0};
  for (size_t i = 0; i < 6; i++)
    held_add(&held, str_from(rows[i].file), rows[i].line, rows[i].column, str_from(rows[i].text));
  assert_int_equal(held.count, 6);
  for (int round = 0; round < 2; round++) {
    struct held_reader it = held_read(&held);
    struct held_record r;
    for (size_t i = 0; i < 6; i++) {
      assert_true(held_next(&it, &r));
      assert_str(r.file, rows[i].file);
      assert_int_equal(r.line, rows[i].line);
      assert_int_equal(r.column, rows[i].column);
      assert_str(r.text, rows[i].text);
    }
    assert_false(held_next(&it, &r));
    held_read_end(&it);
  }
  held_free(&held);
  assert_int_equal(held.count, 0);
}

static void nothing_held_is_nothing_read(void **state)
{
  (void)state;
  struct held held = {0};
  struct held_reader it = held_read(&held);
  struct held_record r;
  assert_false(held_next(&it, &r));
  held_read_end(&it);
  held_free(&held);
}

static void repeated_reasons_and_paths_take_little(void **state)
{
  (void)state;
  struct held held = {0};
  char path[100];
  for (int i = 0; i < 10000; i++) {
    snprintf(path, sizeof path, "a/long/way/down/to/the/file/number-%05d.txt", i);
    held_add(&held, str_from(path), 0, 0, STR("not YAML or JSON, by its name"));
  }
  assert_true(held.records.len < 16 * 10000);
  held_free(&held);
}

static void texts_beyond_the_table_are_kept_too(void **state)
{
  (void)state;
  struct held held = {0};
  char text[40];
  for (int i = 0; i < HELD_TEXTS_MAX + 100; i++) {
    snprintf(text, sizeof text, "reason %d", i);
    held_add(&held, STR("f"), (uint32_t)i, 0, str_from(text));
  }
  held_add(&held, STR("f"), 1, 0, STR("reason 7"));
  struct held_reader it = held_read(&held);
  struct held_record r;
  for (int i = 0; i < HELD_TEXTS_MAX + 100; i++) {
    snprintf(text, sizeof text, "reason %d", i);
    assert_true(held_next(&it, &r));
    assert_str(r.text, text);
    assert_int_equal(r.line, i);
  }
  assert_true(held_next(&it, &r));
  assert_str(r.text, "reason 7");
  held_read_end(&it);
  held_free(&held);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_back_what_it_was_given),
      cmocka_unit_test(nothing_held_is_nothing_read),
      cmocka_unit_test(repeated_reasons_and_paths_take_little),
      cmocka_unit_test(texts_beyond_the_table_are_kept_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
