#include "data/settings.h"
#include "../test.h"

#include "base/mem.h"

#include <stdbool.h>

struct inner {
  const char *name;
  int64_t weight;
};

struct target {
  const char *text;
  bool flag;
  int64_t number, size, time;
  unsigned choice;
  struct setting_texts texts;
  struct value tree;
  struct setting_list list;
};

static int check_short(struct str text, struct error *err)
{
  return text.len < 6 ? 0 : error_set(err, SW_EINVAL, "must be short");
}

static const char *const colours[] = {"red", "green", NULL};
static const struct setting inner_rows[] = {
    {"name", &setting_text, offsetof(struct inner, name)},
    {"weight", &setting_number, offsetof(struct inner, weight), .fallback = "7", .max = 10},
    {0},
};
static const struct setting_rows inner = {inner_rows, sizeof(struct inner), "name"};

#define AT(member) offsetof(struct target, member)
static const struct setting rows[] = {
    {"kind", &setting_fixed, 0, .detail = "Thing"},
    {"text", &setting_text, AT(text), .check = check_short},
    {"a.flag", &setting_bool, AT(flag), .fallback = "true"},
    {"a.deep.requestCount", &setting_number, AT(number), .min = 1, .max = 100, .fallback = "5"},
    {"a.deep.size", &setting_size, AT(size), .min = 1024, .max = 1 << 20, .fallback = "64Ki"},
    {"b.time", &setting_duration, AT(time), .min = 1000000, .max = 60000000000, .fallback = "1s"},
    {"b.choice", &setting_choice, AT(choice), .detail = colours, .fallback = "green"},
    {"texts", &setting_texts, AT(texts), .check = check_short},
    {"tree", &setting_tree, AT(tree)},
    {"list", &setting_items, AT(list), .detail = &inner},
    {0},
};

struct bench {
  struct arena arena;
  struct target t;
  struct error err;
};

static int make(void **state)
{
  static struct bench b;
  arena_init(&b.arena, 0);
  *state = &b;
  memset(&b.t, 0xa5, sizeof b.t);
  return settings_defaults(rows, &b.t, &b.arena, NULL);
}

static int drop(void **state)
{
  arena_free(&((struct bench *)*state)->arena);
  return 0;
}

static int read_text(struct bench *b, const char *text)
{
  b->err = (struct error){0};
  int rc = settings_read_text(rows, &b->t, &b->arena, str_from(text), "the configuration", &b->err);
  if (rc < 0)
    print_message("# %s\n", b->err.message);
  return rc;
}

static void test_defaults(void **state)
{
  struct bench *b = *state;
  assert_null(b->t.text);
  assert_true(b->t.flag);
  assert_int_equal(b->t.number, 5);
  assert_int_equal(b->t.size, 65536);
  assert_int_equal(b->t.time, 1000000000);
  assert_int_equal(b->t.choice, 1);
  assert_int_equal(b->t.texts.count, 0);
  assert_true(value_is(b->t.tree, VALUE_ABSENT));
  assert_int_equal(b->t.list.count, 0);
}

static void test_reads(void **state)
{
  struct bench *b = *state;
  assert_int_equal(
      read_text(b, "kind: Thing\ntext: abc\na:\n  flag: false\n  deep: {requestCount: 9, "
                   "size: 2048}\nb: {time: 1m, choice: red}\ntexts: [x, z]\ntree: {k: [1]}\n"
                   "list:\n- name: one\n- {name: two, weight: 1}\n"),
      0);
  assert_string_equal(b->t.text, "abc");
  assert_false(b->t.flag);
  assert_int_equal(b->t.number, 9);
  assert_int_equal(b->t.size, 2048);
  assert_int_equal(b->t.time, 60000000000);
  assert_int_equal(b->t.choice, 0);
  assert_int_equal(b->t.texts.count, 2);
  assert_str(b->t.texts.items[1], "z");
  assert_int_equal(value_at(value_get(b->t.tree, value_from("k")), 0).integer, 1);
  const struct inner *items = b->t.list.items;
  assert_int_equal(b->t.list.count, 2);
  assert_string_equal(items[0].name, "one");
  assert_int_equal(items[0].weight, 7);
  assert_int_equal(items[1].weight, 1);
  assert_int_equal(read_text(b, ""), 0);
  assert_int_equal(read_text(b, "a:\nb: null\n"), 0);
  assert_int_equal(b->t.number, 9);
}

static void test_refuses_with_places(void **state)
{
  static const struct {
    const char *text;
    unsigned line, column;
    const char *message;
  } cases[] = {
      {"text: a\nkynd: Thing\n", 2, 1, "unknown key \"kynd\", did you mean \"kind\"?"},
      {"a:\n  deep:\n    sise: 1\n", 3, 5, "did you mean \"size\"?"},
      {"a.flag: true\n", 1, 1, "unknown key \"a.flag\""},
      {"zzzzzz: 1\n", 1, 1, "unknown key \"zzzzzz\""},
      {"kind: Other\n", 1, 7, "must be \"Thing\""},
      {"text: 5\n", 1, 7, "\"text\" is a number, must be a text"},
      {"text: \"longer text\"\n", 1, 7, "\"text\": must be short"},
      {"text: \"a\\0b\"\n", 1, 7, "zero byte"},
      {"a: [1]\n", 1, 4, "\"a\" is an array, must be a mapping"},
      {"a: {flag: 1}\n", 1, 11, "true or false"},
      {"a: {flag: null}\n", 1, 11, "\"flag\" is a null"},
      {"a: {deep: {requestCount: 101}}\n", 1, 26, "is 101, must be from 1 to 100"},
      {"a: {deep: {requestCount: 1.5}}\n", 1, 26, "whole number"},
      {"a: {deep: {requestCount: 1e40}}\n", 1, 26, "must be from 1 to 100"},
      {"a: {deep: {size: 8mb}}\n", 1, 18, "unknown suffix"},
      {"a: {deep: {size: 1}}\n", 1, 18, "from 1 KiB to 1 MiB"},
      {"b: {time: 10}\n", 1, 11, "with its unit"},
      {"b: {time: 2h}\n", 1, 11, "is 2h, must be from 1ms to 1m0s"},
      {"b: {choice: blue}\n", 1, 13, "must be one of red, green"},
      {"texts: x\n", 1, 8, "a list of texts"},
      {"texts: [x, 1]\n", 1, 12, "put them in quotes"},
      {"tree: 1\n", 1, 7, "a mapping"},
      {"list: [{weight: 1}]\n", 1, 8, "needs the key \"name\""},
      {"list:\n- name: x\n  weigth: 1\n", 3, 3, "did you mean \"weight\"?"},
      {"list: [1]\n", 1, 8, "a list of mappings"},
      {"text: a\ntext: b\n", 2, 1, "text"},
      {"text: a\n---\ntext: b\n", 3, 1, "second document"},
  };
  struct bench *b = *state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(read_text(b, cases[i].text), SW_EINVAL);
    assert_error(b->err, SW_EINVAL, cases[i].message);
    if (b->err.line != cases[i].line || b->err.column != cases[i].column)
      fail_msg("%s is at %u:%u", cases[i].text, b->err.line, b->err.column);
  }
}

static int override(struct bench *b, const char *path, const char *text)
{
  return settings_override(rows, &b->t, &b->arena, str_from(path), str_from(text), &b->err);
}

static void test_overrides(void **state)
{
  struct bench *b = *state;
  assert_int_equal(override(b, "a.deep.requestCount", "77"), 0);
  assert_int_equal(b->t.number, 77);
  assert_int_equal(override(b, "a.flag", "false"), 0);
  assert_false(b->t.flag);
  assert_int_equal(override(b, "texts", "x, y,z"), 0);
  assert_int_equal(b->t.texts.count, 3);
  assert_str(b->t.texts.items[1], "y");
  assert_int_equal(override(b, "texts", ""), 0);
  assert_int_equal(b->t.texts.count, 0);
  assert_int_equal(override(b, "text", "true"), 0);
  assert_string_equal(b->t.text, "true");
  assert_int_equal(override(b, "a.flag", "yes"), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "a.flag: ");
  assert_int_equal(override(b, "a.flog", "true"), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "did you mean \"a.flag\"?");
  assert_int_equal(override(b, "list", "x"), SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "in the file");
  assert_int_equal(override(b, "text", "\xff"), SW_EINVAL);
}

static void test_environment(void **state)
{
  struct bench *b = *state;
  char *good[] = {"HOME=/x", "SW_A_DEEP_REQUEST_COUNT=3", "SW_B_TIME=2s", "SWX=1", NULL};
  assert_int_equal(settings_environment(rows, &b->t, &b->arena, STR("SW_"), good, &b->err), 0);
  assert_int_equal(b->t.number, 3);
  assert_int_equal(b->t.time, 2000000000);
  char *unknown[] = {"SW_B_TIMES=2s", NULL};
  assert_int_equal(settings_environment(rows, &b->t, &b->arena, STR("SW_"), unknown, &b->err),
                   SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "SW_B_TIMES: there is no such setting, did you mean SW_B_TIME?");
  char *wrong[] = {"SW_B_TIME=soon", NULL};
  assert_int_equal(settings_environment(rows, &b->t, &b->arena, STR("SW_"), wrong, &b->err),
                   SW_EINVAL);
  assert_error(b->err, SW_EINVAL, "SW_B_TIME: ");
}

static void test_writes_what_reads_back(void **state)
{
  struct bench *b = *state;
  _cleanup_(buf_free) struct buf first = {0}, second = {0};
  assert_int_equal(read_text(b, "text: \"q\\\"\"\na: {deep: {size: 3000}}\nlist: [{name: nn}]\n"
                                "tree: {x: {z: 1}}\n"),
                   0);
  settings_write(rows, &b->t, &first);
  assert_non_null(
      strstr(buf_text(&first), "\"deep\": {\n      \"requestCount\": 5,\n      \"size\": 3000\n"));
  memset(&b->t, 0, sizeof b->t);
  assert_int_equal(read_text(b, buf_text(&first)), 0);
  settings_write(rows, &b->t, &second);
  assert_str(buf_str(&second), buf_text(&first));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, make, drop)
  const struct CMUnitTest tests[] = {
      CASE(test_defaults),  CASE(test_reads),       CASE(test_refuses_with_places),
      CASE(test_overrides), CASE(test_environment), CASE(test_writes_what_reads_back),
  };
  return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
