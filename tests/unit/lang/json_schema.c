#include "../test.h"

#include "base/buf.h"
#include "data/json.h"
#include "lang/json_schema.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct value value_of(const char *text)
{
  struct value v;
  struct error err;
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  if (json_parse(&arena, str_from(text), &options, &v, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  return v;
}

struct row {
  const char *schema, *document, *expected;
};

/* "field: description (type)", one a line; empty: the document is right. */
static void write_problems(struct buf *out, const struct row *row)
{
  _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
  struct json_schema_problems problems = {0};
  struct error err;
  if (json_schema_compile(value_of(row->schema), &schema, &err) < 0) {
    buf_printf(out, "schema: %s", err.message);
    return;
  }
  int rc = json_schema_check(schema, value_of(row->document), &arena, NULL, &problems, &err);
  assert_int_equal(rc, problems.count ? SW_EINVAL : 0);
  for (uint32_t i = 0; i < problems.count; i++)
    buf_printf(out, "%s%.*s: %.*s (%s)", i ? "\n" : "", STR_FMT(problems.items[i].field),
               STR_FMT(problems.items[i].description), problems.items[i].type);
}

static void check_rows(const struct row *rows, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    write_problems(&out, &rows[i]);
    if (!str_eq(buf_str(&out), str_from(rows[i].expected)))
      fail_msg("%s | %s\n  is       %s\n  expected %s", rows[i].schema, rows[i].document,
               buf_text(&out), rows[i].expected);
  }
}

static void keywords_are_checked(void **state)
{
  static const struct row rows[] = {
      {"{\"type\":\"string\"}", "1",
       "(root): Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"type\":[\"string\",\"null\"]}", "null", ""},
      {"{\"type\":[\"string\",\"null\"]}", "1",
       "(root): Invalid type. Expected: [string,null], given: integer (invalid_type)"},
      {"{\"type\":\"integer\"}", "1.0", ""},
      {"{\"type\":\"integer\"}", "1.5",
       "(root): Invalid type. Expected: integer, given: number (invalid_type)"},
      {"{\"type\":\"number\"}", "1", ""},
      {"{\"properties\":{\"a\":{\"type\":\"object\",\"required\":[\"b\",\"c\"]}},\"required"
       "\":[\"a\"]}",
       "{\"a\":{\"b\":1}}", "a: c is required (required)"},
      {"{\"required\":[\"a\"]}", "{}", "(root): a is required (required)"},
      {"{\"additionalProperties\":false,\"properties\":{\"a\":{}},\"patternProperties\":{\"^"
       "x\":{\"type\":\"null\"}}}",
       "{\"a\":1,\"b\":2,\"x1\":3,\"x2\":null}",
       "(root): Additional property b is not allowed (additional_property_not_allowed)\n"
       "x1: Invalid type. Expected: null, given: integer (invalid_type)"},
      {"{\"additionalProperties\":{\"type\":\"string\"}}", "{\"q\":1}",
       "q: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"minProperties\":2,\"maxProperties\":1}", "{\"a\":1,\"b\":2}",
       "schema: minProperties cannot be greater than maxProperties"},
      {"{\"propertyNames\":{\"maxLength\":1}}", "{\"ab\":1}",
       "(root): Property name of \"ab\" does not match (invalid_property_name)\n"
       "(root): String length must be less than or equal to 1 (string_lte)"},
      {"{\"dependencies\":{\"a\":[\"b\"],\"c\":{\"required\":[\"d\"]}}}", "{\"a\":1,\"c\":1}",
       "(root): Has a dependency on b (missing_dependency)\n"
       "(root): d is required (required)"},
      {"{\"items\":{\"type\":\"string\"}}", "[\"a\",1]",
       "1: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"items\":[{\"type\":\"string\"}],\"additionalItems\":false}", "[\"a\",1]",
       "(root): No additional items allowed on array (array_no_additional_items)"},
      {"{\"items\":[{}],\"additionalItems\":{\"type\":\"null\"}}", "[\"a\",1]",
       "1: Invalid type. Expected: null, given: integer (invalid_type)"},
      {"{\"minItems\":2}", "[1]", "(root): Array must have at least 2 items (array_min_items)"},
      {"{\"maxItems\":1}", "[1,2]", "(root): Array must have at most 1 items (array_max_items)"},
      {"{\"uniqueItems\":true}", "[1,{\"a\":1},{\"a\":1.0}]",
       "(root): array items[1,2] must be unique (unique)"},
      {"{\"contains\":{\"type\":\"null\"}}", "[1,2]",
       "(root): At least one of the items must match (contains)\n"
       "0: Invalid type. Expected: null, given: integer (invalid_type)"},
      {"{\"minLength\":2,\"maxLength\":3}", "\"\\u00e9\"",
       "(root): String length must be greater than or equal to 2 (string_gte)"},
      {"{\"maxLength\":3}", "\"abcd\"",
       "(root): String length must be less than or equal to 3 (string_lte)"},
      {"{\"pattern\":\"^a+$\"}", "\"b\"", "(root): Does not match pattern '^a+$' (pattern)"},
      {"{\"minimum\":5}", "4", "(root): Must be greater than or equal to 5 (number_gte)"},
      {"{\"maximum\":5}", "5.5", "(root): Must be less than or equal to 5 (number_lte)"},
      {"{\"exclusiveMinimum\":5}", "5", "(root): Must be greater than 5 (number_gt)"},
      {"{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"minimum\":5,\"exclusiveMi"
       "nimum\":true}",
       "5", "(root): Must be greater than 5 (number_gt)"},
      {"{\"multipleOf\":0.01}", "0.015", "(root): Must be a multiple of 0.01 (multiple_of)"},
      {"{\"multipleOf\":3}", "9", ""},
      {"{\"enum\":[1,\"a\",null]}", "2",
       "(root): (root) must be one of the following: 1, \"a\", null (enum)"},
      {"{\"const\":{\"a\":[1]}}", "{\"a\":[1]}", ""},
      {"{\"const\":1}", "2", "(root): (root) does not match: 1 (const)"},
      {"{\"allOf\":[{\"type\":\"string\"},{\"minLength\":2}]}", "\"a\"",
       "(root): String length must be greater than or equal to 2 (string_gte)\n"
       "(root): Must validate all the schemas (allOf) (number_all_of)"},
      {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", "1",
       "(root): Must validate at least one schema (anyOf) (number_any_of)\n"
       "(root): Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"oneOf\":[{\"type\":\"number\"},{\"minimum\":1}]}", "2",
       "(root): Must validate one and only one schema (oneOf) (number_one_of)"},
      {"{\"not\":{\"type\":\"number\"}}", "2",
       "(root): Must not validate the schema (not) (number_not)"},
      {"{\"if\":{\"type\":\"number\"},\"then\":{\"minimum\":3},\"else\":{\"type\":\"string\""
       "}}",
       "2",
       "(root): Must validate \"then\" as \"if\" was valid (condition_then)\n"
       "(root): Must be greater than or equal to 3 (number_gte)"},
      {"{\"if\":{\"type\":\"number\"},\"then\":{\"minimum\":3},\"else\":{\"type\":\"string\""
       "}}",
       "null",
       "(root): Must validate \"else\" as \"if\" was not valid (condition_else)\n"
       "(root): Invalid type. Expected: string, given: null (invalid_type)"},
      {"true", "1", ""},
      {"false", "1", "(root): False always fails validation (false)"},
      {"{\"properties\":{\"a\":false}}", "{\"a\":1}", "a: False always fails validation (false)"},
      {"{}", "{\"anything\":[1]}", ""},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void formats_are_checked(void **state)
{
  static const struct row rows[] = {
      {"{\"format\":\"date\"}", "\"2020-02-30\"", "(root): Does not match format 'date' (format)"},
      {"{\"format\":\"date\"}", "\"2020-02-29\"", ""},
      {"{\"format\":\"date-time\"}", "\"2020-01-01T00:00:00Z\"", ""},
      {"{\"format\":\"date-time\"}", "\"2020-01-01\"", ""},
      {"{\"format\":\"time\"}", "\"12:00:00Z\"", ""},
      {"{\"format\":\"time\"}", "\"25:00\"", "(root): Does not match format 'time' (format)"},
      {"{\"format\":\"email\"}", "\"a@b.c\"", ""},
      {"{\"format\":\"email\"}", "\"a\"", "(root): Does not match format 'email' (format)"},
      {"{\"format\":\"ipv4\"}", "\"1.2.3.4\"", ""},
      {"{\"format\":\"ipv4\"}", "\"1.2.3\"", "(root): Does not match format 'ipv4' (format)"},
      {"{\"format\":\"ipv6\"}", "\"::1\"", ""},
      {"{\"format\":\"ipv6\"}", "\"1\"", "(root): Does not match format 'ipv6' (format)"},
      {"{\"format\":\"uri\"}", "\"http://x/y\"", ""},
      {"{\"format\":\"uri\"}", "\"/y\"", "(root): Does not match format 'uri' (format)"},
      {"{\"format\":\"uri-reference\"}", "\"/y\"", ""},
      {"{\"format\":\"hostname\"}", "\"a.b\"", ""},
      {"{\"format\":\"hostname\"}", "\"-a\"", "(root): Does not match format 'hostname' (format)"},
      {"{\"format\":\"uuid\"}", "\"00000000-0000-0000-0000-000000000000\"", ""},
      {"{\"format\":\"uuid\"}", "\"1\"", "(root): Does not match format 'uuid' (format)"},
      {"{\"format\":\"regex\"}", "\"a+\"", ""},
      {"{\"format\":\"regex\"}", "\"(\"", "(root): Does not match format 'regex' (format)"},
      {"{\"format\":\"json-pointer\"}", "\"/a~0\"", ""},
      {"{\"format\":\"json-pointer\"}", "\"a\"",
       "(root): Does not match format 'json-pointer' (format)"},
      {"{\"format\":\"relative-json-pointer\"}", "\"1/a\"", ""},
      {"{\"format\":\"relative-json-pointer\"}", "\"/a\"",
       "(root): Does not match format 'relative-json-pointer' (format)"},
      {"{\"format\":\"what\"}", "\"anything\"", ""},
      {"{\"format\":\"date\"}", "1", ""},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void references_lead_within_the_document(void **state)
{
  static const struct row rows[] = {
      {"{\"definitions\":{\"a\":{\"type\":\"string\"}},\"properties\":{\"x\":{\"$ref\":\"#/d"
       "efinitions/a\"}}}",
       "{\"x\":1}", "x: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"properties\":{\"next\":{\"$ref\":\"#\"},\"v\":{\"type\":\"number\"}}}",
       "{\"next\":{\"next\":{\"v\":\"s\"}}}",
       "next.next.v: Invalid type. Expected: number, given: string (invalid_type)"},
      {"{\"$id\":\"http://x/root\",\"definitions\":{\"a\":{\"$id\":\"#name\",\"type\":\"stri"
       "ng\"}},\"items\":{\"$ref\":\"#name\"}}",
       "[1]", "0: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"$id\":\"http://x/root\",\"definitions\":{\"a\":{\"$id\":\"sub\",\"type\":\"string"
       "\"}},\"items\":{\"$ref\":\"http://x/sub\"}}",
       "[1]", "0: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"definitions\":{\"a/b\":{\"~\":{\"type\":\"null\"}}},\"$ref\":\"#/definitions/a~1b"
       "/~0\"}",
       "1", "(root): Invalid type. Expected: null, given: integer (invalid_type)"},
      {"{\"$ref\":\"#/nowhere\"}", "1", "schema: Object has no key 'nowhere'"},
      {"{\"$ref\":\"http://elsewhere/schema\"}", "1",
       "schema: remote reference loading disabled: http://elsewhere/schema"},
      {"{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}", "1",
       "(root): Invalid type. Expected: [object,boolean], given: integer (invalid_type)"},
      {"{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}", "{\"if\":{\"required\":\"a\"}}",
       "if.required: Invalid type. Expected: array, given: string (invalid_type)"},
      {"{\"$ref\":\"http://json-schema.org/draft-06/schema#/definitions/stringArray\"}", "[1]",
       "0: Invalid type. Expected: string, given: integer (invalid_type)"},
      {"{\"$ref\":\"http://json-schema.org/draft-04/schema\"}", "{\"exclusiveMinimum\":true}",
       "(root): Has a dependency on minimum (missing_dependency)"},
      {"{\"$ref\":\"http://json-schema.org/draft-08/schema\"}", "1",
       "schema: remote reference loading disabled: http://json-schema.org/draft-08/schema"},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void wrong_schemas_are_refused(void **state)
{
  static const struct row rows[] = {
      {"1", "1", "schema: schema is invalid"},
      {"[]", "1", "schema: schema is invalid"},
      {"{\"type\":\"strin\"}", "1",
       "schema: has a primitive type that is NOT VALID -- given: /strin/ Expected valid valu"
       "es are:[array boolean integer number null object string]"},
      {"{\"type\":5}", "1", "schema: Invalid type. Expected: type, given: string/array of strings"},
      {"{\"properties\":1}", "1", "schema: properties must be of type object"},
      {"{\"required\":\"a\"}", "1", "schema: required must be of an array"},
      {"{\"minLength\":-1}", "1", "schema: minLength must be greater than or equal to 0"},
      {"{\"pattern\":\"(\"}", "1", "schema: pattern must be a valid regex"},
      {"{\"multipleOf\":0}", "1", "schema: multipleOf must be strictly greater than 0"},
      {"{\"allOf\":[]}", "1", ""},
      {"{\"enum\":[]}", "1", "(root): (root) must be one of the following: (none) (enum)"},
      {"{\"enum\":[1,1]}", "1", "schema: enum items must be unique"},
      {"{\"items\":5}", "1",
       "schema: Invalid type. Expected: schema/array of schemas, given: items"},
      {"{\"minimum\":\"a\"}", "1", "schema: minimum must be of a number"},
      {"{\"$ref\":5}", "1", "schema: Invalid type. Expected: string, given: $ref"},
      {"{\"not\":1}", "1", "schema: not must be of an object"},
      {"{\"minimum\":5,\"maximum\":4}", "1",
       "(root): Must be greater than or equal to 5 (number_gte)"},
      {"{\"$schema\":5}", "1", "schema: $schema must be of type string"},
      {"{\"dependencies\":{\"a\":1}}", "1",
       "schema: dependency must be of type schema or array of strings"},
  };
  (void)state;
  check_rows(rows, sizeof rows / sizeof *rows);
}

static void loops_and_depth_have_a_limit(void **state)
{
  (void)state;
  static const char loop[] =
      "{\"definitions\":{\"a\":{\"allOf\":[{\"$ref\":\"#/definitions/a\"}]}},"
      "\"$ref\":\"#/definitions/a\"}";
  _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
  struct json_schema_problems problems = {0};
  struct error err;
  assert_int_equal(json_schema_compile(value_of(loop), &schema, &err), 0);
  assert_int_equal(json_schema_check(schema, value_of("1"), &arena, NULL, &problems, &err),
                   SW_ELIMIT);
}

static int refuse(void *user, uint64_t steps)
{
  *(uint64_t *)user += steps;
  return -1;
}

static void the_budget_ends_it(void **state)
{
  (void)state;
  _cleanup_(json_schema_freep) struct json_schema *schema = NULL;
  _cleanup_(buf_free) struct buf text = {0};
  struct json_schema_problems problems = {0};
  struct error err;
  uint64_t asked = 0;
  const struct json_schema_budget budget = {refuse, &asked};
  buf_add_text(&text, "[0");
  for (int i = 0; i < 5000; i++)
    buf_add_text(&text, ",1");
  buf_add_text(&text, "]");
  assert_int_equal(
      json_schema_compile(value_of("{\"items\":{\"type\":\"number\"}}"), &schema, &err), 0);
  assert_int_equal(
      json_schema_check(schema, value_of(buf_text(&text)), &arena, &budget, &problems, &err),
      SW_ELIMIT);
  assert_true(asked > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(keywords_are_checked, start, stop),
      cmocka_unit_test_setup_teardown(formats_are_checked, start, stop),
      cmocka_unit_test_setup_teardown(references_lead_within_the_document, start, stop),
      cmocka_unit_test_setup_teardown(wrong_schemas_are_refused, start, stop),
      cmocka_unit_test_setup_teardown(loops_and_depth_have_a_limit, start, stop),
      cmocka_unit_test_setup_teardown(the_budget_ends_it, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
