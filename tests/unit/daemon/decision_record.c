#include "daemon/decision_record.h"
#include "../test.h"

#include "data/json.h"

/* Everything that no test may see in a line. */
#define HIDDEN "hunter2hunter2"
#define ENCODED "aHVudGVyMmh1bnRlcjI=" /* the same in base64 */

struct bench {
  struct arena arena;
  struct buf out;
  struct decision_mask *mask;
};

static struct value parse(struct bench *b, const char *text)
{
  struct value v;
  struct error err;
  if (json_parse(&b->arena, str_from(text), NULL, &v, &err) < 0)
    fail_msg("%s", err.message);
  return v;
}

static void write_record(struct bench *b, const struct decision_record *r)
{
  buf_clear(&b->out);
  decision_record_write(&b->out, b->mask, r);
  assert_true(str_find_byte(buf_str(&b->out), 0, '\n') < 0);
  struct value line = parse(b, buf_text(&b->out));
  assert_true(value_is(line, VALUE_OBJECT));
}

static int make(void **state)
{
  static struct bench b;
  b = (struct bench){0};
  arena_init(&b.arena, 0);
  *state = &b;
  return decision_mask_new(NULL, &b.mask, NULL);
}

static int drop(void **state)
{
  struct bench *b = *state;
  decision_mask_free(b->mask);
  buf_free(&b->out);
  arena_free(&b->arena);
  return 0;
}

#define assert_has(b, text)                                                                        \
  do {                                                                                             \
    if (!strstr(buf_text(&(b)->out), text))                                                        \
      fail_msg("%s lacks %s", buf_text(&(b)->out), text);                                          \
  } while (0)
#define assert_masked(b)                                                                           \
  do {                                                                                             \
    assert_null(strstr(buf_text(&(b)->out), HIDDEN));                                              \
    assert_null(strstr(buf_text(&(b)->out), ENCODED));                                             \
    assert_has(b, "***");                                                                          \
  } while (0)

static void test_plain(void **state)
{
  struct bench *b = *state;
  const struct decision_reason reasons[] = {
      {STR("rules/host-path"), STR("x"), STR("deny"), STR("no host paths"), true}};
  const struct str warnings[] = {STR("w1")};
  write_record(b, &(struct decision_record){.time_ms = 1500,
                                            .id = STR("u-1"),
                                            .kind = STR("Pod"),
                                            .message = STR("denied"),
                                            .reasons = reasons,
                                            .reason_count = 1,
                                            .warnings = warnings,
                                            .warning_count = 1,
                                            .duration_ns = 7});
  assert_str(buf_str(&b->out),
             "{\"time\":\"1970-01-01T00:00:01.500Z\",\"id\":\"u-1\",\"kind\":\"Pod\","
             "\"allowed\":false,\"durationNs\":7,\"message\":\"denied\",\"reasons\":[{\"policy\":"
             "\"rules/host-path\",\"rule\":\"x\",\"action\":\"deny\",\"failed\":true,\"message\":"
             "\"no host paths\"}],\"warnings\":[\"w1\"]}");
}

static void test_secret(void **state)
{
  struct bench *b = *state;
  struct decision_record r = {
      .object =
          parse(b, "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"},\"data\":{\"k\":\"" ENCODED
                   "\"},\"stringData\":{\"p\":\"" HIDDEN "\"}}"),
      .message = STR("the value " HIDDEN " is short, " ENCODED " too"),
  };
  write_record(b, &r);
  assert_masked(b);
  assert_has(b, "\"data\":{\"k\":\"***\"},\"stringData\":{\"p\":\"***\"}");
  assert_has(b, "\"message\":\"the value *** is short, *** too\"");
  r.message = STR_EMPTY;
  r.object = parse(b, "{\"kind\":\"Secret\",\"data\":\"" HIDDEN "\"}");
  write_record(b, &r);
  assert_masked(b);
}

static void test_decoded_values_in_messages(void **state)
{
  struct bench *b = *state;
  const struct str warnings[] = {STR("saw " HIDDEN)};
  write_record(b, &(struct decision_record){
                      .object = parse(b, "{\"kind\":\"Secret\",\"data\":{\"k\":\"" ENCODED "\"}}"),
                      .warnings = warnings,
                      .warning_count = 1});
  assert_masked(b);
  assert_has(b, "saw ***");
}

static void test_longer_secrets_first(void **state)
{
  struct bench *b = *state;
  write_record(
      b, &(struct decision_record){
             .object = parse(
                 b, "{\"kind\":\"Secret\",\"stringData\":{\"a\":\"hunt\",\"b\":\"" HIDDEN "\"}}"),
             .message = STR("x" HIDDEN "y")});
  assert_has(b, "\"message\":\"x***y\"");
}

static void test_lists_and_nested_secrets(void **state)
{
  struct bench *b = *state;
  write_record(
      b, &(struct decision_record){
             .object = parse(b, "{\"kind\":\"SecretList\",\"items\":[{\"data\":{\"k\":\"" ENCODED
                                "\"}}]}")});
  assert_masked(b);
  write_record(
      b, &(struct decision_record){
             .object = parse(b, "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"data\":{"
                                "\"k\":\"" ENCODED "\"}}]}")});
  assert_masked(b);
  /* an object that does not say what it is, in the review of a Secret */
  write_record(b, &(struct decision_record){
                      .kind = STR("Secret"),
                      .old_object = parse(b, "{\"stringData\":{\"k\":\"" HIDDEN "\"}}")});
  assert_masked(b);
}

static void test_env(void **state)
{
  struct bench *b = *state;
  write_record(
      b, &(struct decision_record){
             .object = parse(b, "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"env\":[{\"name\":"
                                "\"db_Password\",\"value\":\"" HIDDEN
                                "\"},{\"name\":\"MODE\",\"value\":\"fast\"}]}]}}"),
             .message = STR("env " HIDDEN)});
  assert_masked(b);
  assert_has(b, "{\"name\":\"MODE\",\"value\":\"fast\"}");
}

static void test_last_applied(void **state)
{
  struct bench *b = *state;
  write_record(
      b, &(struct decision_record){
             .object =
                 parse(b, "{\"kind\":\"Pod\",\"metadata\":{\"annotations\":{\"kubectl.kubernetes."
                          "io/last-applied-configuration\":\"" HIDDEN "\",\"team\":\"a\"}}}")});
  assert_masked(b);
  assert_has(b, "\"team\":\"a\"");
}

static void test_patches(void **state)
{
  static const char *const hidden[] = {
      "[{\"op\":\"add\",\"path\":\"/spec/containers/0/env/-\",\"value\":{\"name\":\"API_KEY\",\"value\":"
      "\"" HIDDEN "\"}}]",
      "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/env/0/value\",\"value\":\"" HIDDEN "\"}]",
      "[{\"op\":\"add\",\"path\":\"/spec/containers/0/env\",\"value\":[{\"name\":\"TOKEN\",\"value\":"
      "\"" HIDDEN "\"}]}]",
      "[{\"op\":\"add\",\"path\":\"/metadata/annotations/kubectl.kubernetes.io~1last-applied-"
      "configuration\",\"value\":\"" HIDDEN "\"}]",
      "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"kubectl.kubernetes.io/last-"
      "applied-configuration\":\"" HIDDEN "\"}}]",
  };
  struct bench *b = *state;
  for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
    write_record(b, &(struct decision_record){.patch = parse(b, hidden[i])});
    assert_masked(b);
  }
  write_record(b, &(struct decision_record){
                      .kind = STR("Secret"),
                      .patch = parse(b, "[{\"op\":\"add\",\"path\":\"/data/k\",\"value\":\"" ENCODED
                                        "\"}]")});
  assert_masked(b);
  write_record(
      b, &(struct decision_record){
             .patch = parse(b, "[{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":[1,\"y\"]}]")});
  assert_has(b, "\"patch\":[{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":[1,\"y\"]}]");
}

static void test_pointers(void **state)
{
  struct bench *b = *state;
  struct decision_mask *mask;
  const struct str pointers[] = {STR("/object/spec/*/to~1ken"), STR("/user"),
                                 STR("/reasons/0/message")};
  const struct str none = {0};
  assert_int_equal(decision_mask_new(&(struct decision_mask_options){.env_patterns = &none,
                                                                     .pointers = pointers,
                                                                     .pointer_count = 3},
                                     &mask, NULL),
                   0);
  decision_mask_free(b->mask);
  b->mask = mask;
  const struct decision_reason reasons[] = {{.message = STR("first")}, {.message = STR("second")}};
  write_record(b, &(struct decision_record){
                      .user = STR("alice"),
                      .object = parse(
                          b, "{\"spec\":{\"a\":{\"to/ken\":{\"deep\":[\"" HIDDEN
                             "\"]},\"b\":1},\"env\":[{\"name\":\"TOKEN\",\"value\":\"shown\"}]}}"),
                      .message = STR("has " HIDDEN),
                      .reasons = reasons,
                      .reason_count = 2});
  assert_masked(b);
  assert_has(b, "\"user\":\"***\"");
  assert_has(b, "{\"to/ken\":\"***\",\"b\":1}");
  assert_has(b, "\"shown\""); /* no patterns: no variable is masked */
  assert_has(b, "[{\"message\":\"***\"},{\"message\":\"second\"}]");
}

static void test_deep_values_end(void **state)
{
  struct bench *b = *state;
  struct value v = value_from(HIDDEN);
  for (int i = 0; i < 3 * DECISION_DEPTH_MAX; i++)
    v = value_array_make(&b->arena, &v, NULL, 1);
  buf_clear(&b->out);
  decision_record_write(&b->out, b->mask, &(struct decision_record){.object = v});
  assert_masked(b);
}

static void test_many_secrets_mask_messages(void **state)
{
  struct bench *b = *state;
  _cleanup_(buf_free) struct buf text = {0};
  buf_add_text(&text, "{\"kind\":\"Secret\",\"stringData\":{");
  for (int i = 0; i <= DECISION_QUOTED_MAX; i++)
    buf_printf(&text, "%s\"k%d\":\"value-%d\"", i ? "," : "", i, i);
  buf_add_text(&text, "}}");
  write_record(b, &(struct decision_record){.object = parse(b, buf_text(&text)),
                                            .message = STR("value-1000")});
  assert_has(b, "\"message\":\"***\"");
}

static void test_refuses(void **state)
{
  struct decision_mask *mask;
  struct error err;
  const struct str wrong[] = {STR("object/spec")}, empty[] = {STR("")};
  (void)state;
  assert_int_equal(
      decision_mask_new(&(struct decision_mask_options){.pointers = wrong, .pointer_count = 1},
                        &mask, &err),
      SW_EINVAL);
  assert_error(err, SW_EINVAL, "object/spec");
  assert_int_equal(
      decision_mask_new(&(struct decision_mask_options){.pointers = empty, .pointer_count = 1},
                        &mask, &err),
      SW_EINVAL);
  assert_int_equal(
      decision_mask_new(&(struct decision_mask_options){.pointers = wrong, .pointer_count = 65},
                        &mask, &err),
      SW_ELIMIT);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, make, drop)
  const struct CMUnitTest tests[] = {
      CASE(test_plain),
      CASE(test_secret),
      CASE(test_decoded_values_in_messages),
      CASE(test_longer_secrets_first),
      CASE(test_lists_and_nested_secrets),
      CASE(test_env),
      CASE(test_last_applied),
      CASE(test_patches),
      CASE(test_pointers),
      CASE(test_deep_values_end),
      CASE(test_many_secrets_mask_messages),
      CASE(test_refuses),
  };
  return cmocka_run_group_tests_name("decision_record", tests, NULL, NULL);
}
