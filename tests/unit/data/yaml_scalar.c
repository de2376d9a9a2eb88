#include "../test.h"

#include "base/buf.h"
#include "data/json_write.h"
#include "data/yaml_scalar.h"

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

struct scalar_case {
  const char *text;
  const char *json; /* "absent": no JSON value */
};

static void check_value(const char *what, struct value v, const char *json)
{
  struct buf out = {0};
  if (v.type == VALUE_ABSENT)
    buf_add_text(&out, "absent");
  else
    json_write(&out, v, 0);
  if (!str_eq(buf_str(&out), str_from(json))) {
    print_error("%s is %.*s, expected %s\n", what, STR_FMT(buf_str(&out)), json);
    buf_free(&out);
    fail();
  }
  buf_free(&out);
}

static const struct scalar_case words[] = {
    {"", "null"},
    {"~", "null"},
    {"null", "null"},
    {"Null", "null"},
    {"NULL", "null"},
    {"nULL", "\"nULL\""},
    {"nul", "\"nul\""},
    {"~~", "\"~~\""},
    {"y", "true"},
    {"Y", "true"},
    {"yes", "true"},
    {"Yes", "true"},
    {"YES", "true"},
    {"yES", "\"yES\""},
    {"ye", "\"ye\""},
    {"yess", "\"yess\""},
    {"on", "true"},
    {"On", "true"},
    {"ON", "true"},
    {"oN", "\"oN\""},
    {"true", "true"},
    {"True", "true"},
    {"TRUE", "true"},
    {"tRUE", "\"tRUE\""},
    {"n", "false"},
    {"N", "false"},
    {"no", "false"},
    {"No", "false"},
    {"NO", "false"},
    {"nO", "\"nO\""},
    {"off", "false"},
    {"Off", "false"},
    {"OFF", "false"},
    {"oFF", "\"oFF\""},
    {"false", "false"},
    {"False", "false"},
    {"FALSE", "false"},
    {"falsE", "\"falsE\""},
    {"t", "\"t\""},
    {"f", "\"f\""},
    {"name", "\"name\""},
    {"nodePort", "\"nodePort\""},
    {"on-call", "\"on-call\""},
    {"o", "\"o\""},
    {"kind", "\"kind\""},
    {"<<", "\"<<\""},
    {"=", "\"=\""},
};

static const struct scalar_case integers[] = {
    {"0", "0"},
    {"1", "1"},
    {"-1", "-1"},
    {"+1", "1"},
    {"-0", "0"},
    {"8080", "8080"},
    {"007", "7"},
    {"0777", "511"},
    {"-0777", "-511"},
    {"0o17", "15"},
    {"0O17", "15"},
    {"-0o17", "-15"},
    {"0x1F", "31"},
    {"0X1f", "31"},
    {"+0x10", "16"},
    {"-0x10", "-16"},
    {"0b101", "5"},
    {"0B101", "5"},
    {"-0b101", "-5"},
    {"1_000", "1000"},
    {"1__0_", "10"},
    {"0x_ff", "255"},
    {"0b1_0", "2"},
    {"0_7", "7"},
    {"089", "89"},
    {"08", "8"},
    {"00", "0"},
    {"999999999999999999", "999999999999999999"},
    {"9223372036854775807", "9223372036854775807"},
    {"9223372036854775808", "9223372036854775808"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "18446744073709551616"},
    {"123456789012345678901234567890", "123456789012345678901234567890"},
    {"+18446744073709551615", "18446744073709551615"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", "-9223372036854775809"},
    {"0xffffffffffffffff", "18446744073709551615"},
    {"0x10000000000000000", "\"0x10000000000000000\""},
    {"-0xffffffffffffffff", "\"-0xffffffffffffffff\""},
    {"-0x8000000000000000", "-9223372036854775808"},
    {"0777777777777777777777777", "777777777777777777777777"},
};

static const struct scalar_case floats[] = {
    {"1.5", "1.5"},          {"-1.5", "-1.5"},
    {"+1.5", "1.5"},         {"1.50", "1.50"},
    {"0.1", "0.1"},          {".5", "0.5"},
    {"-.5", "-0.5"},         {"+.5", "0.5"},
    {"1.", "1.0"},           {"-1.", "-1.0"},
    {"1.e3", "1.0e3"},       {"1e3", "1e3"},
    {"1E3", "1E3"},          {"1e+3", "1e+3"},
    {"1e-3", "1e-3"},        {"12e03", "12e03"},
    {"1_000.50", "1000.50"}, {"00.5", "0.5"},
    {"-00.5", "-0.5"},       {"0e1", "0e1"},
    {".5e3", "0.5e3"},       {".5_0", "0.50"},
    {"-0.0", "-0.0"},        {"1_e1_0", "1e10"},
    {"1e308", "1e308"},      {"1e-400", "1e-400"},
    {"0e999", "0e999"},      {"1.7976931348623157e308", "1.7976931348623157e308"},
    {".inf", "absent"},      {".Inf", "absent"},
    {".INF", "absent"},      {"+.inf", "absent"},
    {"-.inf", "absent"},     {"-.INF", "absent"},
    {".nan", "absent"},      {".NaN", "absent"},
    {".NAN", "absent"},
};

static const struct scalar_case strings[] = {
    {"-", "\"-\""},
    {"+", "\"+\""},
    {".", "\".\""},
    {"..", "\"..\""},
    {".e3", "\".e3\""},
    {"-.", "\"-.\""},
    {"_1", "\"_1\""},
    {"._5", "\"._5\""},
    {".5_", "\".5_\""},
    {"0x", "\"0x\""},
    {"0b", "\"0b\""},
    {"0o", "\"0o\""},
    {"0o8", "\"0o8\""},
    {"0b2", "\"0b2\""},
    {"0xg", "\"0xg\""},
    {"--1", "\"--1\""},
    {"+-1", "\"+-1\""},
    {"1e", "\"1e\""},
    {"1e+", "\"1e+\""},
    {"1e3.5", "\"1e3.5\""},
    {"1e400", "\"1e400\""},
    {"-1e400", "\"-1e400\""},
    {"1.8e308", "\"1.8e308\""},
    {".nAn", "\".nAn\""},
    {"+.nan", "\"+.nan\""},
    {"inf", "\"inf\""},
    {"NaN", "\"NaN\""},
    {"1:30", "\"1:30\""},
    {"190:20:30", "\"190:20:30\""},
    {"1:30.5", "\"1:30.5\""},
    {"10.0.0.1", "\"10.0.0.1\""},
    {"10.0.0.0/8", "\"10.0.0.0/8\""},
    {"1.2.3", "\"1.2.3\""},
    {"100m", "\"100m\""},
    {"1Gi", "\"1Gi\""},
    {"25%", "\"25%\""},
    {"2001-01-01", "\"2001-01-01\""},
    {"2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""},
    {"v1", "\"v1\""},
    {"apps/v1", "\"apps/v1\""},
    {"1,000", "\"1,000\""},
    {"1 000", "\"1 000\""},
    {"0x1.8p3", "\"0x1.8p3\""},
    {"3f2a", "\"3f2a\""},
};

static void check_cases(const struct scalar_case *cases, size_t count)
{
  for (size_t i = 0; i < count; i++)
    check_value(cases[i].text, yaml_scalar_plain(&arena, str_from(cases[i].text)), cases[i].json);
}

#define CHECK_CASES(cases) check_cases((cases), sizeof(cases) / sizeof *(cases))

static void types_words(void **state)
{
  (void)state;
  CHECK_CASES(words);
}

static void types_integers(void **state)
{
  (void)state;
  CHECK_CASES(integers);
}

static void types_floats(void **state)
{
  (void)state;
  CHECK_CASES(floats);
}

static void leaves_the_rest_strings(void **state)
{
  (void)state;
  CHECK_CASES(strings);
}

static void keeps_small_integers_inline_and_views_the_text(void **state)
{
  (void)state;
  int64_t number;
  assert_true(value_to_int(yaml_scalar_plain(&arena, STR("0x7fffffffffffffff")), &number));
  assert_true(number == INT64_MAX);
  assert_false(value_to_int(yaml_scalar_plain(&arena, STR("9223372036854775808")), &number));
  assert_false(value_to_int(yaml_scalar_plain(&arena, STR("1.0")), &number));
  struct str text = STR("3.25");
  assert_ptr_equal(yaml_scalar_plain(&arena, text).text, text.data);
  text = STR("some text");
  assert_ptr_equal(yaml_scalar_plain(&arena, text).text, text.data);
}

static void judges_the_range_of_long_numbers(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, '9', 308);
  assert_int_equal(yaml_scalar_plain(&arena, buf_str(&text)).type, VALUE_NUMBER);
  buf_add_repeat(&text, '9', 1);
  assert_int_equal(yaml_scalar_plain(&arena, buf_str(&text)).type, VALUE_STRING);
  buf_clear(&text);
  buf_add_text(&text, "1");
  buf_add_repeat(&text, '0', 2000);
  buf_add_text(&text, "e-1900");
  assert_int_equal(yaml_scalar_plain(&arena, buf_str(&text)).type, VALUE_NUMBER);
  buf_clear(&text);
  buf_add_text(&text, "0.");
  buf_add_repeat(&text, '0', 2000);
  buf_add_text(&text, "1e2400");
  assert_int_equal(yaml_scalar_plain(&arena, buf_str(&text)).type, VALUE_STRING);
  buf_clear(&text);
  buf_add_text(&text, "1e");
  buf_add_repeat(&text, '9', 2000);
  assert_int_equal(yaml_scalar_plain(&arena, buf_str(&text)).type, VALUE_STRING);
  buf_free(&text);
}

static const struct tag_case {
  const char *tag;
  const char *text;
  const char *json; /* NULL: an error */
  const char *error;
} tags[] = {
    {"str", "12", "\"12\"", NULL},
    {"str", "", "\"\"", NULL},
    {"str", "null", "\"null\"", NULL},
    {"int", "12", "12", NULL},
    {"int", "0x1f", "31", NULL},
    {"int", "18446744073709551616", "18446744073709551616", NULL},
    {"int", "1.5", NULL, "\"1.5\" is tagged !!int, but is not one"},
    {"int", "x", NULL, "tagged !!int"},
    {"int", "", NULL, "tagged !!int"},
    {"float", "1.5", "1.5", NULL},
    {"float", "1", "1", NULL},
    {"float", ".inf", NULL, "not a number that JSON can hold"},
    {"float", "x", NULL, "tagged !!float"},
    {"bool", "yes", "true", NULL},
    {"bool", "off", "false", NULL},
    {"bool", "1", NULL, "tagged !!bool"},
    {"null", "", "null", NULL},
    {"null", "~", "null", NULL},
    {"null", "x", NULL, "tagged !!null"},
    {"timestamp", "2001-01-01", "\"2001-01-01\"", NULL},
    {"timestamp", "2001-1-1T2:3:4Z", "\"2001-1-1T2:3:4Z\"", NULL},
    {"timestamp", "2001-01", NULL, "tagged !!timestamp"},
    {"timestamp", "2001-001-01", NULL, "tagged !!timestamp"},
    {"timestamp", "12", NULL, "tagged !!timestamp"},
    {"binary", "aGVsbG8=", "\"hello\"", NULL},
    {"binary", "aGVs\nbG8=\n", "\"hello\"", NULL},
    {"binary", "", "\"\"", NULL},
    {"binary", "/2E=",
     "\"\xEF\xBF\xBD"
     "a\"",
     NULL},
    {"binary", "w6k=", "\"\xC3\xA9\"", NULL},
    {"binary", "a", NULL, "!!binary text is not base64"},
    {"map", "x", "\"x\"", NULL},
};

static void obeys_tags(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    struct str tag = arena_printf(&arena, "tag:yaml.org,2002:%s", tags[i].tag);
    struct value v = VALUE_NONE;
    struct error err = {0};
    int rc = yaml_scalar_tagged(&arena, tag, str_from(tags[i].text), &v, &err);
    if (tags[i].json) {
      assert_int_equal(rc, 0);
      check_value(tags[i].text, v, tags[i].json);
    } else {
      assert_int_equal(rc, SW_EINVAL);
      assert_error(err, SW_EINVAL, tags[i].error);
    }
  }
  struct value v;
  assert_int_equal(yaml_scalar_tagged(&arena, STR("!Ref"), STR("12"), &v, NULL), 0);
  check_value("!Ref 12", v, "\"12\"");
}

static void makes_keys_as_kubectl_does(void **state)
{
  (void)state;
  static const struct scalar_case keys[] = {
      {"name", "name"},
      {"1", "1"},
      {"0777", "511"},
      {"-5", "-5"},
      {"yes", "true"},
      {"n", "false"},
      {"1.5", "1.5"},
      {"1.50", "1.5"},
      {"1.0", "1"},
      {"1e3", "1000"},
      {"1e6", "1e+06"},
      {"123456.5", "123456.5"},
      {"1234567.5", "1.2345675e+06"},
      {"0.1", "0.1"},
      {"-0.25", "-0.25"},
      {"1e-4", "0.0001"},
      {"1e-5", "1e-05"},
      {"0.0", "0"},
      {"-0.0", "-0"},
      {"1e39", ".inf"},
      {"-1e39", "-.inf"},
      {"100.25", "100.25"},
      {"16777217.0", "1.6777216e+07"},
      {"18446744073709551615", "18446744073709551615"},
      {"18446744073709551616", "1.8446744e+19"},
      {"-9223372036854775809", "-9.223372e+18"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    struct str key = STR_EMPTY;
    assert_true(yaml_scalar_key(&arena, yaml_scalar_plain(&arena, str_from(keys[i].text)), &key));
    assert_str(key, keys[i].json);
  }
  struct str key;
  assert_false(yaml_scalar_key(&arena, value_null(), &key));
  assert_false(yaml_scalar_key(&arena, value_array_make(&arena, NULL, NULL, 0), &key));
  assert_str(yaml_scalar_key_not_finite(STR(".Inf")), ".inf");
  assert_str(yaml_scalar_key_not_finite(STR("+.INF")), ".inf");
  assert_str(yaml_scalar_key_not_finite(STR("-.inf")), "-.inf");
  assert_str(yaml_scalar_key_not_finite(STR(".NaN")), ".nan");
  assert_str(yaml_scalar_key_not_finite(STR(".NAN")), ".nan");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_words),
      cmocka_unit_test(types_integers),
      cmocka_unit_test(types_floats),
      cmocka_unit_test(leaves_the_rest_strings),
      cmocka_unit_test(keeps_small_integers_inline_and_views_the_text),
      cmocka_unit_test(judges_the_range_of_long_numbers),
      cmocka_unit_test(obeys_tags),
      cmocka_unit_test(makes_keys_as_kubectl_does),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
