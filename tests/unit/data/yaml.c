#include "../test.h"

#include "base/buf.h"
#include "base/vec.h"
#include "data/json_write.h"
#include "data/yaml.h"

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

/*
 * What a text gives, a line per answer: "NUMBER LINE:COLUMN json VALUE" for documents ("json" only if
 * it was read as JSON), "error CODE LINE:COLUMN" for errors.
 */
static void describe(struct buf *out, struct yaml_reader *reader)
{
  struct yaml_document doc;
  struct error err;
  int got;
  buf_clear(out);
  while ((got = yaml_reader_next(reader, &arena, &doc, &err)) != 0) {
    if (got < 0) {
      buf_printf(out, "error %d %u:%u\n", got, err.line, err.column);
      continue;
    }
    buf_printf(out, "%u %u:%u %s", doc.number, doc.position.line, doc.position.column,
               doc.json ? "json " : "");
    json_write(out, doc.root, 0);
    buf_add_byte(out, '\n');
  }
}

static void check_stream(struct str text, const struct yaml_options *options, const char *expected)
{
  struct yaml_reader *reader = yaml_reader_new(text, options);
  struct buf out = {0};
  describe(&out, reader);
  yaml_reader_free(reader);
  if (!str_eq(buf_str(&out), str_from(expected))) {
    print_error("%.*s\n gives\n%s expected\n%s", STR_FMT(text), buf_text(&out), expected);
    buf_free(&out);
    fail();
  }
  buf_free(&out);
}

static const struct stream_case {
  struct str text;
  const char *expected;
} streams[] = {
    /* documents, and what lies between them */
    {STR_INIT(""), ""},
    {STR_INIT("\n\n# nothing\n"), ""},
    {STR_INIT("---\n---\n...\n# x\n---\n"), ""},
    {STR_INIT("a: 1\n"), "1 1:1 {\"a\":1}\n"},
    {STR_INIT("a: 1"), "1 1:1 {\"a\":1}\n"},
    {STR_INIT("---\na: 1\n---\nb: 2\n"), "1 2:1 {\"a\":1}\n2 4:1 {\"b\":2}\n"},
    {STR_INIT("--- a\n--- # comment\nb\n---\tc\n--- |\n d\n"),
     "1 1:5 \"a\"\n2 3:1 \"b\"\n3 4:5 \"c\"\n4 5:5 \"d\\n\"\n"},
    {STR_INIT("---\n# only a comment\n---\nb: 2\n---\n---\nc: 3\n---\nnull\n"),
     "2 4:1 {\"b\":2}\n4 7:1 {\"c\":3}\n5 9:1 null\n"},
    {STR_INIT("a: 1\n...\nb: 2\n...\n---\nc: 3\n"),
     "1 1:1 {\"a\":1}\nerror -1 3:1\n3 6:1 {\"c\":3}\n"},
    {STR_INIT("%YAML 1.2\n---\na: 1\n...\n%TAG !e! tag:e,2000:\n---\n!e!x b\n"),
     "1 3:1 {\"a\":1}\n2 7:1 \"b\"\n"},
    {STR_INIT("a: |\n  ---\n  b\nc: '---'\nd: ---e\n"),
     "1 1:1 {\"a\":\"---\\nb\\n\",\"c\":\"---\",\"d\":\"---e\"}\n"},
    {STR_INIT("a: 1\r\nb: 2\r\n---\r\nc: 3\r\n"), "1 1:1 {\"a\":1,\"b\":2}\n2 4:1 {\"c\":3}\n"},
    /* encodings */
    {STR_INIT("\xEF\xBB\xBFx: 1\n"), "1 1:1 {\"x\":1}\n"},
    {STR_INIT("\xEF\xBB\xBF"
              "{\"a\": 1}"),
     "1 1:1 json {\"a\":1}\n"},
    {STR_INIT("\xFF\xFE"
              "a\0:\0 \0=\xD8\0\xDE\n\0"),
     "1 1:1 {\"a\":\"\xF0\x9F\x98\x80\"}\n"},
    {STR_INIT("\xFE\xFF\0a\0:\0 \0\xE9"), "1 1:1 {\"a\":\"\xC3\xA9\"}\n"},
    {STR_INIT("\xFF\xFE{\0}\0"), "1 1:1 {}\n"},
    {STR_INIT("\xFF\xFE"
              "a\0\0\xDC"),
     "error -1 0:0\n"},
    {STR_INIT("\xFF\xFE"
              "a"),
     "error -1 0:0\n"},
    {STR_INIT("\xFF\xFE\0\0a\0\0\0"), "error -1 0:0\n"},
    /* JSON */
    {STR_INIT("{\"a\": [1, 2.50, true]}\n"), "1 1:1 json {\"a\":[1,2.50,true]}\n"},
    {STR_INIT("\n  [\"\\ud83d\\ude00\"]"), "1 2:3 json [\"\xF0\x9F\x98\x80\"]\n"},
    {STR_INIT("{\"a\":1}\n{\"b\":2} {\"c\":3}[]\n"),
     "1 1:1 json {\"a\":1}\n2 2:1 json {\"b\":2}\n3 2:9 json {\"c\":3}\n4 2:16 json []\n"},
    {STR_INIT("---\n{\"a\":1}\n---\n{\"b\":2}\n---\nc: 3\n---\n{\"d\":4}\n"),
     "1 2:1 json {\"a\":1}\n2 4:1 json {\"b\":2}\n3 6:1 {\"c\":3}\n4 8:1 {\"d\":4}\n"},
    {STR_INIT("{a: 1}\n"), "1 1:1 {\"a\":1}\n"},
    {STR_INIT("{\"a\": 1} # comment\n"), "1 1:1 {\"a\":1}\n"},
    {STR_INIT("[a, b]: c\n"), "error -1 1:1\n"},
    {STR_INIT("{\"a\": yes, \"b\": 010}\n---\nc: 1\n"),
     "1 1:1 {\"a\":true,\"b\":8}\n2 3:1 {\"c\":1}\n"},
    {STR_INIT("{\"a\": 1, \"a\": 2}\n"), "1 1:1 json {\"a\":2}\n"},
    {STR_INIT("{\"a\": [1, 2}\n---\nb: 1\n"), "error -1 1:12\n2 3:1 {\"b\":1}\n"},
    {STR_INIT("{\"a\":1}{\"b\":}\n---\nb: 1\n"),
     "1 1:1 json {\"a\":1}\nerror -1 1:13\n3 3:1 {\"b\":1}\n"},
    {STR_INIT("{\"a\": 1\n"), "error -1 2:1\n"},
    {STR_INIT("{}{}\nb: 1\n---\nc: 1\n"),
     "1 1:1 json {}\n2 1:3 json {}\nerror -1 2:1\n4 4:1 {\"c\":1}\n"},
    {STR_INIT("{}{} x\n"), "1 1:1 json {}\n2 1:3 json {}\nerror -1 1:6\n"},
    {STR_INIT("{} []\n---\nb: 1\n"), "1 1:1 json {}\n2 1:4 json []\n3 3:1 {\"b\":1}\n"},
    /* one broken document hides no other */
    {STR_INIT("a: 1\n---\nb: [\n---\nc: 3\n"), "1 1:1 {\"a\":1}\nerror -1 4:1\n3 5:1 {\"c\":3}\n"},
    {STR_INIT("a: 1\n---\nb: \"x\n---\nc: 3\n---\n- d\n"),
     "1 1:1 {\"a\":1}\nerror -1 3:4\n3 5:1 {\"c\":3}\n4 7:1 [\"d\"]\n"},
    {STR_INIT("a: b: c\n"), "error -1 1:5\n"},
    {STR_INIT("\ta: b\n---\nb: 1\n"), "error -1 1:1\n2 3:1 {\"b\":1}\n"},
    {STR_INIT("--- a: b: c\n--- [x\n--- d\n"), "error -1 1:6\nerror -1 3:1\n3 3:5 \"d\"\n"},
    {STR_INIT("a:1\nb: 2\n---\nc: 3\n"), "error -1 2:2\n2 4:1 {\"c\":3}\n"},
    {STR_INIT("a: .nan\n---\nb: *x\n---\nc: &x 3\nd: *x\n"),
     "error -1 1:4\nerror -1 3:4\n3 5:1 {\"c\":3,\"d\":3}\n"},
    {STR_INIT("a: &x 1\n---\nb: *x\n"), "1 1:1 {\"a\":1}\nerror -1 3:4\n"},
    {STR_INIT("'a'\n}\n---\nb\n"), "1 1:1 \"a\"\nerror -1 2:1\n3 4:1 \"b\"\n"},
    {STR_INIT("{a: 1\n---\n{\"b\": 2}\n---\n{c: 3}\n"),
     "error -1 2:1\n2 3:1 json {\"b\":2}\n3 5:1 {\"c\":3}\n"},
    {STR_INIT("a: b: c\r\n---\r\nd: e: f\r---\rg: 1\r"),
     "error -1 1:5\nerror -1 3:5\n3 5:1 {\"g\":1}\n"},
    {STR_INIT("a: b: c\n---x\n----\n ---\n---\nd: 1\n"), "error -1 1:5\n2 6:1 {\"d\":1}\n"},
    /* bytes that are not text */
    {STR_INIT("a: 1\n---\nb: \xFF\n---\nc: 3\n"),
     "1 1:1 {\"a\":1}\nerror -1 3:4\n3 5:1 {\"c\":3}\n"},
    {STR_INIT("a: 1\n---\nb: 2\n---\nc: \xC3\xA9\x01\n---\nd: \x02\n---\ne: 5\n"),
     "1 1:1 {\"a\":1}\n2 3:1 {\"b\":2}\nerror -1 5:5\nerror -1 7:4\n5 9:1 {\"e\":5}\n"},
    {STR_INIT("a: b: c\n---\n\x01\n---\nd: 1\n"), "error -1 1:5\nerror -1 3:1\n3 5:1 {\"d\":1}\n"},
    {STR_INIT("\0\0\0"), "error -1 1:1\n"},
    {STR_INIT("a: \0\n---\nb: 1\n"), "error -1 1:4\n2 3:1 {\"b\":1}\n"},
    {STR_INIT("{\"a\": \"\x01\"}\n---\nb: 1\n"), "error -1 1:8\n2 3:1 {\"b\":1}\n"},
};

static void reads_streams(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
    check_stream(streams[i].text, NULL, streams[i].expected);
}

static void reads_the_next_text_with_the_same_reader(void **state)
{
  (void)state;
  struct yaml_reader *reader = yaml_reader_new(STR_EMPTY, NULL);
  struct buf out = {0};
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
    yaml_reader_reset(reader, streams[i].text);
    describe(&out, reader);
    assert_str(buf_str(&out), streams[i].expected);
  }
  /* half-read texts leave nothing behind */
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
    struct yaml_document doc;
    struct error err;
    yaml_reader_reset(reader, streams[i].text);
    yaml_reader_next(reader, &arena, &doc, &err);
    yaml_reader_reset(reader, STR("x: 1\n"));
    describe(&out, reader);
    assert_str(buf_str(&out), "1 1:1 {\"x\":1}\n");
  }
  buf_free(&out);
  yaml_reader_free(reader);
}

static void counts_all_documents(void **state)
{
  (void)state;
  struct yaml_reader *reader =
      yaml_reader_new(STR("a: 1\n---\n---\n[\n---\n# empty\n---\nb: 1\n"), NULL);
  struct buf out = {0};
  assert_int_equal(yaml_reader_count(reader), 0);
  describe(&out, reader);
  assert_str(buf_str(&out), "1 1:1 {\"a\":1}\nerror -1 5:1\n5 8:1 {\"b\":1}\n");
  assert_int_equal(yaml_reader_count(reader), 5);
  buf_free(&out);
  yaml_reader_free(reader);
}

static void check_error(struct str text, const struct yaml_options *options, int code,
                        uint32_t line, uint32_t column, const char *words)
{
  struct yaml_reader *reader = yaml_reader_new(text, options);
  struct yaml_document doc;
  struct error err = {0};
  int got;
  while ((got = yaml_reader_next(reader, &arena, &doc, &err)) > 0)
    continue;
  yaml_reader_free(reader);
  if (got != code || err.line != line || err.column != column || !strstr(err.message, words)) {
    print_error("%.*s\ngives %d %u:%u: %s\n", STR_FMT(text), got, err.line, err.column,
                err.message);
    fail();
  }
}

static void says_what_to_do(void **state)
{
  (void)state;
  check_error(STR("a:\n\tb: 1\n"), NULL, SW_EINVAL, 2, 1, "YAML allows only spaces");
  check_error(STR("a: {{ .Values.b }}\n"), NULL, SW_EINVAL, 1, 5, "looks like a Helm template");
  check_error(STR("{{- if .b }}\na: 1\n{{- end }}\n"), NULL, SW_EINVAL, 1, 2, "Helm template");
  check_error(STR("a:1\nb: 2\n"), NULL, SW_EINVAL, 2, 2, "a colon lacks the space behind it");
  check_error(STR("\x7F"
                  "ELF\0\0"),
              NULL, SW_EINVAL, 1, 1, "control character U+007F");
  check_error(STR("a\0"), NULL, SW_EINVAL, 1, 2, "binary data, not text");
}

static void limits_size_and_depth(void **state)
{
  (void)state;
  struct yaml_options options = {.size_max = 10, .depth_max = 2};
  check_stream(STR("[[a, b]]"), &options, "1 1:1 [[\"a\",\"b\"]]\n");
  check_stream(STR("[\"a\",\n[1]]"), &options, "1 1:1 json [\"a\",[1]]\n");
  check_error(STR("[[a], b, c]"), &options, SW_ELIMIT, 0, 0, "11 bytes; at most 10 are read");
  check_error(STR("[[[a]]]"), &options, SW_ELIMIT, 1, 3, "more than 2");
  check_error(STR("[[[1]]]"), &options, SW_ELIMIT, 1, 3, "more than 2");
  check_stream(STR("- - - a\n"), &options, "error -2 1:5\n");
  check_stream(STR("a:[[[\n---\n"), NULL, "1 1:1 \"a:[[[\"\n");
}

static void limits_tag_lines(void **state)
{
  (void)state;
  struct buf text = {0};
  for (int i = 0; i <= YAML_TAG_LINES_MAX; i++)
    buf_printf(&text, "%%TAG !a%d! b\n", i);
  buf_add_text(&text, "--- x\n");
  check_error(buf_str(&text), NULL, SW_ELIMIT, 0, 0, "more than 256 %TAG lines");
  size_t first_line = strlen("%TAG !a0! b\n");
  check_stream(str_sub(buf_str(&text), first_line, text.len), NULL, "1 257:5 \"x\"\n");
  buf_free(&text);
}

static void gives_up_after_many_errors(void **state)
{
  (void)state;
  struct buf text = {0};
  for (int i = 0; i < 2 * YAML_ERRORS_MAX; i++)
    buf_add_text(&text, i % 2 ? "---\n[\n" : "---\n\x01\n");
  buf_add_text(&text, "---\na: 1\n");
  struct yaml_reader *reader = yaml_reader_new(buf_str(&text), NULL);
  struct yaml_document doc;
  struct error err;
  int errors = 0;
  while (yaml_reader_next(reader, &arena, &doc, &err) < 0) {
    errors++;
    assert_int_equal(strstr(err.message, "too many documents are broken") != NULL,
                     errors == YAML_ERRORS_MAX);
  }
  assert_int_equal(errors, YAML_ERRORS_MAX);
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, &err), 0);
  yaml_reader_free(reader);
  buf_free(&text);
}

static void refuses_large_binary_data_at_once(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, '\0', 100 << 20);
  check_error(buf_str(&text), NULL, SW_EINVAL, 1, 1, "binary data");
  buf_free(&text);
}

/* Each of these took libyaml or a naive reader quadratic time; here they end. */
static void reads_hostile_texts(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, '[', 100000);
  check_error(buf_str(&text), NULL, SW_ELIMIT, 1, 201, "more than 200");
  buf_clear(&text);
  buf_add_repeat(&text, '{', 100000);
  check_error(buf_str(&text), NULL, SW_EINVAL, 1, 2, "cannot be a key");
  buf_clear(&text);
  for (int i = 0; i < 100000; i++)
    buf_add_text(&text, "- ");
  check_error(buf_str(&text), NULL, SW_ELIMIT, 1, 401, "more than 200");
  buf_clear(&text);
  for (int i = 0; i < 200000; i++)
    buf_add_text(&text, "{}");
  buf_add_text(&text, "}");
  check_error(buf_str(&text), NULL, SW_EINVAL, 1, 400001, "");
  buf_clear(&text);
  buf_add_text(&text, "a: b: c ");
  for (int i = 0; i < 200000; i++)
    buf_add_text(&text, "--- x ");
  check_error(buf_str(&text), NULL, SW_EINVAL, 1, 5, "");
  buf_clear(&text);
  buf_add_text(&text, "'");
  for (int i = 0; i < 500000; i++)
    buf_add_text(&text, "\n ");
  check_error(buf_str(&text), NULL, SW_EINVAL, 1, 1, "never closed");
  buf_free(&text);
}

static void tells_of_repeated_keys(void **state)
{
  (void)state;
  struct yaml_options strict = {.duplicates = VALUE_REFUSE};
  check_error(STR("a: 1\nb: 2\na: 3\n"), &strict, SW_EINVAL, 3, 1, "\"a\" occurs twice");
  check_error(STR("{\"a\": 1,\n \"a\": 3}\n"), &strict, SW_EINVAL, 2, 2, "\"a\" occurs twice");

  struct yaml_reader *reader = yaml_reader_new(STR("a: 1\na: 2\n---\nb: 1\n---\nc: 1\n"), NULL);
  struct yaml_document doc;
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_int_equal(doc.duplicate_count, 1);
  assert_str(doc.duplicates[0].key, "a");
  assert_int_equal(doc.duplicates[0].position.line, 2);
  assert_int_equal(doc.duplicates[0].first.line, 1);
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_int_equal(doc.duplicate_count, 0);
  assert_null(doc.duplicates);

  yaml_reader_reset(reader,
                    STR("{}\n{\"x\": {\"\xC3\xA9\\n\": 1,\n  \"y\": 2, \"\xC3\xA9\\n\": 3}}\n"));
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_int_equal(doc.duplicate_count, 0);
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_true(doc.json);
  assert_int_equal(doc.duplicate_count, 1);
  assert_str(doc.duplicates[0].key, "\xC3\xA9\n");
  assert_int_equal(doc.duplicates[0].position.line, 3);
  assert_int_equal(doc.duplicates[0].position.column, 11);
  yaml_reader_free(reader);
}

static void passes_options_on_to_json(void **state)
{
  (void)state;
  static const struct str known[] = {STR_INIT("kind")};
  struct symbols *symbols = symbols_new(known, 1);
  struct yaml_options options = {.positions = true, .symbols = symbols};
  struct yaml_reader *reader =
      yaml_reader_new(STR("---\n{\"kind\":\n 1}\n---\nkind: 2\n"), &options);
  struct yaml_document doc;
  for (int i = 0; i < 2; i++) {
    assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
    assert_int_equal(doc.root.members[0].key.symbol, 1);
    assert_int_equal(value_position(doc.root, 0).line, i ? 5 : 3);
    assert_int_equal(value_position(doc.root, 0).column, i ? 7 : 2);
  }
  yaml_reader_free(reader);
  symbols_free(symbols);
}

/* Values do not refer to the reader: the arena alone holds them (JSON strings aside). */
static void leaves_values_independent_of_the_reader(void **state)
{
  (void)state;
  char text[] = "name: web\nport: 1_000.5\n";
  struct yaml_reader *reader = yaml_reader_new(str_from(text), NULL);
  struct yaml_document doc;
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  yaml_reader_free(reader);
  memset(text, 'x', sizeof text);
  assert_str(value_str(value_get_str(doc.root, STR("name"))), "web");
  assert_str(value_str(value_get_str(doc.root, STR("port"))), "1000.5");
}

static void stops_at_the_limit_of_the_arena(void **state)
{
  (void)state;
  struct arena small;
  arena_init(&small, 4096);
  struct buf text = {0};
  for (int i = 0; i < 1000; i++)
    buf_printf(&text, "key%d: value\n", i);
  struct yaml_reader *reader = yaml_reader_new(buf_str(&text), NULL);
  struct yaml_document doc;
  struct error err;
  assert_int_equal(yaml_reader_next(reader, &small, &doc, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "4096 bytes");
  assert_int_equal(yaml_reader_next(reader, &small, &doc, &err), 0);
  yaml_reader_free(reader);
  arena_free(&small);
  buf_free(&text);
}

static void says_which_bytes_a_document_is(void **state)
{
  (void)state;
  static const char *const sources[] = {
      "# of the first\na: 1 # c\n",
      "---\nb: [2]\n",
      "%TAG ! tag:x,1:\n--- !y\nc: 3\n# behind\n",
      "--- \xc3\xa4",
  };
  struct yaml_reader *reader = yaml_reader_new(
      STR("\xEF\xBB\xBF# of the first\na: 1 # c\n---\nb: [2]\n...\n%TAG ! tag:x,1:\n"
          "--- !y\nc: 3\n# behind\n---\n--- \xc3\xa4"),
      NULL);
  struct yaml_document doc;
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
    struct str expected = str_from(sources[i]);
    if (i == 0) /* comments in front of a document without a separator line belong to nobody */
      expected = str_sub(expected, 15, expected.len);
    assert_true(str_eq(doc.source, expected));
  }
  yaml_reader_reset(reader, STR(" {\"a\": 1} [2]\n\n3: 4\n"));
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_str(doc.source, "{\"a\": 1}");
  assert_int_equal(yaml_reader_next(reader, &arena, &doc, NULL), 1);
  assert_str(doc.source, "[2]");
  yaml_reader_free(reader);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_streams),
      cmocka_unit_test(reads_the_next_text_with_the_same_reader),
      cmocka_unit_test(counts_all_documents),
      cmocka_unit_test(says_what_to_do),
      cmocka_unit_test(limits_size_and_depth),
      cmocka_unit_test(limits_tag_lines),
      cmocka_unit_test(gives_up_after_many_errors),
      cmocka_unit_test(refuses_large_binary_data_at_once),
      cmocka_unit_test(reads_hostile_texts),
      cmocka_unit_test(tells_of_repeated_keys),
      cmocka_unit_test(passes_options_on_to_json),
      cmocka_unit_test(leaves_values_independent_of_the_reader),
      cmocka_unit_test(says_which_bytes_a_document_is),
      cmocka_unit_test(stops_at_the_limit_of_the_arena),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
