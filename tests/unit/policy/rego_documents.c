#include "../test.h"

#include "../base/scratch.h"

#include "base/clock.h"
#include "data/json.h"
#include "data/json_write.h"
#include "policy/rego_documents.h"

#include <pthread.h>

static struct scratch scratch;

static struct {
  struct rego_documents_options options;
  struct rego_documents *documents;
  struct rego_documents_worker *worker;
  struct admission_problems problems;
  struct arena arena;
  const char *input;
  bool strict;
  int64_t deadline_ns;
} t;

static int set_up(void **state)
{
  (void)state;
  scratch_open(&scratch);
  scratch_dir("p");
  memset(&t, 0, sizeof t);
  arena_init(&t.arena, 0);
  static const char *const paths[] = {"p"};
  t.options.paths = paths;
  t.options.path_count = 1;
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rego_documents_worker_free(t.worker);
  rego_documents_drop(t.documents);
  admission_problems_free(&t.problems);
  arena_free(&t.arena);
  scratch_close(&scratch);
  return 0;
}

static void load(void)
{
  struct error err;
  if (rego_documents_load(&t.options, &t.documents, &t.problems, &err) < 0)
    fail_msg("%s", err.message);
  t.worker = rego_documents_worker_new(t.documents);
}

static struct value value_of(const char *json)
{
  struct value v;
  assert_int_equal(json_parse(&t.arena, str_from(json), NULL, &v, NULL), 0);
  return v;
}

/* path: a JSON array of keys. */
static int ask(const char *path, struct value *ret, struct error *err)
{
  struct value keys = value_of(path);
  struct rego_documents_question question = {
      .path = keys.items,
      .count = keys.len,
      .strict_errors = t.strict,
      .deadline_ns = t.deadline_ns,
  };
  rego_documents_begin(t.worker);
  struct json_options options = {.symbols = rego_documents_symbols(t.documents)};
  if (t.input)
    assert_int_equal(json_parse(rego_documents_arena(t.worker), str_from(t.input), &options,
                                &question.input, NULL),
                     0);
  return rego_documents_ask(t.worker, &question, ret, err);
}

/* wanted "": undefined. */
static void expect(const char *path, const char *wanted)
{
  _cleanup_(buf_free) struct buf text = {0};
  struct value v;
  struct error err;
  if (ask(path, &v, &err) < 0)
    fail_msg("%s: %s", path, err.message);
  if (!value_is(v, VALUE_ABSENT))
    json_write(&text, v, 0);
  if (!str_eq(buf_str(&text), str_from(wanted)))
    fail_msg("%s: is %s, expected %s", path, buf_text(&text), wanted);
}

/* ---- paths */

static void test_rules_and_packages(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package shop.orders\n"
                           "default allow := false\n"
                           "allow if input.user == \"ann\"\n"
                           "deny contains m if { some m in input.bad }\n"
                           "limits := {\"eu\": [1, 2, {\"x\": null}]}\n"
                           "never if false\n"
                           "off := false\n"
                           "double(x) := x * 2\n"
                           "helper.twice(x) := x * 2\n");
  scratch_file("p/b.rego",
               "package shop.stock\ncount_of[name] := n if some name, n in input.stock\n");
  load();
  t.input = "{\"user\": \"ann\", \"bad\": [\"b\", \"a\", \"b\"], \"stock\": {\"pen\": 3}}";
  expect("[\"shop\",\"orders\",\"allow\"]", "true");
  expect("[\"shop\",\"orders\",\"deny\"]", "[\"a\",\"b\"]");
  expect("[\"shop\",\"orders\",\"deny\",\"a\"]", "\"a\"");
  expect("[\"shop\",\"orders\",\"deny\",\"c\"]", "");
  expect("[\"shop\",\"orders\",\"deny\",0]", "");
  expect("[\"shop\",\"orders\",\"limits\",\"eu\",2,\"x\"]", "null");
  expect("[\"shop\",\"orders\",\"limits\",\"eu\",3]", "");
  expect("[\"shop\",\"orders\",\"limits\",\"eu\",-1]", "");
  expect("[\"shop\",\"orders\",\"limits\",\"eu\",\"0\"]", "");
  expect("[\"shop\",\"orders\",\"limits\",\"eu\",0,\"deeper\"]", "");
  expect("[\"shop\",\"orders\",\"never\"]", "");
  expect("[\"shop\",\"orders\",\"never\",\"x\"]", "");
  expect("[\"shop\",\"orders\",\"off\"]", "false");
  expect("[\"shop\",\"orders\",\"double\"]", "");
  expect("[\"shop\",\"orders\",\"helper\"]", "{}");
  expect("[\"shop\",\"orders\",\"helper\",\"twice\"]", "");
  expect("[\"shop\",\"stock\"]", "{\"count_of\":{\"pen\":3}}");
  expect("[\"shop\",\"stock\",\"count_of\",\"pen\"]", "3");
  expect("[\"shop\",\"nothing\"]", "");
  expect("[\"elsewhere\",\"nothing\"]", "");
  t.input = NULL;
  expect("[\"shop\",\"orders\",\"allow\"]", "false");
  expect("[\"shop\",\"stock\"]", "{\"count_of\":{}}");
  expect(
      "[\"shop\"]",
      "{\"orders\":{\"allow\":false,\"deny\":[],\"helper\":{},\"limits\":{\"eu\":[1,2,{\"x\":null}]},"
      "\"off\":false},\"stock\":{\"count_of\":{}}}");
}

static void test_refs_of_rules(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\n"
                           "r.s.t := 1\n"
                           "r.s[x].u := 2 if some x in [\"one\", \"two\"]\n"
                           "r.s.two.v := 3\n"
                           "n[0].a := 4\n"
                           "n[1].a := 5\n"
                           "q[\"odd \\\"name\\\"\"] := 6\n");
  scratch_file("p/b.rego", "package a.r.z[\"x-y\"]\np := 7\n");
  load();
  expect("[\"a\",\"r\",\"s\",\"t\"]", "1");
  expect("[\"a\",\"r\",\"s\",\"one\",\"u\"]", "2");
  expect("[\"a\",\"r\",\"s\",\"two\",\"u\"]", "2");
  expect("[\"a\",\"r\",\"s\",\"two\",\"v\"]", "3");
  expect("[\"a\",\"r\",\"s\",\"two\",\"w\"]", "");
  expect("[\"a\",\"n\",1,\"a\"]", "5");
  expect("[\"a\",\"n\",\"1\",\"a\"]", "");
  expect("[\"a\",\"q\",\"odd \\\"name\\\"\"]", "6");
  expect("[\"a\",\"r\",\"z\",\"x-y\",\"p\"]", "7");
  expect("[\"a\",\"r\",\"z\"]", "{\"x-y\":{\"p\":7}}");
}

static void test_base_documents(void **state)
{
  (void)state;
  scratch_file("p/data.json",
               "{\"a\": {\"list\": [{\"k\": true}, 5], \"7\": \"seven\", \"no\": null}, \"b\": 2}");
  scratch_dir("p/shop");
  scratch_file("p/shop/data.yaml", "rate: 0.5\n");
  scratch_file("p/template.yaml", "kind: ConstraintTemplate\n---\nkind: Other\n");
  scratch_file("p/a.rego", "package shop\nprice := 10\nhalf := data.shop.rate\n");
  load();
  expect("[\"a\",\"list\",0,\"k\"]", "true");
  assert_int_equal(rego_documents_steps(t.worker), 0);
  expect("[\"a\",\"list\",\"0\"]", "");
  expect("[\"a\",\"7\"]", "\"seven\"");
  expect("[\"a\",7]", "\"seven\"");
  expect("[\"a\",\"no\"]", "null");
  expect("[\"a\",\"no\",\"x\"]", "");
  expect("[\"shop\",\"rate\"]", "0.5");
  expect("[\"shop\",\"half\"]", "0.5");
  expect("[\"shop\"]", "{\"half\":0.5,\"price\":10,\"rate\":0.5}");
  expect("[\"shop\",\"kind\"]", "");
}

static void test_nothing_loaded(void **state)
{
  (void)state;
  load();
  expect("[]", "{}");
  expect("[\"a\"]", "");
  assert_int_equal(rego_documents_entry_count(t.documents), 0);
}

static void test_v0(void **state)
{
  (void)state;
  scratch_file(
      "p/a.rego",
      "package a\nviolation[{\"msg\": m}] { m := input.m }\nlist[x] = y { y := input[x] }\n");
  t.options.rego_v0 = true;
  load();
  t.input = "{\"m\": \"no\"}";
  expect("[\"a\",\"violation\"]", "[{\"msg\":\"no\"}]");
  expect("[\"a\",\"list\",\"m\"]", "\"no\"");
}

static void test_has_rules(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\np := 1 if false\n");
  load();
  struct value keys = value_of("[\"a\",\"p\",\"x\"]");
  assert_true(rego_documents_has_rules(t.documents, keys.items, 3));
  assert_true(rego_documents_has_rules(t.documents, keys.items, 2));
  assert_false(rego_documents_has_rules(t.documents, keys.items, 1));
  keys = value_of("[\"a\",\"q\"]");
  assert_false(rego_documents_has_rules(t.documents, keys.items, 2));
}

/* ---- what it costs */

static void test_asks_for_what_is_needed_only(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "package a\nsmall := 1\nconflict := x if some x in [1, 2]\n"
                      "big := count([1 | some i in numbers.range(1, 100000); i > 0])\n");
  scratch_file("p/a.rego", buf_text(&text));
  load();
  expect("[\"a\",\"small\"]", "1");
  uint64_t small = rego_documents_steps(t.worker);
  assert_true(small > 0 && small < 100);
  expect("[\"a\",\"big\"]", "100000");
  assert_true(rego_documents_steps(t.worker) > 100000);

  struct value v;
  struct error err;
  assert_int_equal(ask("[\"a\"]", &v, &err), SW_EINVAL);
  assert_string_equal(rego_documents_failure(t.worker)->code, "eval_conflict_error");
}

static void test_cost_does_not_grow_with_what_is_loaded(void **state)
{
  (void)state;
  for (int i = 0; i < 300; i++) {
    char path[64], text[256];
    snprintf(path, sizeof path, "p/m%d.rego", i);
    snprintf(text, sizeof text, "package many.p%d\nallow if input.n == %d\nvalue := %d\n", i, i, i);
    scratch_file(path, text);
  }
  load();
  assert_int_equal(rego_documents_entry_count(t.documents), 2 + 300 * 3);
  t.input = "{\"n\": 299}";
  expect("[\"many\",\"p299\",\"allow\"]", "true");
  assert_true(rego_documents_steps(t.worker) < 100);
  expect("[\"many\",\"p0\"]", "{\"value\":0}");
  assert_true(rego_documents_steps(t.worker) < 100);
}

static void test_budgets(void **state)
{
  (void)state;
  scratch_file(
      "p/a.rego",
      "package a\n"
      "n := numbers.range(1, 3000)\n"
      "loops if { some i in n; some k in n; some l in n; i + k + l == 0 }\n"
      "grows := [[i, k] | some i in numbers.range(1, 3000); some k in numbers.range(1, 3000)]\n"
      "fine := 1\n");
  t.options.steps = 100000;
  load();
  struct value v;
  struct error err;
  assert_int_equal(ask("[\"a\",\"loops\"]", &v, &err), SW_ELIMIT);
  assert_non_null(rego_documents_failure(t.worker));
  expect("[\"a\",\"fine\"]", "1");

  rego_documents_worker_free(t.worker);
  rego_documents_drop(t.documents);
  t.options.steps = UINT64_C(1) << 40;
  t.options.memory = 1 << 20;
  load();
  assert_int_equal(ask("[\"a\",\"grows\"]", &v, &err), SW_ELIMIT);

  rego_documents_worker_free(t.worker);
  rego_documents_drop(t.documents);
  t.options.memory = 0;
  load();
  t.deadline_ns = (int64_t)clock_monotonic_ns(clock_system()) + 20000000;
  assert_int_equal(ask("[\"a\",\"loops\"]", &v, &err), SW_ELIMIT);
  assert_true((int64_t)clock_monotonic_ns(clock_system()) >= t.deadline_ns);
  t.deadline_ns = 0;
  expect("[\"a\",\"fine\"]", "1");
}

static void test_long_paths(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf module = {0}, path = {0};
  buf_add_text(&module, "package a");
  for (int i = 0; i < 150; i++)
    buf_printf(&module, ".n%d", i);
  buf_add_text(&module, "\np := 1\n");
  scratch_file("p/a.rego", buf_text(&module));
  load();
  assert_int_equal(rego_documents_entry_count(t.documents), 1 + REGO_DOCUMENTS_DEPTH_MAX);
  buf_add_text(&path, "[\"a\"");
  for (int i = 0; i < 150; i++)
    buf_printf(&path, ",\"n%d\"", i);
  buf_add_text(&path, ",\"p\"]");
  expect(buf_text(&path), "1");

  struct value v;
  struct error err;
  buf_clear(&path);
  buf_add_text(&path, "[\"a\"");
  for (int i = 0; i < REGO_DOCUMENTS_KEYS_MAX; i++)
    buf_add_text(&path, ",1");
  buf_add_text(&path, "]");
  assert_int_equal(ask(buf_text(&path), &v, &err), SW_ELIMIT);
  assert_null(rego_documents_failure(t.worker));
}

/* ---- failing */

static void test_failures(void **state)
{
  (void)state;
  scratch_file(
      "p/a.rego",
      "package a\np := 1 / input.x\nq := http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1\"})\n"
      "c := x if some x in [1, 2]\n");
  load();
  t.input = "{\"x\": 0}";
  expect("[\"a\",\"p\"]", "");
  t.strict = true;
  struct value v;
  struct error err;
  assert_int_equal(ask("[\"a\",\"p\"]", &v, &err), SW_EINVAL);
  assert_string_equal(rego_documents_failure(t.worker)->code, "eval_builtin_error");
  assert_int_equal(rego_documents_failure(t.worker)->place.line, 2);
  assert_int_equal(ask("[\"a\",\"q\"]", &v, &err), SW_EINVAL);
  t.strict = false;
  assert_int_equal(ask("[\"a\",\"c\"]", &v, &err), SW_EINVAL);
  assert_str(rego_documents_failure(t.worker)->file, "p/a.rego");
  expect("[\"a\",\"b\"]", "");
  assert_null(rego_documents_failure(t.worker));
}

static void test_problems(void **state)
{
  (void)state;
  struct error err;
  scratch_file("p/a.rego", "package a\np :=\n");
  scratch_file("p/b.rego", "package b\nq := \n");
  assert_int_equal(rego_documents_load(&t.options, &t.documents, &t.problems, &err), SW_EINVAL);
  assert_int_equal(t.problems.count, 2);
  assert_non_null(strstr(err.message, "p/a.rego"));
  admission_problems_free(&t.problems);

  scratch_file("p/a.rego", "package a\np := unknown\n");
  scratch_file("p/b.rego", "package b\nq := also_unknown\n");
  assert_int_equal(rego_documents_load(&t.options, &t.documents, &t.problems, &err), SW_EINVAL);
  assert_int_equal(t.problems.count, 2);
  assert_non_null(strstr(t.problems.items[0].text, "unknown is unsafe"));
  admission_problems_free(&t.problems);

  scratch_file("p/b.rego", "package b\nq := 1\n");
  scratch_file("p/a.rego", "package a\np := 1\n");
  scratch_file("p/data.json", "{\"a\": {\"p\": 2}}");
  assert_int_equal(rego_documents_load(&t.options, &t.documents, NULL, &err), SW_EINVAL);
  assert_non_null(strstr(err.message, "conflict"));
  assert_null(t.documents);
}

/* ---- sharing */

static void *ask_often(void *unused)
{
  (void)unused;
  struct rego_documents_worker *w = rego_documents_worker_new(t.documents);
  const struct value path[] = {value_from("a"), value_from("p")};
  uintptr_t wrong = 0;
  for (int i = 0; i < 2000; i++) {
    struct value v;
    rego_documents_begin(w);
    struct rego_documents_question q = {.path = path, .count = 2, .input = value_int(i)};
    wrong += rego_documents_ask(w, &q, &v, NULL) < 0 || v.integer != i + 1;
  }
  rego_documents_worker_free(w);
  return (void *)wrong;
}

static void test_threads_share_documents(void **state)
{
  (void)state;
  scratch_file("p/a.rego", "package a\np := input + 1\n");
  load();
  pthread_t threads[4];
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
  for (int i = 0; i < 4; i++) {
    void *wrong;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
  /* a worker holds what it was made of */
  struct rego_documents *second = rego_documents_hold(t.documents);
  rego_documents_drop(t.documents);
  rego_documents_drop(second);
  t.documents = NULL;
  const struct value path[] = {value_from("a"), value_from("p")};
  struct rego_documents_question q = {.path = path, .count = 2, .input = value_int(1)};
  struct value v;
  rego_documents_begin(t.worker);
  assert_int_equal(rego_documents_ask(t.worker, &q, &v, NULL), 0);
  assert_int_equal(v.integer, 2);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(test_rules_and_packages),
      TEST(test_refs_of_rules),
      TEST(test_base_documents),
      TEST(test_nothing_loaded),
      TEST(test_v0),
      TEST(test_has_rules),
      TEST(test_asks_for_what_is_needed_only),
      TEST(test_cost_does_not_grow_with_what_is_loaded),
      TEST(test_budgets),
      TEST(test_long_paths),
      TEST(test_failures),
      TEST(test_problems),
      TEST(test_threads_share_documents),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
