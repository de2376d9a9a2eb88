#include "../test.h"

#include "base/mem.h"
#include "data/json.h"
#include "data/pointer.h"

static struct value parse(struct arena *a, const char *json)
{
  struct json_options options = {.positions = true};
  struct value v;
  struct error err;
  if (json_parse(a, str_from(json), &options, &v, &err) < 0)
    fail_msg("%s: %s", json, err.message);
  return v;
}

/* The example document of RFC 6901, section 5. */
static const char rfc_document[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,"
    "\"k\\\"l\":6,\" \":7,\"m~n\":8}";

static void evaluates_the_examples_of_the_rfc(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, rfc_document);
  static const struct {
    const char *pointer;
    int64_t expected;
  } cases[] = {{"/", 0},     {"/a~1b", 1}, {"/c%d", 2}, {"/e^f", 3}, {"/g|h", 4},
               {"/i\\j", 5}, {"/k\"l", 6}, {"/ ", 7},   {"/m~0n", 8}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t n = -1;
    assert_true(value_to_int(pointer_get(document, str_from(cases[i].pointer)), &n));
    assert_int_equal(n, cases[i].expected);
  }
  assert_ptr_equal(pointer_get(document, STR("")).members, document.members);
  assert_int_equal(pointer_get(document, STR("/foo")).len, 2);
  assert_str(value_str(pointer_get(document, STR("/foo/0"))), "bar");
  arena_free(&a);
}

static void tells_the_place(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, "{\n  \"a\": [1,\n   22]}");
  struct pointer_place place;
  assert_int_equal(pointer_find(document, STR("/a/1"), &place, NULL), 0);
  assert_int_equal(place.position.line, 3);
  assert_int_equal(place.position.column, 4);
  assert_int_equal(place.index, 1);
  assert_int_equal(place.parent.type, VALUE_ARRAY);
  assert_int_equal(pointer_find(document, STR(""), &place, NULL), 0);
  assert_int_equal(place.position.line, 0);
  assert_int_equal(place.parent.type, VALUE_ABSENT);
  arena_free(&a);
}

static void says_what_is_missing(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  struct value document = parse(&a, "{\"a\":{\"b\":[1,2]},\"n\":null,\"s\":\"x\"}");
  static const struct {
    const char *pointer, *message;
    int code;
  } cases[] = {
      {"/x", "the document has no member \"x\"", SW_ENOTFOUND},
      {"/a/c/d", "\"/a\" has no member \"c\"", SW_ENOTFOUND},
      {"/a/b/2", "\"/a/b\" has 2 elements, none at index 2", SW_ENOTFOUND},
      {"/a/b/-", "\"-\" is not the index of an element", SW_ENOTFOUND},
      {"/a/b/01", "\"01\" is not the index", SW_ENOTFOUND},
      {"/a/b/-1", "\"-1\" is not the index", SW_ENOTFOUND},
      {"/a/b/1e0", "\"1e0\" is not the index", SW_ENOTFOUND},
      {"/a/b/4294967296", "is not the index", SW_ENOTFOUND},
      {"/n/x", "\"/n\" is null, it has no \"x\"", SW_ENOTFOUND},
      {"/s/0", "\"/s\" is a string, it has no \"0\"", SW_ENOTFOUND},
      {"a", "does not begin with \"/\"", SW_EINVAL},
      {"#/a", "does not begin with \"/\"", SW_EINVAL},
      {"/a~", "\"~\" at offset 2", SW_EINVAL},
      {"/a~2", "\"~\" at offset 2", SW_EINVAL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct pointer_place place = {.index = 77};
    struct error err;
    assert_int_equal(pointer_find(document, str_from(cases[i].pointer), &place, &err),
                     cases[i].code);
    assert_error(err, cases[i].code, cases[i].message);
    assert_int_equal(place.index, 77);
    assert_int_equal(pointer_get(document, str_from(cases[i].pointer)).type, VALUE_ABSENT);
  }
  arena_free(&a);
}

static void finds_keys_whatever_their_length(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  for (size_t len = 1022; len < 1028; len++) {
    char key[1100];
    memset(key, 'k', len);
    key[0] = '~';
    struct value_member member = {value_string(str_make(key, len)), value_int((int64_t)len)};
    struct value object;
    value_object_make(&a, &member, NULL, 1, VALUE_REFUSE, NULL, &object);
    _cleanup_(buf_free) struct buf pointer = {0};
    pointer_add_key(&pointer, str_make(key, len));
    int64_t n = 0;
    assert_true(value_to_int(pointer_get(object, buf_str(&pointer)), &n));
    assert_int_equal(n, len);
    key[len - 1] = 'x';
    buf_clear(&pointer);
    pointer_add_key(&pointer, str_make(key, len - 1));
    assert_int_equal(pointer_get(object, buf_str(&pointer)).type, VALUE_ABSENT);
  }
  arena_free(&a);
}

static void builds_what_it_reads(void **state)
{
  (void)state;
  struct arena a;
  arena_init(&a, 0);
  _cleanup_(buf_free) struct buf pointer = {0};
  pointer_add_key(&pointer, STR("metadata"));
  pointer_add_key(&pointer, STR("example.com/a~b~1"));
  pointer_add_index(&pointer, 12);
  pointer_add_key(&pointer, STR(""));
  assert_str(buf_str(&pointer), "/metadata/example.com~1a~0b~01/12/");
  assert_int_equal(pointer_check(buf_str(&pointer), NULL), 0);
  assert_int_equal(pointer_count(buf_str(&pointer)), 4);
  struct str rest = buf_str(&pointer), token;
  assert_true(pointer_next(&rest, &token));
  assert_str(token, "metadata");
  assert_true(pointer_next(&rest, &token));
  assert_str(token, "example.com~1a~0b~01");
  assert_true(pointer_token_is(token, STR("example.com/a~b~1")));
  assert_false(pointer_token_is(token, STR("example.com/a~b~")));
  assert_false(pointer_token_is(token, STR("example.com/a~b~1x")));
  assert_str(pointer_key(&a, token), "example.com/a~b~1");
  assert_true(pointer_next(&rest, &token));
  assert_true(pointer_next(&rest, &token));
  assert_int_equal(token.len, 0);
  assert_false(pointer_next(&rest, &token));
  _cleanup_(buf_free) struct buf key = {0};
  pointer_unescape(&key, STR("~01~10"));
  assert_str(buf_str(&key), "~1/0");
  arena_free(&a);
}

static void takes_pointers_apart(void **state)
{
  (void)state;
  struct str last;
  assert_str(pointer_parent(STR("/a/b~1c"), &last), "/a");
  assert_str(last, "b~1c");
  assert_str(pointer_parent(STR("/a"), &last), "");
  assert_str(last, "a");
  assert_true(pointer_inside(STR("/a/b"), STR("/a")));
  assert_true(pointer_inside(STR("/a"), STR("")));
  assert_false(pointer_inside(STR("/a"), STR("/a")));
  assert_false(pointer_inside(STR("/ab"), STR("/a")));
  assert_false(pointer_inside(STR("/a"), STR("/a/b")));
  uint32_t i = 7;
  assert_true(pointer_index(STR("0"), &i));
  assert_int_equal(i, 0);
  assert_true(pointer_index(STR("1073741823"), &i));
  assert_false(pointer_index(STR("1073741824"), &i));
  assert_false(pointer_index(STR("00"), &i));
  assert_false(pointer_index(STR(""), &i));
  assert_false(pointer_index(STR("-"), &i));
}

static void refuses_what_is_too_long(void **state)
{
  (void)state;
  struct str text = {memset(mem_alloc(POINTER_LENGTH_MAX + 1), '/', POINTER_LENGTH_MAX + 1),
                     POINTER_LENGTH_MAX + 1};
  struct error err;
  assert_int_equal(pointer_check(str_sub(text, 0, POINTER_LENGTH_MAX), &err), 0);
  assert_int_equal(pointer_check(text, &err), SW_ELIMIT);
  assert_error(err, SW_ELIMIT, "1048577 bytes");
  mem_free((char *)text.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(evaluates_the_examples_of_the_rfc),
      cmocka_unit_test(tells_the_place),
      cmocka_unit_test(says_what_is_missing),
      cmocka_unit_test(finds_keys_whatever_their_length),
      cmocka_unit_test(builds_what_it_reads),
      cmocka_unit_test(takes_pointers_apart),
      cmocka_unit_test(refuses_what_is_too_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
