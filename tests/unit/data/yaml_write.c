#include "data/yaml_write.h"
#include "../test.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/yaml.h"

struct bench {
  struct arena arena;
  struct buf out;
  struct error err;
};

static int make(void **state)
{
  static struct bench b;
  b = (struct bench){0};
  arena_init(&b.arena, 0);
  *state = &b;
  return 0;
}

static int drop(void **state)
{
  struct bench *b = *state;
  buf_free(&b->out);
  arena_free(&b->arena);
  return 0;
}

static struct value json(struct bench *b, const char *text)
{
  struct value v;
  if (json_parse(&b->arena, str_from(text), NULL, &v, &b->err) < 0)
    fail_msg("%s", b->err.message);
  return v;
}

/* What is written, once it has been read back as the same. */
static const char *written(struct bench *b, struct value v)
{
  buf_clear(&b->out);
  if (yaml_write(&b->out, v, &b->err) < 0)
    fail_msg("%s", b->err.message);
  struct yaml_document document;
  struct yaml_options options = {.duplicates = VALUE_REFUSE};
  struct buf text = {0};
  buf_printf(&text, "---\n%s", buf_text(&b->out));
  struct yaml_reader *reader = yaml_reader_new(buf_str(&text), &options);
  if (yaml_reader_next(reader, &b->arena, &document, &b->err) != 1)
    fail_msg("%s: %s", buf_text(&b->out), b->err.message);
  if (!value_equal(document.root, v))
    fail_msg("read back as another value:\n%s", buf_text(&b->out));
  yaml_reader_free(reader);
  buf_free(&text);
  return buf_text(&b->out);
}

static void test_looks_like_a_manifest(void **state)
{
  struct bench *b = *state;
  struct value v = json(
      b,
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"labels\":{}},"
      "\"spec\":{\"containers\":[{\"name\":\"web\",\"args\":[\"-v\",\"\"],\"ports\":[{\"containerPort\":"
      "8443}]}],\"volumes\":[],\"nested\":[[1,2],[]]},\"status\":null}");
  assert_string_equal(written(b, v), "apiVersion: v1\n"
                                     "kind: Pod\n"
                                     "metadata:\n"
                                     "  name: web\n"
                                     "  labels: {}\n"
                                     "spec:\n"
                                     "  containers:\n"
                                     "  - name: web\n"
                                     "    args:\n"
                                     "    - -v\n"
                                     "    - \"\"\n"
                                     "    ports:\n"
                                     "    - containerPort: 8443\n"
                                     "  volumes: []\n"
                                     "  nested:\n"
                                     "  - - 1\n"
                                     "    - 2\n"
                                     "  - []\n"
                                     "status: null\n");
}

static void test_texts_of_several_lines_are_blocks(void **state)
{
  struct bench *b = *state;
  assert_string_equal(
      written(b, json(b, "{\"a.rego\":\"package a\\n\\ndeny if {\\n\\ttrue\\n}\\n\",\"b\":1}")),
      "a.rego: |\n  package a\n\n  deny if {\n  \ttrue\n  }\nb: 1\n");
  assert_string_equal(written(b, json(b, "{\"x\":\"a\\nb\"}")), "x: |-\n  a\n  b\n");
  assert_string_equal(written(b, json(b, "[\"a\\nb\\n\\n\"]")), "- |+\n  a\n  b\n\n");
  /* An indented first line would need an indentation indicator, a carriage return an escape. */
  assert_string_equal(written(b, json(b, "{\"x\":\" a\\nb\"}")), "x: \" a\\nb\"\n");
  assert_string_equal(written(b, json(b, "{\"x\":\"a\\r\\nb\"}")), "x: \"a\\r\\nb\"\n");
}

/* Strings that some reader of YAML 1.1 or 1.2 takes for something else. */
static void test_strings_that_could_be_something_else_are_quoted(void **state)
{
  struct bench *b = *state;
  static const char *const texts[] = {
      "",
      "y",
      "N",
      "yes",
      "NO",
      "on",
      "Off",
      "true",
      "FALSE",
      "null",
      "Null",
      "~",
      "1",
      "-1",
      "+1",
      "1.5",
      ".5",
      "5.",
      "1e3",
      "0x1F",
      "0o17",
      "017",
      "0b11",
      "1_000",
      "1:30",
      ".inf",
      "-.INF",
      ".nan",
      "<<",
      "=",
      "2001-01-01",
      "2001-01-01T00:00:00Z",
      "- a",
      "-",
      "? a",
      "a: b",
      "a:",
      "a #b",
      "#a",
      "&a",
      "*a",
      "!a",
      "|",
      ">",
      "%a",
      "@a",
      "`a",
      "'a'",
      "\"a\"",
      "{a",
      "[a",
      "]",
      "a ",
      " a",
      "---",
      "--- a",
      "...",
      "a\tb",
      "\x7f",
      "\xc2\x85",
      "\xe2\x80\xa8",
      "\xef\xbb\xbf",
      "\x01",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const char *text = written(b, value_from(texts[i]));
    if (text[0] != '"' && text[0] != '\'')
      fail_msg("%s is not quoted", text);
  }
}

static void test_ordinary_strings_are_not_quoted(void **state)
{
  struct bench *b = *state;
  static const char *const texts[] = {
      "a",    "kube-system", "seawall.dev/v1", "v1.32.0",  "10.0.0.0/8", "64Mi", "a:b",     "a#b",
      "it's", "nginx:1.27",  "100m",           "/healthz", "\xc3\xa4",   "-v",   "--config"};
  char line[64];
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    snprintf(line, sizeof line, "%s\n", texts[i]);
    assert_string_equal(written(b, value_from(texts[i])), line);
  }
}

/* Longer than what is compared with words: digits for hundreds of bytes are a number all the same. */
static void test_long_digits_stay_a_string(void **state)
{
  struct bench *b = *state;
  char text[2000];
  memset(text, '7', sizeof text);
  text[1] = '.';
  const char *out = written(b, value_string(str_make(text, sizeof text)));
  assert_int_equal(out[0], '"');
}

static void test_numbers_stay_what_they_are(void **state)
{
  struct bench *b = *state;
  assert_string_equal(written(b, json(b, "[1.50,12345678901234567890,1e3,-7]")),
                      "- 1.50\n- 12345678901234567890\n- 1e3\n- -7\n");
}

static void test_what_has_no_form_is_refused(void **state)
{
  struct bench *b = *state;
  struct value one = value_int(1), set = value_set_make(&b->arena, &one, 1), object, deep = one;
  struct value_member member = {value_int(1), one};
  char key[1001];
  buf_add(&b->out, STR("before"));
  assert_int_equal(yaml_write(&b->out, VALUE_NONE, &b->err), SW_EUNSUPPORTED);
  assert_int_equal(yaml_write(&b->out, value_array_make(&b->arena, &set, NULL, 1), &b->err),
                   SW_EUNSUPPORTED);
  assert_error(b->err, SW_EUNSUPPORTED, "set");
  value_object_make_any(&b->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &object);
  assert_int_equal(yaml_write(&b->out, object, &b->err), SW_EUNSUPPORTED);
  assert_error(b->err, SW_EUNSUPPORTED, "key that is no string");
  memset(key, 'k', sizeof key);
  member.key = value_string(str_make(key, sizeof key));
  value_object_make(&b->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &object);
  assert_int_equal(yaml_write(&b->out, object, &b->err), SW_EUNSUPPORTED);
  member.key = value_string(str_make(key, 1000));
  value_object_make(&b->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &object);
  assert_int_equal(yaml_write(&b->out, object, &b->err), 0);
  b->out.len = 6;
  memset(key, 0x7f, sizeof key); /* 6 bytes each when written */
  assert_int_equal(yaml_write(&b->out, object, &b->err), SW_EUNSUPPORTED);
  assert_int_equal(yaml_write(&b->out, json(b, "1e400"), &b->err), SW_EUNSUPPORTED);
  for (int i = 0; i < 201; i++)
    deep = value_array_make(&b->arena, &deep, NULL, 1);
  assert_int_equal(yaml_write(&b->out, deep, &b->err), SW_EUNSUPPORTED);
  assert_str(buf_str(&b->out), "before");
  assert_int_equal(yaml_write(&b->out, deep.items[0], &b->err), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_looks_like_a_manifest, make, drop),
      cmocka_unit_test_setup_teardown(test_texts_of_several_lines_are_blocks, make, drop),
      cmocka_unit_test_setup_teardown(test_strings_that_could_be_something_else_are_quoted, make,
                                      drop),
      cmocka_unit_test_setup_teardown(test_ordinary_strings_are_not_quoted, make, drop),
      cmocka_unit_test_setup_teardown(test_long_digits_stay_a_string, make, drop),
      cmocka_unit_test_setup_teardown(test_numbers_stay_what_they_are, make, drop),
      cmocka_unit_test_setup_teardown(test_what_has_no_form_is_refused, make, drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
