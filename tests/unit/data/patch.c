#include "../test.h"

#include "base/mem.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/json_write.h"
#include "data/patch.h"

static struct value parse(struct arena *a, const char *json)
{
  struct json_options options = {.positions = true};
  struct value v;
  struct error err;
  if (json_parse(a, str_from(json), &options, &v, &err) < 0)
    fail_msg("%s: %s", json, err.message);
  return v;
}

static void assert_json(struct value v, const char *expected)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, v, 0);
  assert_str(buf_str(&text), expected);
}

struct patch_case {
  const char *document, *patch;
  const char *expected; /* NULL: an error */
  int code;
  const char *message;
};

static void check(const struct patch_case *c)
{
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, c->document), result = value_int(4711);
  struct error err = {.code = 0};
  int r = patch_apply_document(&a, document, parse(&a, c->patch), &result, &err);
  if (c->expected) {
    if (r < 0)
      fail_msg("%s: %s", c->patch, err.message);
    assert_json(result, c->expected);
  } else {
    assert_int_equal(r, c->code);
    assert_error(err, c->code, c->message);
    assert_json(result, "4711");
  }
  assert_json(document, c->document);
  arena_free(&a);
}

static void applies_operations(void **state)
{
  (void)state;
  static const struct patch_case cases[] = {
      /* RFC 6902, appendix A, as facts */
      {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]",
       "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
      {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
       "{\"foo\":[\"bar\",\"qux\",\"baz\"]}"},
      {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]",
       "{\"foo\":\"bar\"}"},
      {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]",
       "{\"foo\":[\"bar\",\"baz\"]}"},
      {"{\"baz\":\"qux\",\"foo\":\"bar\"}",
       "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]",
       "{\"baz\":\"boo\",\"foo\":\"bar\"}"},
      {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
       "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
       "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}"},
      {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}",
       "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
       "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}"},
      {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
       "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},"
       "{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
       "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}"},
      {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/child\",\"value\":{\"grandchild\":{}}}]",
       "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}"},
      {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\",\"xyz\":123}]",
       "{\"foo\":\"bar\",\"baz\":\"qux\"}"},
      {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":10}]",
       "{\"/\":9,\"~1\":10}"},
      {"{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
       "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}"},
      /* more */
      {"{\"a\":1}", "[]", "{\"a\":1}"},
      {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/a\",\"value\":2}]", "{\"a\":2}"},
      {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"\",\"value\":[0]}]", "[0]"},
      {"{\"a\":1}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":null}]", "null"},
      {"{\"a\":{\"b\":1}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"\"}]", "{\"b\":1}"},
      {"{\"a\":{\"b\":1}}", "[{\"op\":\"copy\",\"from\":\"\",\"path\":\"/a/c\"}]",
       "{\"a\":{\"b\":1,\"c\":{\"a\":{\"b\":1}}}}"},
      {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"}]", "{\"a\":1}"},
      {"[1,2]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":3}]", "[1,2,3]"},
      {"[1,2]", "[{\"op\":\"copy\",\"from\":\"/0\",\"path\":\"/-\"}]", "[1,2,1]"},
      {"{\"a\":null}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":null}]", "{\"a\":null}"},
      {"{\"a\":null}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":1}]", "{\"a\":1}"},
      {"{\"\":1}", "[{\"op\":\"replace\",\"path\":\"/\",\"value\":2}]", "{\"\":2}"},
      {"{\"a\":1,\"b\":2}",
       "[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"add\",\"path\":\"/a\",\"value\":3}]",
       "{\"a\":3,\"b\":2}"},
      {"{\"m\":{\"x\":1,\"y\":2}}",
       "[{\"op\":\"test\",\"path\":\"/m\",\"value\":{\"y\":2.0,\"x\":1e0}}]",
       "{\"m\":{\"x\":1,\"y\":2}}"},
      /* a copy keeps what it was when it was made */
      {"{\"a\":{\"n\":1}}",
       "[{\"op\":\"replace\",\"path\":\"/a/n\",\"value\":2},"
       "{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"},"
       "{\"op\":\"replace\",\"path\":\"/a/n\",\"value\":3},"
       "{\"op\":\"add\",\"path\":\"/b/k\",\"value\":4},"
       "{\"op\":\"test\",\"path\":\"/b\",\"value\":{\"n\":2,\"k\":4}}]",
       "{\"a\":{\"n\":3},\"b\":{\"n\":2,\"k\":4}}"},
      /* what was changed moves on as it is */
      {"{\"a\":{\"n\":{\"k\":1}}}",
       "[{\"op\":\"replace\",\"path\":\"/a/n/k\",\"value\":[1]},"
       "{\"op\":\"move\",\"from\":\"/a/n\",\"path\":\"/b\"},"
       "{\"op\":\"add\",\"path\":\"/b/k/0\",\"value\":0}]",
       "{\"a\":{},\"b\":{\"k\":[0,1]}}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    check(&cases[i]);
}

static void refuses_with_the_reason(void **state)
{
  (void)state;
  static const struct patch_case cases[] = {
      {"{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]", NULL,
       SW_ETEST, "operation 0 (test \"/baz\"): the value is \"qux\", not \"bar\""},
      {"{\"/\":9,\"~1\":10}", "[{\"op\":\"test\",\"path\":\"/~01\",\"value\":\"10\"}]", NULL,
       SW_ETEST, "the value is 10, not \"10\""},
      {"{\"a\":[1]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":[2]}]", NULL, SW_ETEST,
       "the array there differs"},
      {"{\"a\":[1]}", "[{\"op\":\"test\",\"path\":\"/a\",\"value\":{}}]", NULL, SW_ETEST,
       "the value is an array of 1, not an object of 0"},
      {"{\"a\":1}", "[{\"op\":\"test\",\"path\":\"/b\",\"value\":null}]", NULL, SW_ENOTFOUND,
       "the document has no member \"b\""},
      {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz/bat\",\"value\":\"qux\"}]", NULL,
       SW_ENOTFOUND, "operation 0 (add \"/baz/bat\"): the document has no member \"baz\""},
      {"{\"spec\":{}}",
       "[{\"op\":\"add\",\"path\":\"/x\",\"value\":1},"
       "{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":1}]",
       NULL, SW_ENOTFOUND,
       "operation 1 (replace \"/spec/replicas\"): \"/spec\" has no member \"replicas\""},
      {"{}", "[{\"op\":\"remove\",\"path\":\"/a\"}]", NULL, SW_ENOTFOUND, "has no member \"a\""},
      {"{}", "[{\"op\":\"remove\",\"path\":\"\"}]", NULL, SW_EINVAL, "cannot be removed"},
      {"[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]", NULL, SW_ENOTFOUND,
       "1 element, none at index 2"},
      {"[1]", "[{\"op\":\"replace\",\"path\":\"/1\",\"value\":1}]", NULL, SW_ENOTFOUND,
       "none at index 1"},
      {"[1]", "[{\"op\":\"remove\",\"path\":\"/-\"}]", NULL, SW_ENOTFOUND,
       "\"-\" is not the index"},
      {"[1]", "[{\"op\":\"replace\",\"path\":\"/-\",\"value\":2}]", NULL, SW_ENOTFOUND,
       "\"-\" is not the index"},
      {"[1,2]", "[{\"op\":\"add\",\"path\":\"/01\",\"value\":2}]", NULL, SW_ENOTFOUND,
       "\"01\" is not the index"},
      {"[1,2]", "[{\"op\":\"add\",\"path\":\"/-1\",\"value\":2}]", NULL, SW_ENOTFOUND,
       "\"-1\" is not the index"},
      {"{\"a\":\"s\"}", "[{\"op\":\"add\",\"path\":\"/a/b\",\"value\":2}]", NULL, SW_ENOTFOUND,
       "\"/a\" is a string, it has no \"b\""},
      {"{\"a\":{\"b\":{}}}", "[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a/b/c\"}]", NULL,
       SW_EINVAL, "\"/a\" cannot be moved into itself"},
      {"{\"a\":1}", "[{\"op\":\"move\",\"from\":\"/b\",\"path\":\"/b\"}]", NULL, SW_ENOTFOUND,
       "no member \"b\""},
      {"{\"a\":1}", "[{\"op\":\"copy\",\"from\":\"/b\",\"path\":\"/c\"}]", NULL, SW_ENOTFOUND,
       "operation 0 (copy \"/c\"): from: the document has no member \"b\""},
      {"{}", "{\"op\":\"add\"}", NULL, SW_EINVAL, "an array of operations, this is an object"},
      {"{}", "[1]", NULL, SW_EINVAL, "operation 0: it is 1, must be an object"},
      {"{}", "[{\"path\":\"/a\"}]", NULL, SW_EINVAL, "there is no \"op\""},
      {"{}", "[{\"op\":\"spam\",\"path\":\"/a\"}]", NULL, SW_EINVAL,
       "\"op\" is \"spam\", must be one of add,"},
      {"{}", "[{\"op\":\"add\",\"value\":1}]", NULL, SW_EINVAL, "there is no \"path\""},
      {"{}", "[{\"op\":\"add\",\"path\":1,\"value\":1}]", NULL, SW_EINVAL,
       "\"path\" is 1, must be a string"},
      {"{}", "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]", NULL, SW_EINVAL,
       "operation 0: \"path\": the JSON pointer \"a\" does not begin"},
      {"{}", "[{\"op\":\"add\",\"path\":\"/a\"}]", NULL, SW_EINVAL, "there is no \"value\""},
      {"{}", "[{\"op\":\"move\",\"path\":\"/a\"}]", NULL, SW_EINVAL, "there is no \"from\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    check(&cases[i]);
}

static void names_the_place_of_the_operation(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value result, document = parse(&a, "{}");
  struct error err;
  struct value patch = parse(&a, "[\n {\"op\":\"add\",\"path\":\"/a\",\"value\":1},\n"
                                 "  {\"op\":\"remove\",\"path\":\"/b\"}]");
  assert_int_equal(patch_apply_document(&a, document, patch, &result, &err), SW_ENOTFOUND);
  assert_int_equal(err.line, 3);
  assert_int_equal(err.column, 3);
  assert_int_equal(patch_apply_document(&a, document, patch, &result, NULL), SW_ENOTFOUND);
  patch = parse(&a, "[\n\n {\"op\":\"add\"}]");
  assert_int_equal(patch_apply_document(&a, document, patch, &result, &err), SW_EINVAL);
  assert_int_equal(err.line, 3);
  arena_free(&a);
}

static void shares_what_it_does_not_touch_and_keeps_positions(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, "{\n\"a\":{\"x\":[1]},\n\"b\":{\"y\":[2,3,\n4]}}"), result;
  struct value patch = parse(&a, "[{\"op\":\"remove\",\"path\":\"/b/y/1\"},"
                                 "{\"op\":\"add\",\"path\":\"/b/z\",\"value\":5},"
                                 "{\"op\":\"replace\",\"path\":\"/a\",\"value\":6}]");
  struct error err;
  assert_int_equal(patch_apply_document(&a, document, patch, &result, &err), 0);
  assert_json(result, "{\"a\":6,\"b\":{\"y\":[2,4],\"z\":5}}");
  assert_int_equal(value_position(result, 0).line, 2);
  assert_int_equal(value_key_position(result, 1).line, 3);
  struct value b = value_get_str(result, STR("b")), y = value_get_str(b, STR("y"));
  assert_int_equal(value_position(y, 0).line, 3);
  assert_int_equal(value_position(y, 1).line, 4);
  assert_int_equal(value_position(b, 1).line, 0);
  patch = parse(&a, "[{\"op\":\"add\",\"path\":\"/c\",\"value\":1}]");
  assert_int_equal(patch_apply_document(&a, document, patch, &result, &err), 0);
  assert_ptr_equal(value_get_str(result, STR("a")).members,
                   value_get_str(document, STR("a")).members);
  arena_free(&a);
}

/* n operations of one kind on members "/k0", "/k1", ... */
static struct patch many(struct arena *a, enum patch_verb verb, const char *format, unsigned n)
{
  struct patch_operation *operations = arena_zalloc(a, n, sizeof *operations);
  for (unsigned i = 0; i < n; i++) {
    char path[64];
    int len = snprintf(path, sizeof path, "%s%u", format, i);
    operations[i] = (struct patch_operation){
        .verb = verb, .path = arena_copy(a, str_make(path, (size_t)len)), .value = value_int(i)};
  }
  return (struct patch){operations, n};
}

static void fills_and_empties_wide_objects(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, "{\"o\":{\"first\":0}}"), full, empty;
  struct error err;
  struct patch patch = many(&a, PATCH_ADD, "/o/k", 10000);
  assert_int_equal(patch_apply(&a, document, &patch, NULL, &full, &err), 0);
  struct value o = value_get_str(full, STR("o"));
  assert_int_equal(o.len, 10001);
  assert_str(value_str(o.members[0].key), "first");
  assert_str(value_str(o.members[10000].key), "k9999");
  int64_t n = 0;
  assert_true(value_to_int(value_get_str(o, STR("k7777")), &n));
  assert_int_equal(n, 7777);
  patch = many(&a, PATCH_REMOVE, "/o/k", 10000);
  assert_int_equal(patch_apply(&a, full, &patch, NULL, &empty, &err), 0);
  assert_json(empty, "{\"o\":{\"first\":0}}");
  arena_free(&a);
}

static void caps_operations(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value result = VALUE_NONE;
  struct error err;
  struct patch patch = many(&a, PATCH_ADD, "/k", PATCH_OPERATIONS_MAX + 1);
  assert_int_equal(patch_apply(&a, parse(&a, "{}"), &patch, NULL, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "10001 operations is longer than 10000");
  assert_int_equal(patch_read(&a, patch_document(&a, &patch), NULL, &patch, &err), SW_ELIMIT);
  struct patch_limits limits = {.operations = 3};
  patch.count = 4;
  assert_int_equal(patch_apply(&a, parse(&a, "{}"), &patch, &limits, &result, &err), SW_ELIMIT);
  patch.count = 3;
  assert_int_equal(patch_apply(&a, parse(&a, "{}"), &patch, &limits, &result, &err), 0);
  arena_free(&a);
}

static struct patch repeat(struct arena *a, struct patch_operation op, unsigned n)
{
  struct patch_operation *operations = arena_zalloc(a, n, sizeof *operations);
  for (unsigned i = 0; i < n; i++)
    operations[i] = op;
  return (struct patch){operations, n};
}

static void caps_what_copies_add(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value result = VALUE_NONE, document = parse(&a, "{\"a\":[[\"text\"]]}");
  struct error err;
  /* each doubles the array */
  struct patch bomb = repeat(
      &a, (struct patch_operation){PATCH_COPY, STR("/a/-"), STR("/a"), VALUE_NONE, {0, 0}}, 100);
  assert_int_equal(patch_apply(&a, document, &bomb, NULL, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "copies more than 1000000 values");
  bomb.count = 15;
  assert_int_equal(patch_apply(&a, document, &bomb, NULL, &result, &err), 0);
  struct patch_limits limits = {.copied_nodes = 9};
  bomb.count = 2;
  assert_int_equal(patch_apply(&a, document, &bomb, &limits, &result, &err), 0);
  limits.copied_nodes = 8;
  assert_int_equal(patch_apply(&a, document, &bomb, &limits, &result, &err), SW_ELIMIT);
  limits = (struct patch_limits){.copied_bytes = 3};
  assert_int_equal(patch_apply(&a, document, &bomb, &limits, &result, &err), SW_ELIMIT);
  arena_free(&a);
}

static void caps_depth(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value result = VALUE_NONE;
  struct error err;
  struct patch_operation wrap[] = {
      {.verb = PATCH_COPY, .path = STR("/a"), .from = STR("")},
  };
  struct value v = parse(&a, "{\"b\":1}");
  struct patch patch = {wrap, 1};
  int r = 0, rounds = 0;
  for (; r == 0 && rounds < 2000; rounds++) {
    r = patch_apply(&a, v, &patch, NULL, &result, &err);
    v = result;
  }
  assert_error(err, SW_ELIMIT, "nested deeper than 1000");
  assert_int_equal(rounds, 1000);
  char *path = mem_alloc(2 * (PATCH_DEPTH_MAX + 1));
  for (int i = 0; i <= PATCH_DEPTH_MAX; i++)
    memcpy(path + 2 * i, "/a", 2);
  struct patch_operation op = {
      .verb = PATCH_ADD, .path = str_make(path, 2 * (PATCH_DEPTH_MAX + 1)), .value = value_null()};
  patch = (struct patch){&op, 1};
  assert_int_equal(patch_apply(&a, v, &patch, NULL, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "more than 1000 tokens");
  op.path.len -= 2;
  assert_int_equal(patch_apply(&a, v, &patch, NULL, &result, &err), 0);
  mem_free(path);
  arena_free(&a);
}

static void caps_work_and_memory(void **state)
{
  (void)state;
  struct arena a, small;
  arena_init(&a, 0);
  enum { WIDTH = 20000 };
  struct value *items = arena_array(&a, struct value, WIDTH);
  for (uint32_t i = 0; i < WIDTH; i++)
    items[i] = value_int(i);
  struct value document = value_array_make(&a, items, NULL, WIDTH), result;
  struct error err;
  struct patch front = repeat(
      &a, (struct patch_operation){PATCH_ADD, STR("/0"), STR_EMPTY, value_int(-1), {0, 0}}, 10000);
  assert_int_equal(patch_apply(&a, document, &front, NULL, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "moves or copies too many elements");
  front.count = 4000;
  assert_int_equal(patch_apply(&a, document, &front, NULL, &result, &err), 0);
  assert_int_equal(result.len, WIDTH + 4000);
  arena_init(&small, 64 << 10);
  assert_int_equal(patch_apply(&small, document, &front, NULL, &result, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "limit of 65536 bytes");
  arena_free(&small);
  arena_free(&a);
}

static void refuses_programs_without_a_value(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct patch_operation op = {.verb = PATCH_ADD, .path = STR("/a")};
  struct patch patch = {&op, 1};
  struct value result;
  struct error err;
  assert_int_equal(patch_apply(&a, parse(&a, "{}"), &patch, NULL, &result, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "there is no value");
  struct value_member member = {value_int(1), value_int(2)};
  struct value odd = {.type = VALUE_OBJECT, .len = 1, .members = &member};
  op.value = value_null();
  assert_int_equal(patch_apply(&a, odd, &patch, NULL, &result, &err), SW_EUNSUPPORTED);
  arena_free(&a);
}

static void differs_as_expected(void **state)
{
  (void)state;
  static const struct {
    const char *from, *to, *patch;
  } cases[] = {
      {"{\"a\":1}", "{\"a\":1.0}", "[]"},
      {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "[]"},
      {"{\"a\":1}", "{\"a\":2}", "[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2}]"},
      {"{\"a\":1,\"b\":2}", "{\"b\":2,\"c/d\":3}",
       "[{\"op\":\"remove\",\"path\":\"/a\"},{\"op\":\"add\",\"path\":\"/c~1d\",\"value\":3}]"},
      {"[1,2,3,4]", "[1,3,4]", "[{\"op\":\"remove\",\"path\":\"/1\"}]"},
      {"[1,4]", "[1,2,3,4]",
       "[{\"op\":\"add\",\"path\":\"/1\",\"value\":2},{\"op\":\"add\",\"path\":\"/2\",\"value\":3}]"},
      {"[{\"a\":1},{\"b\":1}]", "[{\"a\":1},{\"b\":2}]",
       "[{\"op\":\"replace\",\"path\":\"/1/b\",\"value\":2}]"},
      {"[1,2,3]", "[]",
       "[{\"op\":\"remove\",\"path\":\"/2\"},{\"op\":\"remove\",\"path\":\"/1\"},"
       "{\"op\":\"remove\",\"path\":\"/0\"}]"},
      {"{}", "[]", "[{\"op\":\"replace\",\"path\":\"\",\"value\":[]}]"},
      {"{\"s\":{\"a\":1}}", "{\"s\":{\"b\":1}}",
       "[{\"op\":\"replace\",\"path\":\"/s\",\"value\":{\"b\":1}}]"},
      {"{\"s\":{}}", "{\"s\":{\"b\":1}}", "[{\"op\":\"add\",\"path\":\"/s/b\",\"value\":1}]"},
      {"null", "null", "[]"},
      {"[[1,2],[3]]", "[[1,2],[3]]", "[]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena a;
    arena_init(&a, 0);
    struct value from = parse(&a, cases[i].from), to = parse(&a, cases[i].to), result;
    struct patch patch;
    struct error err;
    patch_diff(&a, from, to, &patch);
    assert_json(patch_document(&a, &patch), cases[i].patch);
    assert_int_equal(patch_apply_document(&a, from, patch_document(&a, &patch), &result, &err), 0);
    assert_true(value_equal(result, to));
    arena_free(&a);
  }
}

/* A tree drawn from a small set, so that two of them have much in common. */
static struct value random_value(struct arena *a, uint32_t *seed, unsigned depth)
{
  *seed = *seed * 1664525 + 1013904223;
  uint32_t draw = *seed >> 16;
  static const char *const keys[] = {"a", "b", "c/d", "~", "", "x y"};
  uint32_t count = draw / 8 % 5;
  if (depth == 0 || draw % 8 < 3)
    return draw % 2 ? value_int(draw / 8 % 4) : value_from(keys[draw / 8 % 6]);
  if (draw % 8 < 5) {
    struct value items[5];
    for (uint32_t i = 0; i < count; i++)
      items[i] = random_value(a, seed, depth - 1);
    return value_array_make(a, items, NULL, count);
  }
  struct value_member members[5];
  for (uint32_t i = 0; i < count; i++) {
    *seed = *seed * 1664525 + 1013904223;
    members[i].key = value_from(keys[(*seed >> 16) % 6]);
    members[i].value = random_value(a, seed, depth - 1);
  }
  struct value object = VALUE_NONE;
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static void applying_a_difference_gives_the_other(void **state)
{
  (void)state;
  uint32_t seed = 20240229;
  struct arena a;
  arena_init(&a, 0);
  for (int round = 0; round < 5000; round++) {
    struct value from = random_value(&a, &seed, 5), to = random_value(&a, &seed, 5), result;
    struct patch patch;
    struct error err;
    patch_diff(&a, from, to, &patch);
    if (patch_apply(&a, from, &patch, NULL, &result, &err) < 0)
      fail_msg("round %d: %s", round, err.message);
    if (!value_equal(result, to)) {
      assert_json(from, "(from)");
      fail();
    }
    assert_int_equal(patch.count == 0, value_equal(from, to));
    arena_reset(&a);
  }
  arena_free(&a);
}

static void differences_stay_under_the_caps(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  enum { WIDTH = 12000 };
  struct value *left = arena_array(&a, struct value, WIDTH);
  struct value *right = arena_array(&a, struct value, WIDTH);
  for (uint32_t i = 0; i < WIDTH; i++) {
    left[i] = value_int(i);
    right[i] = value_int(-1 - (int64_t)i);
  }
  struct value_member from_members[2] = {
      {value_from("wide"), value_array_make(&a, left, NULL, WIDTH)},
      {value_from("n"), value_int(1)}};
  struct value_member to_members[2] = {
      {value_from("wide"), value_array_make(&a, right, NULL, WIDTH)},
      {value_from("n"), value_int(2)}};
  struct value from, to, result;
  value_object_make(&a, from_members, NULL, 2, VALUE_REFUSE, NULL, &from);
  value_object_make(&a, to_members, NULL, 2, VALUE_REFUSE, NULL, &to);
  struct patch patch;
  struct error err;
  patch_diff(&a, from, to, &patch);
  assert_int_equal(patch.count, 2);
  assert_str(patch.operations[0].path, "/wide");
  assert_int_equal(patch_apply(&a, from, &patch, NULL, &result, &err), 0);
  assert_true(value_equal(result, to));
  /* deeper than paths may be */
  struct value deep_from = value_int(1), deep_to = value_int(2);
  for (int i = 0; i < 3000; i++) {
    deep_from = value_array_make(&a, &deep_from, NULL, 1);
    deep_to = value_array_make(&a, &deep_to, NULL, 1);
  }
  patch_diff(&a, deep_from, deep_to, &patch);
  assert_int_equal(patch.count, 1);
  assert_int_equal(patch_apply(&a, deep_from, &patch, NULL, &result, &err), 0);
  assert_true(value_equal(result, deep_to));
  arena_free(&a);
}

static void replaces_sets_whole(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value one = value_int(1), two = value_int(2), result;
  struct value from = value_set_make(&a, &one, 1), to = value_set_make(&a, &two, 1);
  struct patch patch;
  patch_diff(&a, from, to, &patch);
  assert_int_equal(patch.count, 1);
  assert_int_equal(patch_apply(&a, from, &patch, NULL, &result, NULL), 0);
  assert_true(value_equal(result, to));
  patch_diff(&a, VALUE_NONE, to, &patch);
  assert_int_equal(patch.count, 0);
  arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(applies_operations),
      cmocka_unit_test(refuses_with_the_reason),
      cmocka_unit_test(names_the_place_of_the_operation),
      cmocka_unit_test(shares_what_it_does_not_touch_and_keeps_positions),
      cmocka_unit_test(fills_and_empties_wide_objects),
      cmocka_unit_test(caps_operations),
      cmocka_unit_test(caps_what_copies_add),
      cmocka_unit_test(caps_depth),
      cmocka_unit_test(caps_work_and_memory),
      cmocka_unit_test(refuses_programs_without_a_value),
      cmocka_unit_test(differs_as_expected),
      cmocka_unit_test(applying_a_difference_gives_the_other),
      cmocka_unit_test(differences_stay_under_the_caps),
      cmocka_unit_test(replaces_sets_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
