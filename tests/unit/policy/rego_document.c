#include "../test.h"

#include "data/compare.h"
#include "data/json_write.h"
#include "policy/rego_document.h"

static struct arena arena;

static int setup(void **state)
{
  (void)state;
  arena_init(&arena, 64 << 20);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static void assert_reads(const char *text, bool yaml, const char *expected)
{
  const struct rego_document_options options = {.yaml = yaml};
  struct value v;
  struct error err = {0};
  if (rego_document_parse(&arena, str_from(text), &options, &v, &err) < 0)
    fail_msg("%s: %s", text, err.message);
  struct buf out = {0};
  json_write(&out, v, 0);
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

static void assert_fails(const char *text, bool yaml, unsigned line, const char *message)
{
  const struct rego_document_options options = {.yaml = yaml};
  struct value v;
  struct error err = {0};
  assert_int_equal(rego_document_parse(&arena, str_from(text), &options, &v, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, message);
  assert_int_equal(err.line, line);
}

static void reads_json(void **state)
{
  (void)state;
  assert_reads("{\"a\": [1, 2.50, null]}", false, "{\"a\":[1,2.50,null]}");
  assert_reads("\xef\xbb\xbf \"bom\"", false, "\"bom\"");
  assert_reads("{\"a\": 1, \"a\": 2}", false, "{\"a\":2}");
  assert_fails("a: 1", false, 1, "");
  assert_fails("{} {}", false, 1, "");
}

static void reads_yaml_where_it_may(void **state)
{
  (void)state;
  assert_reads("{\"a\": 2.50}", true, "{\"a\":2.50}");
  assert_reads("a: on\nb: [0x10, \"x\"]\n", true, "{\"a\":true,\"b\":[16,\"x\"]}");
  assert_reads("{a: 1}", true, "{\"a\":1}");
  assert_reads("", true, "null");
  assert_reads("# nothing\n", true, "null");
  assert_fails("a: 1\nb\n", true, 2, "");
}

static void takes_one_document(void **state)
{
  (void)state;
  assert_reads("---\na: 1\n...\n", true, "{\"a\":1}");
  assert_fails("a: 1\n---\nb: 2\n", true, 3, "a second YAML document begins here");
}

/* Whoever writes JSON wants to know what is wrong with it as JSON. */
static void tells_the_error_of_the_language_meant(void **state)
{
  (void)state;
  const struct rego_document_options yes = {.yaml = true}, no = {0};
  struct value v;
  struct error as_json, as_either;
  struct str text = STR("{\"a\": 1,\n \"b\": 2");
  assert_true(rego_document_parse(&arena, text, &no, &v, &as_json) < 0);
  assert_true(rego_document_parse(&arena, text, &yes, &v, &as_either) < 0);
  assert_string_equal(as_json.message, as_either.message);
  assert_int_equal(as_json.line, as_either.line);
}

static void keeps_places_and_symbols_if_asked(void **state)
{
  (void)state;
  struct symbols *symbols = symbols_new(NULL, 0);
  uint16_t number = symbols_add(symbols, STR("spec"));
  const char *const texts[] = {"{\n \"spec\": 1}", "\nspec: 1\n"};
  for (size_t i = 0; i < 2; i++) {
    const struct rego_document_options options = {
        .yaml = true, .positions = true, .symbols = symbols};
    struct value v;
    assert_int_equal(rego_document_parse(&arena, str_from(texts[i]), &options, &v, NULL), 0);
    assert_int_equal(v.members[0].key.symbol, number);
    assert_int_equal(value_position(v, 0).line, 2);
    assert_int_equal(rego_document_parse(&arena, str_from(texts[i]),
                                         &(struct rego_document_options){.yaml = true}, &v, NULL),
                     0);
    assert_int_equal(v.members[0].key.symbol, 0);
    assert_int_equal(value_position(v, 0).line, 0);
  }
  symbols_free(symbols);
}

static void refuses_what_is_too_deep(void **state)
{
  (void)state;
  char text[2049];
  memset(text, '[', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  const struct rego_document_options options = {.yaml = true};
  struct value v;
  struct error err;
  assert_int_equal(rego_document_parse(&arena, str_from(text), &options, &v, &err), SW_ELIMIT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_json),
      cmocka_unit_test(reads_yaml_where_it_may),
      cmocka_unit_test(takes_one_document),
      cmocka_unit_test(tells_the_error_of_the_language_meant),
      cmocka_unit_test(keeps_places_and_symbols_if_asked),
      cmocka_unit_test(refuses_what_is_too_deep),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
