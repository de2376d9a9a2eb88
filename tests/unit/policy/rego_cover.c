#include "test.h"

#include "data/json_write.h"
#include "lang/rego/parser.h"
#include "policy/rego_cover.h"

static const char source[] = "package p\n"       /* 1 */
                             "\n"                /* 2 */
                             "q if {\n"          /* 3 */
                             "\tsome x\n"        /* 4 */
                             "\tinput.list[x]\n" /* 5 */
                             "\tinput.never\n"   /* 6 */
                             "\tx > 1\n"         /* 7 */
                             "}\n"               /* 8 */
                             "\n"                /* 9 */
                             "r := 1 if {\n"     /* 10 */
                             "\tinput.list\n"    /* 11 */
                             "} else := [y |\n"  /* 12 */
                             "\ty := 2\n"        /* 13 */
                             "]\n"               /* 14 */
                             "\n"                /* 15 */
                             "unused if {\n"     /* 16 */
                             "\ttrue\n"          /* 17 */
                             "}\n";              /* 18 */

struct fixture {
  struct arena arena;
  struct rego_names *names;
  const struct rego_module *module;
  struct rego_program *program;
  struct rego_worker *worker;
};

static int start(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  f->names = rego_names_new();
  struct rego_options options = {.names = f->names, .name = STR("p.rego")};
  struct rego_errors errors;
  const struct rego_module *module;
  assert_int_equal(rego_parse_module(&f->arena, str_from(source), &options, &module, &errors, NULL),
                   0);
  f->module = module;
  const struct rego_entry entries[] = {{.path = STR("data.p.q")}, {.path = STR("data.p.r")}};
  struct rego_compile_options compile = {.names = f->names, .instrument = true};
  assert_int_equal(
      rego_compile(&f->arena, &f->module, 1, entries, 2, &compile, &f->program, &errors, NULL), 0);
  f->worker = rego_worker_new();
  *state = f;
  return 0;
}

static int stop(void **state)
{
  struct fixture *f = *state;
  rego_worker_free(f->worker);
  rego_program_free(f->program);
  rego_names_free(f->names);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

/* Asks both rules with input {"list": [1]}. */
static void evaluate(struct fixture *f, struct rego_cover *cover)
{
  struct value one = value_int(1), input = VALUE_NONE;
  struct value_member member = {value_from("list"), value_array_make(&f->arena, &one, NULL, 1)};
  assert_true(value_object_make(&f->arena, &member, NULL, 1, VALUE_REFUSE, NULL, &input));
  struct rego_observer observer = rego_cover_observer(cover);
  struct rego_run run = {.arena = &f->arena, .input = input, .observer = &observer};
  struct value value;
  rego_begin(f->worker, f->program, &run);
  assert_int_equal(rego_ask(f->worker, 0, &value, NULL), 0);
  assert_int_equal(rego_ask(f->worker, 1, &value, NULL), 0);
}

static void assert_report(struct fixture *f, const struct rego_cover *cover, const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, rego_cover_report(cover, &f->arena), 0);
  assert_str(buf_str(&text), expected);
}

static void test_lines_are_those_of_opa(void **state)
{
  struct fixture *f = *state;
  _cleanup_(rego_cover_freep) struct rego_cover *cover = rego_cover_new(f->program);
  rego_cover_modules(cover, &f->module, 1);
  evaluate(f, cover);
  assert_report(
      f, cover,
      "{\"files\":{\"p.rego\":{\"covered\":[{\"start\":{\"row\":5},\"end\":{\"row\":6}},"
      "{\"start\":{\"row\":10},\"end\":{\"row\":11}}],\"not_covered\":[{\"start\":{\"row\":"
      "3},\"end\":{\"row\":3}},{\"start\":{\"row\":7},\"end\":{\"row\":7}},{\"start\":{"
      "\"row\":12},\"end\":{\"row\":13}},{\"start\":{\"row\":16},\"end\":{\"row\":17}}],"
      "\"covered_lines\":4,\"not_covered_lines\":6,\"coverage\":40}},\"covered_lines\":4,"
      "\"not_covered_lines\":6,\"coverage\":40}");
}

static void test_without_modules_only_the_program_counts(void **state)
{
  struct fixture *f = *state;
  _cleanup_(rego_cover_freep) struct rego_cover *cover = rego_cover_new(f->program);
  struct rego_cover_lines lines = rego_cover_lines(cover);
  assert_int_equal(lines.covered, 0);
  assert_true(lines.not_covered > 0 && lines.not_covered <= 8);
  assert_true(rego_cover_percent(lines) == 0);
  evaluate(f, cover);
  assert_int_equal(rego_cover_lines(cover).covered, 4);
}

static void test_workers_are_put_together(void **state)
{
  struct fixture *f = *state;
  _cleanup_(rego_cover_freep) struct rego_cover *cover = rego_cover_new(f->program);
  _cleanup_(rego_cover_freep) struct rego_cover *other = rego_cover_new(f->program);
  rego_cover_modules(cover, &f->module, 1);
  evaluate(f, other);
  assert_int_equal(rego_cover_lines(cover).covered, 0);
  rego_cover_add(cover, other);
  assert_int_equal(rego_cover_lines(cover).covered, 4);
}

static void test_people_get_a_listing(void **state)
{
  struct fixture *f = *state;
  _cleanup_(rego_cover_freep) struct rego_cover *cover = rego_cover_new(f->program);
  _cleanup_(buf_free) struct buf text = {0};
  rego_cover_modules(cover, &f->module, 1);
  evaluate(f, cover);
  rego_cover_text(cover, &text);
  assert_str(buf_str(&text), "p.rego   40.00 %  4 of 10 lines, not covered: 3, 7, 12-13, 16-17\n"
                             "all      40.00 %  4 of 10 lines\n");
}

static void test_of_nothing_there_is_nothing(void **state)
{
  (void)state;
  assert_true(rego_cover_percent((struct rego_cover_lines){0}) == 0);
  assert_true(rego_cover_percent((struct rego_cover_lines){3, 1}) == 75);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_lines_are_those_of_opa, start, stop),
      cmocka_unit_test_setup_teardown(test_without_modules_only_the_program_counts, start, stop),
      cmocka_unit_test_setup_teardown(test_workers_are_put_together, start, stop),
      cmocka_unit_test_setup_teardown(test_people_get_a_listing, start, stop),
      cmocka_unit_test(test_of_nothing_there_is_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
