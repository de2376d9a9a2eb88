#include "../test.h"

#include "base/buf.h"
#include "data/json_write.h"
#include "data/yaml_compose.h"

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

/* Composes the first document of a text. */
static int compose(const char *text, const struct yaml_options *options, struct yaml_document *doc,
                   struct error *err)
{
  yaml_parser_t parser;
  assert_true(yaml_parser_initialize(&parser));
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
  for (int i = 0; i < 2; i++) { /* stream start, document start */
    yaml_event_t event;
    assert_true(yaml_parser_parse(&parser, &event));
    yaml_event_delete(&event);
  }
  struct yaml_composer *composer = yaml_composer_new(options);
  bool is_empty, is_syntax;
  *err = (struct error){0};
  int rc = yaml_compose(composer, &parser, &arena, 0, doc, &is_empty, &is_syntax, err);
  assert_true(rc == 0 || is_syntax || err->code == rc);
  yaml_composer_free(composer);
  yaml_parser_delete(&parser);
  return rc;
}

static void check_json(const char *text, struct value v, const char *json)
{
  struct buf out = {0};
  json_write(&out, v, 0);
  if (!str_eq(buf_str(&out), str_from(json))) {
    print_error("%s\ngives    %.*s\nexpected %s\n", text, STR_FMT(buf_str(&out)), json);
    buf_free(&out);
    fail();
  }
  buf_free(&out);
}

static const struct {
  const char *text, *json;
} documents[] = {
    {"a", "\"a\""},
    {"{}", "{}"},
    {"[]", "[]"},
    {"- 1\n- [a, {b: c}]\n-\n- ''\n", "[1,[\"a\",{\"b\":\"c\"}],null,\"\"]"},
    {"a:\nb: ~\nc: 'null'\nd: \"12\"\ne: !!str 12\n",
     "{\"a\":null,\"b\":null,\"c\":\"null\",\"d\":\"12\",\"e\":\"12\"}"},
    {"a: |\n  x\n   y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\n y\\n\",\"b\":\"x y\"}"},
    {"a: |-\n  12\nb: |\n", "{\"a\":\"12\",\"b\":\"\"}"},
    {"'a': 'it''s'\n\"b\": \"\\x41\\u00e9\\0\"\n", "{\"a\":\"it's\",\"b\":\"A\xC3\xA9\\u0000\"}"},
    {"a: x\n  y\n", "{\"a\":\"x y\"}"},
    {"? a\n: b\n? c\n", "{\"a\":\"b\",\"c\":null}"},
    /* tags */
    {"a: !Ref b\nc: !!map {d: !!seq [e]}\nf: !x [g]\n",
     "{\"a\":\"b\",\"c\":{\"d\":[\"e\"]},\"f\":[\"g\"]}"},
    {"a: ! 12\nb: !!int '12'\nc: !!binary aGVsbG8=\n", "{\"a\":\"12\",\"b\":12,\"c\":\"hello\"}"},
    {"!!set {a, b}", "{\"a\":null,\"b\":null}"},
    /* keys that are not strings */
    {"1: a\n1.50: b\ntrue: c\n'true': d\n", "{\"1\":\"a\",\"1.5\":\"b\",\"true\":\"d\"}"},
    {"y: a\nNO: b\n0x10: c\n2001-01-01: d\n.inf: e\n-.INF: f\n.nan: g\n",
     "{\"true\":\"a\",\"false\":\"b\",\"16\":\"c\",\"2001-01-01\":\"d\",\".inf\":\"e\",\"-.inf\":"
     "\"f\",\".nan\":\"g\"}"},
    {"!!str 1: a\n!!int '2': b\n", "{\"1\":\"a\",\"2\":\"b\"}"},
    /* anchors and aliases */
    {"a: &x 1\nb: *x\n", "{\"a\":1,\"b\":1}"},
    {"a: &x [1, {b: c}]\nd: *x\n", "{\"a\":[1,{\"b\":\"c\"}],\"d\":[1,{\"b\":\"c\"}]}"},
    {"&k a: 1\nb: *k\n", "{\"a\":1,\"b\":\"a\"}"},
    {"a: &k 5\n*k : b\n", "{\"a\":5,\"5\":\"b\"}"},
    {"- &x 1\n- *x\n- &x 2\n- *x\n", "[1,1,2,2]"},
    {"- &x [a, &x b]\n- *x\n", "[[\"a\",\"b\"],\"b\"]"},
    {"- &x\n- *x\n", "[null,null]"},
    /* merges: what is written later wins, in a list of mappings the earlier one */
    {"a: &x {k: 1, l: 2}\nb: {<<: *x}\n", "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":1,\"l\":2}}"},
    {"a: &x {k: 1}\nb: {<<: *x, k: 2}\n", "{\"a\":{\"k\":1},\"b\":{\"k\":2}}"},
    {"a: &x {k: 1}\nb: {k: 2, <<: *x}\n", "{\"a\":{\"k\":1},\"b\":{\"k\":1}}"},
    {"{<<: [{a: 1, b: 1}, {b: 2, c: 2}], d: 3}", "{\"b\":1,\"c\":2,\"a\":1,\"d\":3}"},
    {"{<<: {a: 1}, <<: {a: 2, b: 2}}", "{\"a\":2,\"b\":2}"},
    {"{<<: [], a: 1}", "{\"a\":1}"},
    {"{<<: {<<: {a: 1}, b: 2}, c: 3}", "{\"a\":1,\"b\":2,\"c\":3}"},
    {"{!!merge <<: {a: 1}}", "{\"a\":1}"},
    {"{'<<': {a: 1}}", "{\"<<\":{\"a\":1}}"},
    {"{!!str <<: {a: 1}}", "{\"<<\":{\"a\":1}}"},
    {"[<<]", "[\"<<\"]"},
    {"{a: <<}", "{\"a\":\"<<\"}"},
};

static void composes_documents(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    struct yaml_document doc;
    struct error err;
    if (compose(documents[i].text, NULL, &doc, &err) != 0) {
      print_error("%s\ngives %s\n", documents[i].text, err.message);
      fail();
    }
    check_json(documents[i].text, doc.root, documents[i].json);
    assert_int_equal(doc.duplicate_count, strstr(documents[i].text, "'true'") ? 1 : 0);
  }
}

static const struct {
  const char *text;
  int code;
  uint32_t line, column;
  const char *words;
} refused[] = {
    {"a: 1\n~: b\n", SW_EINVAL, 2, 1, "a key is missing or null"},
    {"a: 1\n?\n: b\n", SW_EINVAL, 2, 2, "a key is missing or null"},
    {"{a: b}: c\n", SW_EINVAL, 1, 1, "a mapping cannot be a key"},
    {"a: {{ b }}\n", SW_EINVAL, 1, 5, "a mapping cannot be a key"},
    {"? [a]\n: c\n", SW_EINVAL, 1, 3, "a list cannot be a key"},
    {"- &x [a]\n- *x : b\n", SW_EINVAL, 2, 3, "what this alias stands for cannot be a key"},
    {"a: .inf\n", SW_EINVAL, 1, 4, ".inf is not a number that JSON can hold"},
    {"- a\n- -.NAN\n- .nan\n", SW_EINVAL, 3, 3, ".nan is not a number that JSON can hold"},
    {"a: !!int b\n", SW_EINVAL, 1, 4, "\"b\" is tagged !!int"},
    {"a: !!binary '*'\n", SW_EINVAL, 1, 4, "not base64"},
    {"a: *b\n", SW_EINVAL, 1, 4, "no anchor &b comes before it"},
    {"a: &b [*b]\n", SW_EINVAL, 1, 8, "the anchor &b contains itself"},
    {"&b {a: {c: *b}}\n", SW_EINVAL, 1, 12, "contains itself"},
    {"<<: 1\n", SW_EINVAL, 1, 5, "\"<<\" merges a mapping"},
    {"a: &x b\nc: {<<: *x}\n", SW_EINVAL, 2, 9, "\"<<\" merges a mapping"},
    {"a: &x {}\nc: {<<: [*x, d]}\n", SW_EINVAL, 2, 14, "\"<<\" merges a mapping"},
};

static void refuses_what_json_cannot_hold(void **state)
{
  (void)state;
  struct yaml_options options = {.positions = true};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    struct yaml_document doc;
    struct error err;
    assert_int_equal(compose(refused[i].text, &options, &doc, &err), refused[i].code);
    if (err.line != refused[i].line || err.column != refused[i].column ||
        !strstr(err.message, refused[i].words)) {
      print_error("%s\ngives %u:%u: %s\n", refused[i].text, err.line, err.column, err.message);
      fail();
    }
  }
}

static void check_place(struct value_position actual, uint32_t line, uint32_t column)
{
  assert_int_equal(actual.line, line);
  assert_int_equal(actual.column, column);
}

static void keeps_positions_in_characters(void **state)
{
  (void)state;
  struct yaml_options options = {.positions = true};
  struct yaml_document doc;
  struct error err;
  assert_int_equal(
      compose("# c\n\xC3\xA9\xC3\xA9: x\nb:\n  - \xF0\x9F\x98\x80\n  - {k: [v, &a w]}\n"
              "c: *a\nd: {<<: {e: f}}\n",
              &options, &doc, &err),
      0);
  check_place(doc.position, 2, 1);
  check_place(value_key_position(doc.root, 0), 2, 1);
  check_place(value_position(doc.root, 0), 2, 5);
  check_place(value_key_position(doc.root, 1), 3, 1);
  struct value list = value_get_str(doc.root, STR("b"));
  check_place(value_position(doc.root, 1), 4, 3);
  check_place(value_position(list, 0), 4, 5);
  check_place(value_position(list, 1), 5, 5);
  struct value inner = value_get_str(value_at(list, 1), STR("k"));
  check_place(value_position(value_at(list, 1), 0), 5, 9);
  check_place(value_position(inner, 0), 5, 10);
  check_place(value_position(inner, 1), 5, 13);
  check_place(value_position(doc.root, 2), 6, 4);
  check_place(value_position(value_get_str(doc.root, STR("d")), 0), 7, 13);
  check_place(value_key_position(value_get_str(doc.root, STR("d")), 0), 7, 10);

  assert_int_equal(compose("a: 1\n", NULL, &doc, &err), 0);
  check_place(doc.position, 1, 1);
  check_place(value_position(doc.root, 0), 0, 0);
}

static void gives_keys_their_symbols(void **state)
{
  (void)state;
  static const struct str known[] = {STR_INIT("kind"), STR_INIT("true"), STR_INIT("5")};
  struct symbols *symbols = symbols_new(known, 3);
  struct yaml_options options = {.symbols = symbols};
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose("kind: kind\nyes: a\nother: b\nk: &k 5\n*k : c\nm: {<<: {kind: d}}\n",
                           &options, &doc, &err),
                   0);
  assert_int_equal(doc.root.members[0].key.symbol, 1);
  assert_int_equal(doc.root.members[0].value.symbol, 0);
  assert_int_equal(doc.root.members[1].key.symbol, 2);
  assert_int_equal(doc.root.members[2].key.symbol, 0);
  assert_int_equal(doc.root.members[4].key.symbol, 3);
  assert_int_equal(value_get_str(doc.root, STR("m")).members[0].key.symbol, 1);
  symbols_free(symbols);
}

static void tells_of_repeated_keys(void **state)
{
  (void)state;
  struct yaml_document doc;
  struct error err;
  const char *text = "a: 1\nb: {x: 1, x: 2, z: 3, x: 4}\na: 2\n";
  assert_int_equal(compose(text, NULL, &doc, &err), 0);
  check_json(text, doc.root, "{\"a\":2,\"b\":{\"x\":4,\"z\":3}}");
  assert_int_equal(doc.duplicate_count, 3);
  assert_str(doc.duplicates[0].key, "x");
  check_place(doc.duplicates[0].position, 2, 11);
  check_place(doc.duplicates[0].first, 2, 5);
  check_place(doc.duplicates[1].position, 2, 23);
  check_place(doc.duplicates[1].first, 2, 11);
  assert_str(doc.duplicates[2].key, "a");
  check_place(doc.duplicates[2].position, 3, 1);
  check_place(doc.duplicates[2].first, 1, 1);

  struct yaml_options strict = {.duplicates = VALUE_REFUSE};
  assert_int_equal(compose(text, &strict, &doc, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "the key \"x\" occurs twice in one mapping, first on line 2");
  assert_int_equal(err.column, 11);
  assert_int_equal(compose("1: a\n'1': b\n", &strict, &doc, &err), SW_EINVAL);
  /* overriding what was merged is what merging is for */
  assert_int_equal(
      compose("<<: {a: 1}\na: 2\nb: {a: 1, <<: {a: 2}, <<: {a: 3}}\n", &strict, &doc, &err), 0);
  assert_int_equal(compose("<<: {a: 1}\na: 2\na: 3\n", &strict, &doc, &err), SW_EINVAL);
  assert_int_equal(err.line, 3);
}

static void keeps_a_limited_number_of_repeated_keys(void **state)
{
  (void)state;
  struct buf text = {0};
  for (int i = 0; i < 3 * YAML_DUPLICATES_KEPT; i++)
    buf_add_text(&text, "a: 1\n");
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), 0);
  assert_int_equal(doc.duplicate_count, YAML_DUPLICATES_KEPT);
  assert_int_equal(doc.root.len, 1);
  buf_free(&text);
}

static void shares_what_aliases_stand_for(void **state)
{
  (void)state;
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose("a: &x {k: [1, 2]}\nb: *x\n", NULL, &doc, &err), 0);
  assert_ptr_equal(value_get_str(doc.root, STR("a")).members,
                   value_get_str(doc.root, STR("b")).members);
}

static void refuses_to_be_exhausted_by_aliases(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_text(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int i = 1; i < 10; i++) {
    buf_printf(&text, "a%d: &a%d [", i, i);
    for (int k = 0; k < 10; k++)
      buf_printf(&text, "*a%d, ", i - 1);
    buf_add_text(&text, "]\n");
  }
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "made to exhaust its readers");
  assert_int_equal(err.line, 4);

  buf_clear(&text);
  buf_add_text(&text, "pad: [");
  for (int i = 0; i < 5000; i++)
    buf_add_text(&text, "1, ");
  buf_add_text(&text, "]\nm: &m {");
  for (int i = 0; i < 1000; i++)
    buf_printf(&text, "k%d: 1, ", i);
  buf_add_text(&text, "}\nl:\n");
  for (int i = 0; i < 10000; i++)
    buf_add_text(&text, "- <<: *m\n");
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), SW_ELIMIT);
  /* 400,000 nodes are 199 times the 2,001 of the mapping */
  assert_int_equal(err.line, 3 + 200);

  struct yaml_options few = {.alias_max = 5};
  assert_int_equal(compose("- &a [x, y]\n- *a\n", &few, &doc, &err), 0);
  assert_int_equal(compose("- &a [x, y]\n- *a\n- *a\n", &few, &doc, &err), SW_ELIMIT);
  assert_int_equal(err.line, 3);
  buf_free(&text);
}

static void counts_depth_through_aliases(void **state)
{
  (void)state;
  struct yaml_options options = {.depth_max = 3};
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose("[[[a]]]", &options, &doc, &err), 0);
  assert_int_equal(compose("[[{b: {}}]]", &options, &doc, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 3 lists and mappings are inside each other");
  assert_int_equal(err.column, 7);
  assert_int_equal(compose("- &a [[]]\n- *a\n", &options, &doc, &err), 0);
  assert_int_equal(compose("- &a [[]]\n- [*a]\n", &options, &doc, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "what this alias stands for");
  assert_int_equal(compose("- &a []\n- &b [*a]\n- [*b]\n", &options, &doc, &err), SW_ELIMIT);
  assert_int_equal(err.line, 3);
  /* merging lays mappings into one another, it does not nest them */
  assert_int_equal(compose("- &a {k: 1}\n- &b {<<: *a}\n- &c {<<: *b}\n- &d {<<: *c}\n- {<<: *d}\n",
                           &options, &doc, &err),
                   0);
}

static void stops_at_the_depth_cap_early(void **state)
{
  (void)state;
  struct buf text = {0};
  buf_add_repeat(&text, '[', 100000);
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), SW_ELIMIT);
  assert_int_equal(err.column, YAML_DEPTH_DEFAULT + 1);
  buf_free(&text);
}

static void reads_many_anchors(void **state)
{
  (void)state;
  struct buf text = {0};
  for (int i = 0; i < 50000; i++)
    buf_printf(&text, "- &a%d %d\n", i, i);
  for (int i = 0; i < 50000; i++)
    buf_printf(&text, "- *a%d\n", i);
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), 0);
  assert_int_equal(doc.root.len, 100000);
  int64_t number = 0;
  assert_true(value_to_int(value_at(doc.root, 99999), &number));
  assert_int_equal(number, 49999);
  buf_free(&text);
}

static void stops_at_the_limit_of_the_arena(void **state)
{
  (void)state;
  struct arena small;
  arena_init(&small, 10000);
  struct arena kept = arena;
  arena = small;
  struct buf text = {0};
  for (int i = 0; i < 10000; i++)
    buf_add_text(&text, "- some text\n");
  struct yaml_document doc;
  struct error err;
  assert_int_equal(compose(buf_text(&text), NULL, &doc, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "10000 bytes of memory");
  assert_in_range(err.line, 100, 2000);
  arena_free(&arena);
  arena = kept;
  buf_free(&text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(composes_documents),
      cmocka_unit_test(refuses_what_json_cannot_hold),
      cmocka_unit_test(keeps_positions_in_characters),
      cmocka_unit_test(gives_keys_their_symbols),
      cmocka_unit_test(tells_of_repeated_keys),
      cmocka_unit_test(keeps_a_limited_number_of_repeated_keys),
      cmocka_unit_test(shares_what_aliases_stand_for),
      cmocka_unit_test(refuses_to_be_exhausted_by_aliases),
      cmocka_unit_test(counts_depth_through_aliases),
      cmocka_unit_test(stops_at_the_depth_cap_early),
      cmocka_unit_test(reads_many_anchors),
      cmocka_unit_test(stops_at_the_limit_of_the_arena),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
