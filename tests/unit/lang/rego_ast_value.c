#include "rego.h"

#include "data/json_write.h"
#include "lang/rego/ast_value.h"

struct row {
  const char *text, *json;
};

static void check_json(const struct row *row)
{
  struct rego_parsed p;
  struct value v;
  _cleanup_(buf_free) struct buf out = {0};
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_module(&p, str_from(row->text));
  assert_int_equal(p.result, 0);
  assert_int_equal(rego_module_value(&p.arena, p.module, &v, &p.err), 0);
  json_write(&out, v, 0);
  if (!str_eq(buf_str(&out), str_from(row->json)))
    fprintf(stderr, "%s\n  is       %s\n  expected %s\n", row->text, buf_text(&out), row->json);
  assert_true(str_eq(buf_str(&out), str_from(row->json)));
  rego_parsed_free(&p);
}

static const struct row rows[] = {
    {"package a",
     "{\"package\":{\"path\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"a\"}]}}"},
    {"package a.b\nimport data.x as y\np := 1",
     "{\"package\":{\"path\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"a\"},{\"type\":\"string\",\"value\":\"b\"}]},\"imports\":[{\"path\":{\"t"
     "ype\":\"ref\",\"value\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"x\"}]},\"alias\":\"y\"}],\"rules\":[{\"head\":{\"name\":\"p\",\"value\":"
     "{\"type\":\"number\",\"value\":1},\"assign\":true,\"ref\":[{\"type\":\"var\",\"value"
     "\":\"p\"}]},\"body\":[{\"index\":0,\"terms\":{\"type\":\"boolean\",\"value\":true}}]"
     "}]}"},
    {"package a\n"
     "import rego.v1\n"
     "# c\n"
     "p contains x if { some x in [1, _]; not y; z == 1 with input as 2 }",
     "{\"package\":{\"path\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"a\"}]},\"imports\":[{\"path\":{\"type\":\"ref\",\"value\":[{\"type\":\"v"
     "ar\",\"value\":\"rego\"},{\"type\":\"string\",\"value\":\"v1\"}]}}],\"rules\":[{\"he"
     "ad\":{\"name\":\"p\",\"key\":{\"type\":\"var\",\"value\":\"x\"},\"ref\":[{\"type\":"
     "\"var\",\"value\":\"p\"}]},\"body\":[{\"index\":0,\"terms\":{\"symbols\":[{\"type\":"
     "\"call\",\"value\":[{\"type\":\"ref\",\"value\":[{\"type\":\"var\",\"value\":\"inter"
     "nal\"},{\"type\":\"string\",\"value\":\"member_2\"}]},{\"type\":\"var\",\"value\":\""
     "x\"},{\"type\":\"array\",\"value\":[{\"type\":\"number\",\"value\":1},{\"type\":\"va"
     "r\",\"value\":\"$0\"}]}]}]}},{\"index\":1,\"terms\":{\"type\":\"var\",\"value\":\"y"
     "\"},\"negated\":true},{\"index\":2,\"terms\":[{\"type\":\"ref\",\"value\":[{\"type\""
     ":\"var\",\"value\":\"equal\"}]},{\"type\":\"var\",\"value\":\"z\"},{\"type\":\"numbe"
     "r\",\"value\":1}],\"with\":[{\"target\":{\"type\":\"ref\",\"value\":[{\"type\":\"var"
     "\",\"value\":\"input\"}]},\"value\":{\"type\":\"number\",\"value\":2}}]}]}],\"commen"
     "ts\":[{\"Text\":\"IGM=\",\"Location\":{\"file\":\"\",\"row\":3,\"col\":1}}]}"},
    {"package a\nf(x) := {x: 1} if { every k, v in x { k } } else := {2, 1}",
     "{\"package\":{\"path\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"a\"}]},\"rules\":[{\"head\":{\"name\":\"f\",\"args\":[{\"type\":\"var\","
     "\"value\":\"x\"}],\"value\":{\"type\":\"object\",\"value\":[[{\"type\":\"var\",\"val"
     "ue\":\"x\"},{\"type\":\"number\",\"value\":1}]]},\"assign\":true,\"ref\":[{\"type\":"
     "\"var\",\"value\":\"f\"}]},\"body\":[{\"index\":0,\"terms\":{\"key\":{\"type\":\"var"
     "\",\"value\":\"k\"},\"value\":{\"type\":\"var\",\"value\":\"v\"},\"domain\":{\"type"
     "\":\"var\",\"value\":\"x\"},\"body\":[{\"index\":0,\"terms\":{\"type\":\"var\",\"val"
     "ue\":\"k\"}}]}}],\"else\":{\"head\":{\"name\":\"f\",\"args\":[{\"type\":\"var\",\"va"
     "lue\":\"x\"}],\"value\":{\"type\":\"set\",\"value\":[{\"type\":\"number\",\"value\":"
     "1},{\"type\":\"number\",\"value\":2}]},\"assign\":true,\"ref\":[{\"type\":\"var\",\""
     "value\":\"f\"}]},\"body\":[{\"index\":0,\"terms\":{\"type\":\"boolean\",\"value\":tr"
     "ue}}]}}]}"},
    {"package a\ndefault p := false\np if { input.x[_] > 1 }",
     "{\"package\":{\"path\":[{\"type\":\"var\",\"value\":\"data\"},{\"type\":\"string\","
     "\"value\":\"a\"}]},\"rules\":[{\"head\":{\"name\":\"p\",\"value\":{\"type\":\"boolea"
     "n\",\"value\":false},\"assign\":true,\"ref\":[{\"type\":\"var\",\"value\":\"p\"}]},"
     "\"body\":[{\"index\":0,\"terms\":{\"type\":\"boolean\",\"value\":true}}],\"default\""
     ":true},{\"head\":{\"name\":\"p\",\"value\":{\"type\":\"boolean\",\"value\":true},\"r"
     "ef\":[{\"type\":\"var\",\"value\":\"p\"}]},\"body\":[{\"index\":0,\"terms\":[{\"type"
     "\":\"ref\",\"value\":[{\"type\":\"var\",\"value\":\"gt\"}]},{\"type\":\"ref\",\"valu"
     "e\":[{\"type\":\"var\",\"value\":\"input\"},{\"type\":\"string\",\"value\":\"x\"},{"
     "\"type\":\"var\",\"value\":\"$0\"}]},{\"type\":\"number\",\"value\":1}]}]}]}"},
};

static void modules_have_opas_members(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check_json(&rows[i]);
}

static void the_arenas_limit_is_an_error(void **state)
{
  struct rego_parsed p;
  struct value v;
  rego_parsed_start(&p, (struct rego_options){0});
  rego_parsed_module(&p, STR("package a\np := [1, 2, 3]"));
  p.arena.limit = 1;
  assert_int_equal(rego_module_value(&p.arena, p.module, &v, &p.err), SW_ELIMIT);
  rego_parsed_free(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(modules_have_opas_members),
      cmocka_unit_test(the_arenas_limit_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
