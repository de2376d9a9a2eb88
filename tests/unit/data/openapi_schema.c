#include "../test.h"

#include "base/buf.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/openapi_schema.h"

static struct arena arena;

static int set_up(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

/* Written with ' for ". */
static struct value parse(const char *quoted)
{
  struct value v;
  struct error err;
  struct str text = arena_copy(&arena, str_from(quoted));
  for (char *c = (char *)(uintptr_t)text.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  if (json_parse(&arena, text, NULL, &v, &err) < 0)
    fail_msg("%s: %s", quoted, err.message);
  return v;
}

static struct openapi_schema *schema_of(const char *quoted, bool legacy)
{
  struct openapi_schema *schema;
  struct error err;
  if (openapi_schema_new(parse(quoted), legacy, &schema, &err) < 0)
    fail_msg("%s: %s", quoted, err.message);
  return schema;
}

struct check_case {
  const char *schema, *value;
  const char *faults; /* "path: message; ..." with "?" in front of unknown fields */
};

static void check(const struct check_case *c, bool legacy)
{
  _cleanup_(openapi_schema_freep) struct openapi_schema *schema = schema_of(c->schema, legacy);
  _cleanup_(buf_free) struct buf text = {0};
  struct openapi_faults faults;
  uint32_t count = openapi_schema_check(schema, &arena, parse(c->value), STR("p"), &faults);
  assert_int_equal(count, faults.count + faults.dropped);
  for (uint32_t i = 0; i < faults.count; i++)
    buf_printf(&text, "%s%s%.*s: %.*s", i ? "; " : "", faults.items[i].unknown ? "?" : "",
               STR_FMT(faults.items[i].path), STR_FMT(faults.items[i].message));
  if (!str_eq(buf_str(&text), str_from(c->faults)))
    print_error("%s of %s\n", c->value, c->schema);
  assert_str(buf_str(&text), c->faults);
}

static void checks_values(void **state)
{
  (void)state;
  static const struct check_case cases[] = {
      {"{'type':'string'}", "'x'", ""},
      {"{'type':'string'}", "1", "p: must be a string, is a number"},
      {"{'type':'string'}", "null", "p: must be a string, is null"},
      {"{'type':'string','nullable':true}", "null", ""},
      {"{'type':'boolean'}", "'true'", "p: must be true or false, is a string"},
      {"{'type':'integer'}", "1.0", ""},
      {"{'type':'integer'}", "1.5", "p: must be an integer, is a number"},
      {"{'type':'number'}", "1.5", ""},
      {"{'x-kubernetes-int-or-string':true}", "'50%'", ""},
      {"{'x-kubernetes-int-or-string':true}", "7", ""},
      {"{'x-kubernetes-int-or-string':true}", "[]",
       "p: must be an integer or a string, is an array"},
      {"{'type':'string','enum':['a','b']}", "'c'", "p: must be one of [\"a\",\"b\"], is \"c\""},
      {"{'type':'string','pattern':'^a+$'}", "'aaa'", ""},
      {"{'type':'string','pattern':'^a+$'}", "'ab'", "p: must match \"^a+$\", is \"ab\""},
      {"{'type':'string','minLength':2,'maxLength':3}", "'\\u00e9\\u00e9'", ""},
      {"{'type':'string','minLength':2}", "'\\u00e9'", "p: must have at least 2 characters, has 1"},
      {"{'type':'string','maxLength':3}", "'abcd'", "p: must have at most 3 characters, has 4"},
      {"{'type':'integer','minimum':1,'maximum':5}", "5", ""},
      {"{'type':'integer','minimum':1}", "0", "p: must be at least 1, is 0"},
      {"{'type':'integer','maximum':5}", "6", "p: must be at most 5, is 6"},
      {"{'type':'number','minimum':1,'exclusiveMinimum':true}", "1",
       "p: must be more than 1, is 1"},
      {"{'type':'number','maximum':1,'exclusiveMaximum':true}", "1",
       "p: must be less than 1, is 1"},
      {"{'type':'integer','multipleOf':3}", "9", ""},
      {"{'type':'integer','multipleOf':3}", "10", "p: must be a multiple of 3, is 10"},
      {"{'type':'number','multipleOf':0.5}", "1.5", ""},
      {"{'type':'integer','format':'int32'}", "2147483648",
       "p: must be an integer of 32 bits, is 2147483648"},
      {"{'type':'integer','format':'int64'}", "9223372036854775808",
       "p: must be an integer of 64 bits, is 9223372036854775808"},
      {"{'type':'array','items':{'type':'string'},'minItems':1}", "[]",
       "p: must have at least 1 elements, has 0"},
      {"{'type':'array','items':{'type':'string'}}", "['a',1,[]]",
       "p[1]: must be a string, is a number; p[2]: must be a string, is an array"},
      {"{'type':'object','required':['a'],'properties':{'a':{'type':'string'}}}", "{}",
       "p.a: is required, but missing"},
      {"{'type':'object','properties':{'a':{'type':'object','properties':{'b':{'type':'string'}}}}}",
       "{'a':{'b':1,'c':2}}",
       "p.a.b: must be a string, is a number; ?p.a.c: is a field that the schema does not know"},
      {"{'type':'object'}", "{'a':1}", "?p.a: is a field that the schema does not know"},
      {"{'type':'object','x-kubernetes-preserve-unknown-fields':true}", "{'a':1}", ""},
      {"{'type':'object','additionalProperties':{'type':'integer'}}", "{'a':1,'b':'x'}",
       "p.b: must be an integer, is a string"},
      {"{'type':'object','additionalProperties':true}", "{'a':1,'b':'x'}", ""},
      {"{'type':'object','additionalProperties':{'type':'string'},'maxProperties':1}",
       "{'a':'1','b':'2'}", "p: must have at most 1 members, has 2"},
      {"{'type':'object','x-kubernetes-embedded-resource':true,'properties':{'spec':{'type':"
       "'object'}}}",
       "{'apiVersion':'v1','kind':'Pod','metadata':{},'status':{}}",
       "?p.status: is a field that the schema does not know"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(&cases[i], false);
}

static void checks_junctors(void **state)
{
  (void)state;
  static const struct check_case cases[] = {
      {"{'type':'string','anyOf':[{'pattern':'^a'},{'pattern':'^b'}]}", "'b1'", ""},
      {"{'type':'string','anyOf':[{'pattern':'^a'},{'pattern':'^b'}]}", "'c'",
       "p: must fit at least one of the schemas in anyOf"},
      {"{'type':'string','oneOf':[{'minLength':1},{'minLength':2}]}", "'c'", ""},
      {"{'type':'string','oneOf':[{'minLength':1},{'minLength':2}]}", "'cc'",
       "p: must fit exactly one of the schemas in oneOf, fits 2"},
      {"{'type':'string','allOf':[{'minLength':1},{'maxLength':2}]}", "'ccc'",
       "p: must have at most 2 characters, has 3"},
      {"{'type':'string','not':{'pattern':'x'}}", "'ax'", "p: must not fit the schema in not"},
      /* what narrows makes no field unknown */
      {"{'type':'object','properties':{'a':{'type':'string'},'b':{'type':'string'}},'oneOf':["
       "{'required':['a']},{'required':['b'],'properties':{'b':{'minLength':2}}}]}",
       "{'b':'xx'}", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(&cases[i], false);
}

static void legacy_schemas_let_unknown_fields_be(void **state)
{
  (void)state;
  static const struct check_case cases[] = {
      {"{}", "{'a':{'b':[1]}}", ""},
      {"{'properties':{'a':{'type':'array'}}}", "{'a':[1,'x'],'z':1}", ""},
      {"{'properties':{'a':{'type':'string'}}}", "{'a':1}", "p.a: must be a string, is a number"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(&cases[i], true);
}

static void keeps_twenty_faults(void **state)
{
  (void)state;
  _cleanup_(openapi_schema_freep) struct openapi_schema *schema =
      schema_of("{'type':'array','items':{'type':'string'}}", false);
  struct openapi_faults faults;
  _cleanup_(buf_free) struct buf text = {0};
  for (int i = 0; i < 25; i++)
    buf_add_text(&text, i ? ",1" : "[1");
  buf_add_text(&text, "]");
  assert_int_equal(openapi_schema_check(schema, &arena, parse(buf_text(&text)), STR_EMPTY, &faults),
                   25);
  assert_int_equal(faults.count, OPENAPI_FAULTS_MAX);
  assert_int_equal(faults.dropped, 5);
  assert_str(faults.items[0].path, "[0]");
}

static void sets_defaults(void **state)
{
  (void)state;
  static const struct {
    const char *schema, *value, *expected;
  } cases[] = {
      {"{'type':'object','properties':{'a':{'type':'string','default':'x'}}}", "{}",
       "{\"a\":\"x\"}"},
      {"{'type':'object','properties':{'a':{'type':'string','default':'x'}}}", "{'a':'y'}",
       "{\"a\":\"y\"}"},
      {"{'type':'object','properties':{'a':{'type':'string','default':'x'}}}", "{'a':null}",
       "{\"a\":\"x\"}"},
      {"{'type':'object','properties':{'a':{'type':'string','nullable':true,'default':'x'}}}",
       "{'a':null}", "{\"a\":null}"},
      /* a null that is neither allowed nor has a default is dropped */
      {"{'type':'object','properties':{'a':{'type':'string'},'b':{'type':'string'}}}",
       "{'a':null,'b':'x'}", "{\"b\":\"x\"}"},
      /* a default has its own defaults filled in; without it nothing is made up on the way */
      {"{'type':'object','properties':{'a':{'type':'object','default':{},'properties':{'b':{"
       "'type':'integer','default':3}}},'c':{'type':'object','properties':{'d':{'type':'integer',"
       "'default':4}}}}}",
       "{}", "{\"a\":{\"b\":3}}"},
      {"{'type':'array','items':{'type':'object','properties':{'b':{'type':'integer','default':3}"
       "}}}",
       "[{},{'b':1}]", "[{\"b\":3},{\"b\":1}]"},
      {"{'type':'object','additionalProperties':{'type':'object','properties':{'b':{'type':"
       "'integer','default':3}}}}",
       "{'x':{}}", "{\"x\":{\"b\":3}}"},
      {"{'type':'object','default':{'k':1},'properties':{'k':{'type':'integer'}}}", "null",
       "{\"k\":1}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    _cleanup_(openapi_schema_freep) struct openapi_schema *schema =
        schema_of(cases[i].schema, false);
    _cleanup_(buf_free) struct buf text = {0};
    struct value v = parse(cases[i].value);
    json_write(&text, openapi_schema_default(schema, &arena, v), 0);
    assert_str(buf_str(&text), cases[i].expected);
  }
}

static void refuses_schemas(void **state)
{
  (void)state;
  static const struct {
    const char *schema, *message;
  } cases[] = {
      {"[]", "a schema must be an object"},
      {"{}", "type: is missing"},
      {"{'type':'text'}", "type: must be one of"},
      {"{'type':'object','properties':{'a':{}}}", "properties.a.type: is missing"},
      {"{'type':'object','properties':[]}", "properties: must be an object"},
      {"{'type':'array'}", "items: must be given"},
      {"{'type':'array','items':[{'type':'string'}]}", "items: must be one schema"},
      {"{'type':'array','items':{'type':'string'},'uniqueItems':true}", "uniqueItems"},
      {"{'type':'object','additionalProperties':false}", "additionalProperties: cannot be false"},
      {"{'type':'object','properties':{'a':{'type':'string'}},'additionalProperties':true}",
       "cannot stand beside properties"},
      {"{'$ref':'#/x'}", "$ref: is not allowed"},
      {"{'type':'string','pattern':'('}", "pattern: "},
      {"{'type':'string','pattern':1}", "pattern: must be a string"},
      {"{'type':'string','minLength':-1}", "minLength: must be a whole number"},
      {"{'type':'integer','minimum':'1'}", "minimum: must be a number"},
      {"{'type':'string','nullable':1}", "nullable: must be true or false"},
      {"{'type':'string','enum':{}}", "enum: must be a list"},
      {"{'type':'object','required':'a'}", "required: must be a list of names"},
      {"{'type':'string','anyOf':{}}", "anyOf: must be a list"},
      {"{'type':'object','properties':{'a':{'type':'string','default':1}}}",
       "properties.a.default: must be a string, is a number"},
      {"{'type':'object','default':{'b':1},'properties':{'a':{'type':'string'}}}",
       "default.b: is a field that the schema does not know"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct openapi_schema *schema = NULL;
    struct error err = {0};
    openapi_schema_new(parse(cases[i].schema), false, &schema, &err);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_null(schema);
  }
}

static void refuses_deep_schemas(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct openapi_schema *schema = NULL;
  struct error err;
  for (int i = 0; i < 80; i++)
    buf_add_text(&text, "{'type':'array','items':");
  buf_add_text(&text, "{'type':'string'}");
  buf_add_repeat(&text, '}', 80);
  openapi_schema_new(parse(buf_text(&text)), false, &schema, &err);
  assert_error(err, SW_ELIMIT, "64 deep");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(checks_values, set_up, tear_down),
      cmocka_unit_test_setup_teardown(checks_junctors, set_up, tear_down),
      cmocka_unit_test_setup_teardown(legacy_schemas_let_unknown_fields_be, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_twenty_faults, set_up, tear_down),
      cmocka_unit_test_setup_teardown(sets_defaults, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_schemas, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_deep_schemas, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
