#include "../test.h"

#include "base/mem.h"
#include "report/controls.h"

static const struct framework_control list[] = {
    {STR_INIT("1.0"), STR_INIT("No root")},
    {STR_INIT("2.0"), STR_INIT("Policies")},
    {STR_INIT("Audit"), STR_INIT("Audit")},
};
static const struct framework framework = {.id = STR_INIT("nsa"),
                                           .title = STR_INIT("A guide"),
                                           .url = STR_INIT("https://example.com"),
                                           .controls = list,
                                           .control_count = 3};

struct fixture {
  struct arena arena;
  struct framework_summary summary;
  struct buf out;
};

static int setup(void **state)
{
  static const struct control first = {STR_INIT("nsa"), STR_INIT("1.0")};
  static const struct control second = {STR_INIT("nsa"), STR_INIT("2.0")};
  struct fixture *f = mem_zalloc(1, sizeof *f);
  struct rule a = {.controls = &first, .control_count = 1};
  struct rule b = {.controls = &second, .control_count = 1};
  arena_init(&f->arena, 0);
  framework_summary_init(&f->summary, &framework, &f->arena);
  framework_summary_add(&f->summary, &a, true, 2, 1);
  framework_summary_add(&f->summary, &b, true, 0, 0);
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  buf_free(&f->out);
  arena_free(&f->arena);
  mem_free(f);
  return 0;
}

static void text_has_what_fails_first(void **state)
{
  struct fixture *f = *state;
  controls_text(&f->out, &f->summary);
  assert_str(buf_str(&f->out), "A guide: 1 pass, 1 fail, 0 not applicable, 1 not covered\n\n"
                               "  fail            1.0     No root: 2 findings, 1 excepted\n"
                               "  pass            2.0     Policies\n"
                               "  not covered     Audit\n");
}

static void markdown_is_a_table(void **state)
{
  struct fixture *f = *state;
  controls_markdown(&f->out, &f->summary);
  assert_str(buf_str(&f->out),
             "\n### A guide\n\n1 pass, 1 fail, 0 not applicable, 1 not covered.\n\n"
             "| control | | state | findings |\n|---|---|---|--:|\n"
             "| 1.0 | No root | fail | 2 |\n| 2.0 | Policies | pass |  |\n"
             "| Audit | Audit | not covered |  |\n");
}

static void json_has_every_control(void **state)
{
  struct fixture *f = *state;
  struct report_summary summary = {.frameworks = &f->summary, .framework_count = 1};
  struct json_writer w = json_writer_start(&f->out, 0);
  json_begin_object(&w);
  controls_json(&w, &summary);
  json_end_object(&w);
  assert_str(buf_str(&f->out),
             "{\"frameworks\":[{\"id\":\"nsa\",\"title\":\"A guide\",\"controls\":["
             "{\"id\":\"1.0\",\"title\":\"No root\",\"state\":\"fail\",\"open\":2,\"excepted\":1},"
             "{\"id\":\"2.0\",\"title\":\"Policies\",\"state\":\"pass\",\"open\":0,\"excepted\":0},"
             "{\"id\":\"Audit\",\"title\":\"Audit\",\"state\":\"not covered\",\"open\":0,"
             "\"excepted\":0}]}]}");
}

static void nothing_is_written_unless_asked_for(void **state)
{
  struct fixture *f = *state;
  struct report_summary summary = {0};
  struct json_writer w = json_writer_start(&f->out, 0);
  json_begin_object(&w);
  controls_json(&w, &summary);
  json_end_object(&w);
  assert_str(buf_str(&f->out), "{}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(text_has_what_fails_first, setup, teardown),
      cmocka_unit_test_setup_teardown(markdown_is_a_table, setup, teardown),
      cmocka_unit_test_setup_teardown(json_has_every_control, setup, teardown),
      cmocka_unit_test_setup_teardown(nothing_is_written_unless_asked_for, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
