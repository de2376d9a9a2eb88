#include "../test.h"

#include "base/buf.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "data/toml.h"

/* The text is copied to memory of exactly its size, so that sanitizers see a byte read too many. */
static int read_text(struct arena *a, struct str text, const struct toml_options *options,
                     struct value *ret, struct error *err)
{
  return toml_read(arena_copy(a, text), a, options, ret, err);
}

/* ---- what is TOML, and what it is as JSON */

static const struct {
  struct str text;
  const char *json;
} accepted[] = {
    {STR_INIT(""), "{}"},
    {STR_INIT("\xEF\xBB\xBF"
              "a=1"),
     "{\"a\":1}"},
    {STR_INIT("# a comment\n \t\r\n# another"), "{}"},
    {STR_INIT("a = 1 # why\r\nb=2"), "{\"a\":1,\"b\":2}"},
    /* keys */
    {STR_INIT(
         "1234 = 1\na-b_C = 2\n\"127.0.0.1\" = 3\n'quoted \"v\"' = 4\n\"\" = 5\n\"\\u00e9\" = 6"),
     "{\"1234\":1,\"a-b_C\":2,\"127.0.0.1\":3,\"quoted \\\"v\\\"\":4,\"\":5,\"\xC3\xA9\":6}"},
    {STR_INIT("a.b.c = 1\na . \"b\" .d = 2\n3.14 = 'pi'"),
     "{\"a\":{\"b\":{\"c\":1,\"d\":2}},\"3\":{\"14\":\"pi\"}}"},
    /* strings */
    {STR_INIT("a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e4\\U0001F600\""),
     "{\"a\":\"\\b\\t\\n\\f\\r\\\"\\\\\xC3\xA4\xF0\x9F\x98\x80\"}"},
    {STR_INIT("a = 'C:\\no\\escapes'\nb = ''\nc = \"\"\nd = \"\ttab\""),
     "{\"a\":\"C:\\\\no\\\\escapes\",\"b\":\"\",\"c\":\"\",\"d\":\"\\ttab\"}"},
    {STR_INIT("a = \"\"\"\none\ntwo\"\"\"\nb = '''\r\none\r\ntwo'''\nc=\"\"\"\r\nx\r\ny\"\"\""),
     "{\"a\":\"one\\ntwo\",\"b\":\"one\\ntwo\",\"c\":\"x\\ny\"}"},
    {STR_INIT("a = \"\"\"one \\\n\n   two \\  \r\n three\\\"\"\"\"\"\nb = \"\"\"\\\n\"\"\""),
     "{\"a\":\"one two three\\\"\\\"\",\"b\":\"\"}"},
    {STR_INIT(
         "a = \"\"\"\"\"two\"\"\"\"\"\nb = '''''two'''''\nc = \"\"\"a\"b\"\"c\"\"\"\nd = ''''''"),
     "{\"a\":\"\\\"\\\"two\\\"\\\"\",\"b\":\"''two''\",\"c\":\"a\\\"b\\\"\\\"c\",\"d\":\"\"}"},
    /* numbers */
    {STR_INIT("a = [+99, 42, 0, -17, -0, +0, 1_000, 5_349_221, 1_2_3_4_5]"),
     "{\"a\":[99,42,0,-17,0,0,1000,5349221,12345]}"},
    {STR_INIT("a = [0xDEADBEEF, 0xdead_beef, 0o01234567, 0o755, 0b11010110, 0x0]"),
     "{\"a\":[3735928559,3735928559,342391,493,214,0]}"},
    {STR_INIT("a = [9223372036854775807, -9223372036854775808, 0x7fffffffffffffff]"),
     "{\"a\":[9223372036854775807,-9223372036854775808,9223372036854775807]}"},
    {STR_INIT("a = [+1.0, 3.1415, -0.01, 5e+22, 1e06, -2E-2, 6.626e-34, 224_617.445_991_228, 0e0]"),
     "{\"a\":[1.0,3.1415,-0.01,5e+22,1e06,-2E-2,6.626e-34,224617.445991228,0e0]}"},
    {STR_INIT("a = [inf, +inf, -inf, nan, +nan, -nan]"),
     "{\"a\":[\"inf\",\"inf\",\"-inf\",\"nan\",\"nan\",\"nan\"]}"},
    {STR_INIT("a = true\nb = false"), "{\"a\":true,\"b\":false}"},
    /* dates */
    {STR_INIT("a = [1979-05-27T07:32:00Z, 1979-05-27T00:32:00.999999-07:00, 1979-05-27 07:32:00z]"),
     "{\"a\":[\"1979-05-27T07:32:00Z\",\"1979-05-27T00:32:00.999999-07:00\",\"1979-05-27 "
     "07:32:00z\"]}"},
    {STR_INIT(
         "a = 1979-05-27T07:32:00\nb = 1979-05-27\nc = 07:32:00\nd = 00:32:00.5\ne = 2000-02-29 # "
         "x\nf=1990-12-31t23:59:60Z"),
     "{\"a\":\"1979-05-27T07:32:00\",\"b\":\"1979-05-27\",\"c\":\"07:32:00\",\"d\":\"00:32:00.5\",\"e\":"
     "\"2000-02-29\",\"f\":\"1990-12-31t23:59:60Z\"}"},
    /* arrays */
    {STR_INIT("a = [ ]\nb = [[1, 2], [\"a\", 'b',],]\nc = [ # one\n 1, # two\n\n 2 # three\n , ]"),
     "{\"a\":[],\"b\":[[1,2],[\"a\",\"b\"]],\"c\":[1,2]}"},
    {STR_INIT("a = [{x = 1}, {y.z = [ {} ]}, 'mixed']"),
     "{\"a\":[{\"x\":1},{\"y\":{\"z\":[{}]}},\"mixed\"]}"},
    /* tables */
    {STR_INIT("[table-1]\na = 1\n[ d . \"tater.man\" ]\nx=1\n[d]\ny=2\n[e]\n[table-1.sub]"),
     "{\"table-1\":{\"a\":1,\"sub\":{}},\"d\":{\"tater.man\":{\"x\":1},\"y\":2},\"e\":{}}"},
    {STR_INIT(
         "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true"),
     "{\"fruit\":{\"apple\":{\"color\":1,\"taste\":{\"sweet\":true},\"texture\":{\"smooth\":true}}}}"},
    {STR_INIT("[a.b.c]\n[a]\nb.d = 1"), "{\"a\":{\"b\":{\"c\":{},\"d\":1}}}"},
    {STR_INIT("a = {b.c = 1, b.d = 2}\nb = { }\nc = { \"k\" = { x = 1 } , l = [\n] }"),
     "{\"a\":{\"b\":{\"c\":1,\"d\":2}},\"b\":{},\"c\":{\"k\":{\"x\":1},\"l\":[]}}"},
    {STR_INIT("[[p]]\nname = 'a'\n[[p]]\n[[p]]\nname = 'c'\n[p.sub]\nx=1\n[[p.q]]\n[[p.q]]\ny=1"),
     "{\"p\":[{\"name\":\"a\"},{},{\"name\":\"c\",\"sub\":{\"x\":1},\"q\":[{},{\"y\":1}]}]}"},
    {STR_INIT("[[p]]\n[p.t]\na=1\n[[p]]\n[p.t]\na=2"),
     "{\"p\":[{\"t\":{\"a\":1}},{\"t\":{\"a\":2}}]}"},
};

static void accepts_what_the_specification_describes(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
    for (int positions = 0; positions < 2; positions++) {
      struct toml_options options = {.positions = positions};
      struct buf out = {0};
      struct arena a;
      struct error err;
      struct value root;
      arena_init(&a, 0);
      if (read_text(&a, accepted[i].text, &options, &root, &err) < 0) {
        print_error("%.*s\n%u:%u: %s\n", STR_FMT(accepted[i].text), err.line, err.column,
                    err.message);
        fail();
      }
      json_write(&out, root, 0);
      assert_str(buf_str(&out), accepted[i].json);
      buf_free(&out);
      arena_free(&a);
    }
}

/* ---- what is not */

static const struct {
  struct str text;
  unsigned line, column;
  const char *message;
} refused[] = {
    {STR_INIT("a"), 1, 2, "the text ends where there should be '='"},
    {STR_INIT("a\n"), 1, 2, "the line ends where there should be '='"},
    {STR_INIT("a ="), 1, 4, "where there should be a value"},
    {STR_INIT("a = # x"), 1, 5, "found '#' instead of a value"},
    {STR_INIT("= 1"), 1, 1, "found '=' instead of a key"},
    {STR_INIT("a.. = 1"), 1, 3, "found '.' instead of a key"},
    {STR_INIT("\xC3\xA4 = 1"), 1, 1, "found character U+00E4 instead of a key"},
    {STR_INIT("a = 1 b = 2"), 1, 7, "found 'b' instead of the end of the line"},
    {STR_INIT("\"\"\"a\"\"\" = 1"), 1, 3, "instead of '='"},
    {STR_INIT("a = b"), 1, 5, "\"b\" is no value"},
    {STR_INIT("a = True"), 1, 5, "\"True\" is no value"},
    {STR_INIT("x = 1\n\xC3\xA4 \xFF"), 2, 3, "byte 0xff is no valid UTF-8"},
    {STR_INIT("# a\x01"), 1, 4, "control character 0x01"},
    {STR_INIT("# a\rb"), 1, 4, "control character 0x0d"},
    {STR_INIT("a = 1\rb = 1"), 1, 6, "the line ends where there should be the end of the line"},
    {STR_INIT("a = 1\0"), 1, 6, "found character U+0000"},
    /* strings */
    {STR_INIT("a = \"x"), 1, 5, "the string that begins here is not closed"},
    {STR_INIT("a = \"x\n\""), 1, 7, "runs into the end of the line"},
    {STR_INIT("a = 'x\n'"), 1, 7, "runs into the end of the line"},
    {STR_INIT("\n\na = \"\"\"x\ny\"\""), 3, 5, "is not closed"},
    {STR_INIT("a = \"\x7f\""), 1, 6, "control character 0x7f"},
    {STR_INIT("a = '''\x0b'''"), 1, 8, "control character 0x0b"},
    {STR_INIT("a = \"\\x41\""), 1, 6, "is no escape"},
    {STR_INIT("a = \"\\e\""), 1, 6, "is no escape"},
    {STR_INIT("a = \"\"\"\\ x\"\"\""), 1, 8, "is no escape"},
    {STR_INIT("a = \"\\u12\""), 1, 6, "takes 4 hexadecimal digits"},
    {STR_INIT("a = \"\\U0001F60\""), 1, 6, "takes 8 hexadecimal digits"},
    {STR_INIT("a = \"\\uD800\""), 1, 6, "\\uD800 in a string is no character"},
    {STR_INIT("a = \"\\U00110000\""), 1, 6, "\\U00110000 in a string is no character"},
    {STR_INIT("a = '''''''''"), 1, 13, "instead of the end of the line"},
    /* numbers */
    {STR_INIT("a = 01"), 1, 5, "does not begin with zeros"},
    {STR_INIT("a = -0_1"), 1, 5, "does not begin with zeros"},
    {STR_INIT("a = 00.5"), 1, 5, "does not begin with zeros"},
    {STR_INIT("a = 1__2"), 1, 5, "is no value"},
    {STR_INIT("a = _1"), 1, 5, "is no value"},
    {STR_INIT("a = 1_"), 1, 5, "is no value"},
    {STR_INIT("a = ++1"), 1, 5, "is no value"},
    {STR_INIT("a = 0X1"), 1, 5, "is no value"},
    {STR_INIT("a = 0x"), 1, 5, "is no value"},
    {STR_INIT("a = +0x1"), 1, 5, "is no value"},
    {STR_INIT("a = 0o8"), 1, 5, "is no value"},
    {STR_INIT("a = 0b2"), 1, 5, "is no value"},
    {STR_INIT("a = 9223372036854775808"), 1, 5, "does not fit 64 bits"},
    {STR_INIT("a = -9223372036854775809"), 1, 5, "does not fit 64 bits"},
    {STR_INIT("a = 0xfffffffffffffffff"), 1, 5, "does not fit 64 bits"},
    {STR_INIT("a = .7"), 1, 5, "is no value"},
    {STR_INIT("a = 7."), 1, 5, "is no value"},
    {STR_INIT("a = 3.e+20"), 1, 5, "is no value"},
    {STR_INIT("a = 1._5"), 1, 5, "is no value"},
    {STR_INIT("a = 1e"), 1, 5, "is no value"},
    {STR_INIT("a = 1e5.5"), 1, 5, "is no value"},
    {STR_INIT("a = Inf"), 1, 5, "is no value"},
    {STR_INIT("a = +true"), 1, 5, "is no value"},
    /* dates */
    {STR_INIT("a = 1979-02-29"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1900-02-29"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-13-01"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-1-01"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01T24:00:00Z"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01T00:00Z"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01T00:00:61Z"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01T00:00:00.Z"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01T00:00:00+25:00"), 1, 5, "there is no such date"},
    {STR_INIT("a = 1979-01-01x"), 1, 15, "found 'x' instead of the end of the line"},
    {STR_INIT("a = 25:00:00"), 1, 5, "there is no such time"},
    {STR_INIT("a = 07:32"), 1, 5, "there is no such time"},
    /* arrays and inline tables */
    {STR_INIT("a = [1"), 1, 7, "where there should be ',' or ']'"},
    {STR_INIT("a = [1 2]"), 1, 8, "found '2' instead of ',' or ']'"},
    {STR_INIT("a = [,]"), 1, 6, "found ',' instead of a value"},
    {STR_INIT("a = {x = 1,}"), 1, 12, "found '}' instead of a key"},
    {STR_INIT("a = {x = 1\n}"), 1, 11, "the line ends where there should be ',' or '}'"},
    {STR_INIT("a = {x = 1, x = 2}"), 1, 13, "\"x\" has been defined already, in line 1"},
    {STR_INIT("a = {x = {}, x.y = 2}"), 1, 14, "\"x\" has been defined already"},
    {STR_INIT("a = {x.y = 2, x = {}}"), 1, 15, "\"x\" has been defined already"},
    /* what may be defined once */
    {STR_INIT("a = 1\n\na = 2"), 3, 1, "\"a\" has been defined already, in line 1"},
    {STR_INIT("a = 1\n'a' = 2"), 2, 1, "\"a\" has been defined already"},
    {STR_INIT("a = 1\na.b = 2"), 2, 1, "\"a\" has been defined already"},
    {STR_INIT("[a]\n[a]"), 2, 2, "\"a\" has been defined already, in line 1"},
    {STR_INIT("[a]\nb = 1\n[a.b]"), 3, 4, "\"b\" has been defined already, in line 2"},
    {STR_INIT("[a]\nb = 1\n[a.b.c]"), 3, 4, "\"b\" has been defined already"},
    {STR_INIT("[a]\nb.c = 1\n[a.b]"), 3, 4, "\"b\" has been defined already"},
    {STR_INIT("[a.b.c]\n[a]\nb.c.d = 1"), 3, 3, "\"c\" has been defined already"},
    {STR_INIT("[a]\nb.c = 1\n[a.b.d]\n[a.b.d]"), 4, 6, "\"d\" has been defined already"},
    {STR_INIT("[[a.b]]\n[a]\nb.c = 2"), 3, 1, "\"b\" has been defined already"},
    {STR_INIT("a = {}\n[a]"), 2, 2, "\"a\" has been defined already"},
    {STR_INIT("a = {}\n[a.b]"), 2, 2, "\"a\" has been defined already"},
    {STR_INIT("a = {}\na.b = 1"), 2, 1, "\"a\" has been defined already"},
    {STR_INIT("a = []\n[[a]]"), 2, 3, "\"a\" has been defined already"},
    {STR_INIT("a = [{}]\n[a.b]"), 2, 2, "\"a\" has been defined already"},
    {STR_INIT("[[a]]\n[a]"), 2, 2, "\"a\" has been defined already"},
    {STR_INIT("[a]\n[[a]]"), 2, 3, "\"a\" has been defined already"},
    {STR_INIT("[a.b]\n[[a]]"), 2, 3, "\"a\" has been defined already"},
    /* headers */
    {STR_INIT("[]"), 1, 2, "found ']' instead of a key"},
    {STR_INIT("[a"), 1, 3, "the text ends where there should be ']'"},
    {STR_INIT("[a] b = 1"), 1, 5, "instead of the end of the line"},
    {STR_INIT("[[a]"), 1, 4, "found ']' instead of ']]'"},
    {STR_INIT("[ [a]]"), 1, 3, "found '[' instead of a key"},
    {STR_INIT("[[a] ]"), 1, 4, "instead of ']]'"},
    {STR_INIT("[a\n]"), 1, 3, "the line ends where"},
};

static void refuses_everything_else(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    struct arena a;
    struct error err = {0};
    struct value root = value_int(7);
    arena_init(&a, 0);
    int rc = read_text(&a, refused[i].text, NULL, &root, &err);
    if (rc != SW_EINVAL || err.line != refused[i].line || err.column != refused[i].column)
      print_error("%.*s\n%d, %u:%u: %s\n", STR_FMT(refused[i].text), rc, err.line, err.column,
                  rc < 0 ? err.message : "accepted");
    assert_int_equal(rc, SW_EINVAL);
    assert_error(err, SW_EINVAL, refused[i].message);
    assert_int_equal(err.line, refused[i].line);
    assert_int_equal(err.column, refused[i].column);
    assert_true(value_is(root, VALUE_NUMBER)); /* untouched */
    assert_int_equal(read_text(&a, refused[i].text, NULL, &root, NULL), SW_EINVAL);
    arena_free(&a);
  }
}

/* ---- limits */

static void keeps_to_its_limits(void **state)
{
  (void)state;
  struct arena a;
  struct error err;
  struct value root;
  struct buf text = {0};
  arena_init(&a, 0);
  struct toml_options small = {.size_max = 5};
  assert_int_equal(read_text(&a, STR("a = 1"), &small, &root, &err), 0);
  assert_int_equal(read_text(&a, STR("a = 12"), &small, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "6 bytes, at most 5");

  struct toml_options flat = {.depth_max = 3};
  assert_int_equal(read_text(&a, STR("a = [[1]]\n[b.c]\nx=1"), &flat, &root, &err), 0);
  assert_int_equal(read_text(&a, STR("a = [[[]]]"), &flat, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 3 deep");
  assert_int_equal(err.column, 7);
  assert_int_equal(read_text(&a, STR("a.b.c.d = 1"), &flat, &root, &err), SW_ELIMIT);
  assert_int_equal(read_text(&a, STR("[a.b.c]"), &flat, &root, &err), SW_ELIMIT);
  assert_int_equal(read_text(&a, STR("a = {b={c={}}}"), &flat, &root, &err), SW_ELIMIT);
  assert_int_equal(read_text(&a, STR("[[a]]\n[[a.b]]"), &flat, &root, &err), SW_ELIMIT);
  assert_int_equal(err.line, 2);

  struct toml_options few = {.values_max = 4};
  assert_int_equal(read_text(&a, STR("a = [1, 2]"), &few, &root, &err), 0);
  assert_int_equal(read_text(&a, STR("a = [1, 2, 3]"), &few, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 4 values");

  buf_add_text(&text, "a = ");
  buf_add_repeat(&text, '[', 100000);
  assert_int_equal(toml_read(buf_str(&text), &a, NULL, &root, &err), SW_ELIMIT);
  struct toml_options deep = {.depth_max = UINT32_MAX};
  assert_int_equal(toml_read(buf_str(&text), &a, &deep, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 1000 deep");
  buf_clear(&text);
  buf_add_text(&text, "a = ");
  buf_add_repeat(&text, '[', 999);
  buf_add_repeat(&text, ']', 999);
  assert_int_equal(toml_read(buf_str(&text), &a, &deep, &root, &err), 0);
  arena_free(&a);

  arena_init(&a, 1 << 20);
  buf_clear(&text);
  for (int i = 0; i < 100000; i++)
    buf_printf(&text, "k%d = 1\n", i);
  assert_int_equal(toml_read(buf_str(&text), &a, NULL, &root, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more memory than allowed");
  arena_free(&a);
  buf_free(&text);
}

/* ---- what else is promised */

static void keeps_positions(void **state)
{
  (void)state;
  struct arena a;
  struct error err;
  struct value root;
  struct toml_options options = {.positions = true};
  arena_init(&a, 0);
  assert_int_equal(read_text(&a,
                             STR("# \xC3\xA4\n\"\xC3\xA4\" = [ 1,\n  'b']\nx.y = {z = 1}\n[[t]]\n"
                                 "k = 2\n[x.s]\nn=1\n[[t]]"),
                             &options, &root, &err),
                   0);
  const struct {
    struct value container;
    uint32_t i, key_line, key_column, line, column;
  } places[] = {
      {root, 0, 2, 1, 2, 7},
      {root.members[0].value, 0, 0, 0, 2, 9},
      {root.members[0].value, 1, 0, 0, 3, 3},
      {root, 1, 4, 1, 4, 1},
      {root.members[1].value, 0, 4, 3, 4, 7},
      {root.members[1].value, 1, 7, 4, 7, 4},
      {root, 2, 5, 3, 5, 3},
      {root.members[2].value, 0, 0, 0, 5, 3},
      {root.members[2].value, 1, 0, 0, 9, 3},
  };
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    struct value_position key = value_key_position(places[i].container, places[i].i);
    struct value_position value = value_position(places[i].container, places[i].i);
    assert_int_equal(key.line, places[i].key_line);
    assert_int_equal(key.column, places[i].key_column);
    assert_int_equal(value.line, places[i].line);
    assert_int_equal(value.column, places[i].column);
  }
  arena_free(&a);
}

static void numbers_known_keys(void **state)
{
  (void)state;
  static const struct str names[] = {STR_INIT("package"), STR_INIT("name")};
  struct symbols *symbols = symbols_new(names, 2);
  struct toml_options options = {.symbols = symbols};
  struct arena a;
  struct value root;
  arena_init(&a, 0);
  assert_int_equal(read_text(&a, STR("[[package]]\nname='x'\nother=1"), &options, &root, NULL), 0);
  assert_int_equal(root.members[0].key.symbol, 1);
  struct value package = value_at(root.members[0].value, 0);
  assert_int_equal(package.members[0].key.symbol, 2);
  assert_int_equal(package.members[1].key.symbol, 0);
  arena_free(&a);
  symbols_free(symbols);
}

/* Plain strings are where the text is; so much costs no memory of the arena. */
static void plain_strings_are_views(void **state)
{
  (void)state;
  static const char text[] = "a = 'x'\nb = \"\"\"\ny\"\"\"\nc = \"\\t\"";
  struct arena a;
  struct value root;
  arena_init(&a, 0);
  assert_int_equal(toml_read(str_from(text), &a, NULL, &root, NULL), 0);
  assert_ptr_equal(root.members[0].value.text, text + 5);
  assert_ptr_equal(root.members[1].value.text, text + 16);
  assert_true(root.members[2].value.text < text ||
              root.members[2].value.text >= text + sizeof text);
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accepts_what_the_specification_describes),
      cmocka_unit_test(refuses_everything_else),
      cmocka_unit_test(keeps_to_its_limits),
      cmocka_unit_test(keeps_positions),
      cmocka_unit_test(numbers_known_keys),
      cmocka_unit_test(plain_strings_are_views),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
