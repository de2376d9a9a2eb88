#include "../test.h"

#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/number.h"

/* The other way of scanning, which the library does not take where there is SSE2. */
#define JSON_SCAN_PORTABLE 1
#include "data/json_scan_int.h"

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

static struct value json(struct str text)
{
  struct value v = VALUE_NONE;
  struct error err;
  struct json_options options = {.depth_max = JSON_DEPTH_MAX};
  if (json_parse(&arena, text, &options, &v, &err) < 0) {
    print_error("%.*s: %s\n", STR_FMT(text), err.message);
    fail();
  }
  return v;
}

static void check_written(struct value v, unsigned indent, const char *wanted)
{
  _cleanup_(buf_free) struct buf out = {0};
  json_write(&out, v, indent);
  assert_str(buf_str(&out), wanted);
}

static void check_string(struct str s, const char *wanted)
{
  _cleanup_(buf_free) struct buf out = {0};
  json_write_string(&out, s);
  assert_str(buf_str(&out), wanted);
}

static void strings_escape_only_what_they_must(void **state)
{
  (void)state;
  check_string(STR_EMPTY, "\"\"");
  check_string(str_make(NULL, 0), "\"\"");
  check_string(STR("a/b<c>&'d"), "\"a/b<c>&'d\"");
  check_string(STR("\"\\"), "\"\\\"\\\\\"");
  check_string(STR("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"");
  check_string(STR("\0\x01\x0B\x1F\x7F"), "\"\\u0000\\u0001\\u000b\\u001f\x7F\"");
  check_string(STR("\xC3\xA4\xE2\x80\xA8\xE2\x80\xA9\xF0\x9F\x98\x80"),
               "\"\xC3\xA4\xE2\x80\xA8\xE2\x80\xA9\xF0\x9F\x98\x80\"");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
  (void)state;
  check_string(STR("a\xFF"
                   "b"),
               "\"a\xEF\xBF\xBD"
               "b\"");
  check_string(STR("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  check_string(STR("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  check_string(STR("\xC3\"\xA4"), "\"\xEF\xBF\xBD\\\"\xEF\xBF\xBD\"");
}

static void escapes_are_found_at_every_place(void **state)
{
  (void)state;
  for (size_t len = 0; len < 50; len++)
    for (size_t at = 0; at <= len; at++) {
      _cleanup_(buf_free) struct buf text = {0}, wanted = {0}, out = {0};
      buf_add_byte(&wanted, '"');
      for (int i = 0; i < 2; i++) {
        buf_add_repeat(i ? &wanted : &text, 'x', at);
        buf_add_text(i ? &wanted : &text, i ? "\\n" : "\n");
        buf_add_repeat(i ? &wanted : &text, 'y', len - at);
      }
      buf_add_byte(&wanted, '"');
      json_write_string(&out, buf_str(&text));
      assert_true(str_eq(buf_str(&out), buf_str(&wanted)));
    }
}

static void the_portable_scan_finds_the_same_byte(void **state)
{
  (void)state;
  char text[40];
  for (unsigned c = 0; c < 256; c++)
    for (size_t at = 0; at < sizeof text; at++)
      for (size_t begin = 0; begin < 9; begin++) {
        memset(text, 'a' + (int)(at % 20), sizeof text);
        text[at] = (char)c;
        if (at + 1 < sizeof text)
          text[at + 1] = '"';
        size_t wanted = begin;
        while (wanted < sizeof text && json_is_plain(text[wanted]))
          wanted++;
        const char *found = json_skip_plain(text + begin, text + sizeof text);
        assert_int_equal(found - text, wanted);
      }
}

static void trees_are_written_on_one_line_or_indented(void **state)
{
  (void)state;
  struct value v = json(STR("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[],\"e\":\"x\"}"));
  check_written(v, 0, "{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[],\"e\":\"x\"}");
  check_written(v, 2,
                "{\n"
                "  \"a\": [\n"
                "    1,\n"
                "    {\n"
                "      \"b\": null\n"
                "    }\n"
                "  ],\n"
                "  \"c\": {},\n"
                "  \"d\": [],\n"
                "  \"e\": \"x\"\n"
                "}");
  check_written(json(STR("[true]")), 4, "[\n    true\n]");
  check_written(json(STR("[]")), 2, "[]");
  check_written(json(STR("7")), 2, "7");
}

static void what_json_lacks_is_written_as_what_it_has(void **state)
{
  (void)state;
  struct value items[3] = {value_int(2), VALUE_NONE, value_int(1)};
  check_written(VALUE_NONE, 0, "null");
  check_written(value_array_make(&arena, items, NULL, 3), 0, "[2,null,1]");
  check_written(value_set_make(&arena, items, 3), 0, "[null,1,2]");
  struct value_member members[4] = {
      {value_int(1), value_from("a")},
      {json(STR("[1,\"x\"]")), value_bool(true)},
      {value_null(), value_bool(false)},
      {value_from("k"), number_from_double(0.5)},
  };
  struct value object = {.type = VALUE_OBJECT, .len = 4, .members = members};
  check_written(object, 0, "{\"1\":\"a\",\"[1,\\\"x\\\"]\":true,\"null\":false,\"k\":0.5}");
  _cleanup_(buf_free) struct buf out = {0};
  assert_int_equal(json_write_canonical(&out, object, NULL), 0);
  assert_str(buf_str(&out), "{\"1\":\"a\",\"[1,\\\"x\\\"]\":true,\"k\":0.5,\"null\":false}");
}

/* ---- canonical */

static void check_canonical(struct str text, const char *wanted)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct error err = {0};
  if (json_write_canonical(&out, json(text), &err) < 0) {
    print_error("%.*s: %s\n", STR_FMT(text), err.message);
    fail();
  }
  assert_str(buf_str(&out), wanted);
  _cleanup_(buf_free) struct buf again = {0};
  assert_int_equal(json_write_canonical(&again, json(buf_str(&out)), NULL), 0);
  assert_true(str_eq(buf_str(&again), buf_str(&out)));
}

static void canonical_numbers_are_those_of_ecmascript(void **state)
{
  (void)state;
  check_canonical(STR("[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]"),
                  "[333333333.3333333,1e+30,4.5,0.002,1e-27]");
  check_canonical(STR("[-0,-0.0,1.0,1e3,9007199254740992,-9007199254740992]"),
                  "[0,0,1,1000,9007199254740992,-9007199254740992]");
  check_canonical(STR("[1e20,1e21,100000000000000000000,1e-6,1e-7,5e-324,1e-400]"),
                  "[100000000000000000000,1e+21,100000000000000000000,0.000001,1e-7,5e-324,0]");
  check_canonical(STR("0.1000000000000000055511151231257827"), "0.1");
}

static void canonical_strings_and_keys(void **state)
{
  (void)state;
  check_canonical(STR("[\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", null, true]"),
                  "[\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",null,true]");
  /* the order of RFC 8785, section 3.2.3 */
  check_canonical(STR("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":"
                      "\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":"
                      "\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":"
                      "\"Latin Small Letter O With Diaeresis\"}"),
                  "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\",\"\xC3\xB6"
                  "\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro Sign\","
                  "\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\",\"\xEF\xAC\xB3\":"
                  "\"Hebrew Letter Dalet With Dagesh\"}");
  check_canonical(STR("{\"b\":{\"d\":1,\"c\":[{\"z\":1,\"y\":2}]},\"a\":1,\"ab\":2,\"\":3}"),
                  "{\"\":3,\"a\":1,\"ab\":2,\"b\":{\"c\":[{\"y\":2,\"z\":1}],\"d\":1}}");
  check_canonical(STR("{\"x\xF0\x90\x80\x80\":1,\"x\xEE\x80\x80\":2,\"x\xED\x9F\xBF\":3}"),
                  "{\"x\xED\x9F\xBF\":3,\"x\xF0\x90\x80\x80\":1,\"x\xEE\x80\x80\":2}");
}

static void what_has_no_canonical_form_is_refused(void **state)
{
  (void)state;
  static const struct {
    struct str text;
    const char *message;
  } cases[] = {
      {STR_INIT("9007199254740993"), "needs more than the 53 bits"},
      {STR_INIT("[1,{\"a\":-9007199254740993}]"), "or as -9007199254740992 if that is meant"},
      {STR_INIT("9007199254740993.0"), "needs more than the 53 bits"},
      {STR_INIT("100000000000000000001"), "needs more than the 53 bits"},
      {STR_INIT("1e400"), "beyond the range of IEEE 754 doubles"},
      {STR_INIT("{\"b\":[1e309],\"a\":1}"), "beyond the range"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    buf_add_text(&out, "before");
    struct error err = {0};
    assert_int_equal(json_write_canonical(&out, json(cases[i].text), &err), SW_EINVAL);
    assert_error(err, SW_EINVAL, cases[i].message);
    assert_str(buf_str(&out), "before");
  }
}

/* ---- piece by piece */

static void a_document_is_written_without_a_tree(void **state)
{
  (void)state;
  static const char *const wanted[] = {
      "{\"name\":\"a\\nb\",\"empty\":{},\"none\":[],\"list\":[1,-2,18446744073709551615,0.5,true,"
      "null,{\"x\":[3]},\"s\"],\"ok\":false,\"v\":\"\",\"n\":7}",
      "{\n"
      "  \"name\": \"a\\nb\",\n"
      "  \"empty\": {},\n"
      "  \"none\": [],\n"
      "  \"list\": [\n"
      "    1,\n"
      "    -2,\n"
      "    18446744073709551615,\n"
      "    0.5,\n"
      "    true,\n"
      "    null,\n"
      "    {\n"
      "      \"x\": [\n"
      "        3\n"
      "      ]\n"
      "    },\n"
      "    \"s\"\n"
      "  ],\n"
      "  \"ok\": false,\n"
      "  \"v\": \"\",\n"
      "  \"n\": 7\n"
      "}"};
  for (unsigned i = 0; i < 2; i++) {
    _cleanup_(buf_free) struct buf out = {0};
    struct json_writer w = json_writer_start(&out, i * 2);
    json_begin_object(&w);
    json_member_string(&w, STR("name"), STR("a\nb"));
    json_key(&w, STR("empty"));
    json_begin_object(&w);
    json_end_object(&w);
    json_key(&w, STR("none"));
    json_begin_array(&w);
    json_end_array(&w);
    json_key(&w, STR("list"));
    json_begin_array(&w);
    json_int(&w, 1);
    json_int(&w, -2);
    json_uint(&w, UINT64_MAX);
    json_double(&w, 0.5);
    json_bool(&w, true);
    json_null(&w);
    json_value(&w, json(STR("{\"x\":[3]}")));
    json_string(&w, STR("s"));
    json_end_array(&w);
    json_member_bool(&w, STR("ok"), false);
    json_member_value(&w, STR("v"), json(STR("\"\"")));
    json_member_int(&w, STR("n"), 7);
    json_end_object(&w);
    assert_str(buf_str(&out), wanted[i]);
  }
}

static void doubles_without_a_text_become_null(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out = {0};
  struct json_writer w = json_writer_start(&out, 0);
  json_begin_array(&w);
  json_double(&w, (double)__builtin_nan(""));
  json_double(&w, -__builtin_inf());
  json_double(&w, 3.0);
  json_double(&w, 0x1p60);
  json_end_array(&w);
  assert_str(buf_str(&out), "[null,null,3,1152921504606846976]");
}

static void a_full_buffer_is_marked(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf out;
  buf_init(&out, 10);
  json_write(&out, json(STR("[1,2,3,4,5,6]")), 0);
  assert_true(buf_failed(&out));
  assert_true(out.len <= 10);
}

static void depth_costs_no_stack(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0}, out = {0}, canonical = {0};
  for (int i = 0; i < 5000; i++)
    buf_add_text(&text, "[{\"a\":");
  buf_add_text(&text, "1");
  for (int i = 0; i < 5000; i++)
    buf_add_text(&text, "}]");
  struct value v = json(buf_str(&text));
  json_write(&out, v, 0);
  assert_true(str_eq(buf_str(&out), buf_str(&text)));
  assert_int_equal(json_write_canonical(&canonical, v, NULL), 0);
  assert_true(str_eq(buf_str(&canonical), buf_str(&text)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(strings_escape_only_what_they_must, start, stop),
      cmocka_unit_test_setup_teardown(bytes_that_are_no_text_are_replaced, start, stop),
      cmocka_unit_test_setup_teardown(escapes_are_found_at_every_place, start, stop),
      cmocka_unit_test(the_portable_scan_finds_the_same_byte),
      cmocka_unit_test_setup_teardown(trees_are_written_on_one_line_or_indented, start, stop),
      cmocka_unit_test_setup_teardown(what_json_lacks_is_written_as_what_it_has, start, stop),
      cmocka_unit_test_setup_teardown(canonical_numbers_are_those_of_ecmascript, start, stop),
      cmocka_unit_test_setup_teardown(canonical_strings_and_keys, start, stop),
      cmocka_unit_test_setup_teardown(what_has_no_canonical_form_is_refused, start, stop),
      cmocka_unit_test_setup_teardown(a_document_is_written_without_a_tree, start, stop),
      cmocka_unit_test_setup_teardown(doubles_without_a_text_become_null, start, stop),
      cmocka_unit_test_setup_teardown(a_full_buffer_is_marked, start, stop),
      cmocka_unit_test_setup_teardown(depth_costs_no_stack, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
