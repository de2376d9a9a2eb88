#include "../test.h"

#include "scan/secret/database.h"

#include <hs/hs.h>

static struct secret_rule rule_of(const char *id, const char *pattern)
{
  return (struct secret_rule){.rule.id = str_from(id), .pattern = str_from(pattern)};
}

struct seen {
  unsigned rules[8];
  unsigned long long ends[8];
  size_t count;
};

static int see(unsigned rule, unsigned long long from, unsigned long long to, unsigned flags,
               void *context)
{
  (void)from, (void)flags;
  struct seen *seen = context;
  if (seen->count < 8) {
    seen->rules[seen->count] = rule;
    seen->ends[seen->count++] = to;
  }
  return 0;
}

static struct seen scan(const struct secret_database *d, const char *text)
{
  struct seen seen = {0};
  hs_scratch_t *scratch = NULL;
  assert_int_equal(hs_alloc_scratch(secret_database_hs(d), &scratch), HS_SUCCESS);
  assert_int_equal(
      hs_scan(secret_database_hs(d), text, (unsigned)strlen(text), 0, scratch, see, &seen),
      HS_SUCCESS);
  hs_free_scratch(scratch);
  return seen;
}

static void finds_ends_of_matches(void **state)
{
  (void)state;
  struct secret_rule rules[] = {rule_of("a", "key-\\d{4}"), rule_of("path only", ""),
                                rule_of("b", "(?i)b(e+)z")};
  struct secret_database *d;
  struct error err;
  assert_int_equal(secret_database_compile(rules, 3, SECRET_DATABASE_HERE, &d, &err), 0);
  struct seen seen = scan(d, "x key-1234 BEEZ");
  assert_int_equal(seen.count, 2);
  assert_int_equal(seen.rules[0], 0);
  assert_int_equal(seen.ends[0], 10);
  assert_int_equal(seen.rules[1], 2);
  assert_int_equal(seen.ends[1], 15);
  assert_int_equal(secret_database_reach(d, 0, 1000), 8);
  assert_int_equal(secret_database_reach(d, 2, 1000), 1000);
  assert_int_equal(secret_database_reach(d, 0, 5), 5);
  secret_database_free(d);
}

static void a_set_without_patterns_has_no_database(void **state)
{
  (void)state;
  struct secret_rule rules[] = {rule_of("path only", "")};
  struct secret_database *d, *back;
  struct error err;
  struct buf bytes = {0};
  assert_int_equal(secret_database_compile(rules, 1, SECRET_DATABASE_HERE, &d, &err), 0);
  assert_null(secret_database_hs(d));
  secret_database_save(d, &bytes);
  assert_int_equal(secret_database_restore(buf_str(&bytes), 1, &back, &err), 0);
  assert_null(secret_database_hs(back));
  secret_database_free(back);
  secret_database_free(d);
  buf_free(&bytes);
}

static void comes_back_from_bytes(void **state)
{
  (void)state;
  struct secret_rule rules[] = {rule_of("a", "key-\\d{4}"), rule_of("b", "be+z")};
  struct error err;
  static const enum secret_database_target targets[] = {SECRET_DATABASE_HERE,
                                                        SECRET_DATABASE_PORTABLE};
  for (size_t i = 0; i < 2; i++) {
    struct secret_database *d, *back;
    struct buf bytes = {0};
    assert_int_equal(secret_database_compile(rules, 2, targets[i], &d, &err), 0);
    secret_database_save(d, &bytes);
    assert_int_equal(secret_database_restore(buf_str(&bytes), 2, &back, &err), 0);
    assert_int_equal(scan(back, "key-1234").count, 1);
    assert_int_equal(secret_database_reach(back, 0, 1000), 8);
    secret_database_free(back);
    assert_int_equal(secret_database_restore(str_sub(buf_str(&bytes), 0, 5), 2, &back, &err),
                     SW_EINVAL);
    assert_int_equal(secret_database_restore(str_sub(buf_str(&bytes), 0, 40), 2, &back, &err),
                     SW_EUNSUPPORTED);
    secret_database_free(d);
    buf_free(&bytes);
  }
}

static void keywords_stand_in(void **state)
{
  (void)state;
  const struct str keywords[] = {STR("a.b"), STR("Two")};
  struct secret_rule rules[] = {rule_of("a", "x*"), rule_of("b", "(\\d+)y\\1")};
  struct secret_database *d;
  struct error err;
  rules[0].keywords = rules[1].keywords = keywords;
  rules[0].keyword_count = 1;
  rules[1].keyword_count = 2;
  assert_int_equal(secret_database_compile(rules, 1, SECRET_DATABASE_HERE, &d, &err), 0);
  assert_int_equal(scan(d, "xxxx a-b").count, 0);
  assert_int_equal(scan(d, "A.B").count, 1);
  assert_int_equal(secret_database_reach(d, 0, 1000), 1000);
  secret_database_free(d);
  assert_int_equal(secret_database_compile(rules, 2, SECRET_DATABASE_HERE, &d, &err), 0);
  secret_database_free(d);
  rules[0].keyword_count = 0;
  assert_int_equal(secret_database_compile(rules, 2, SECRET_DATABASE_HERE, &d, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "rule \"a\"");
  rules[0].keyword_count = 1;
  rules[0].keywords = &STR_EMPTY;
  assert_int_equal(secret_database_compile(rules, 1, SECRET_DATABASE_HERE, &d, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "empty keyword");
}

/* One that Vectorscan finds too large only when it makes the automaton. */
static void a_pattern_that_is_too_large_is_replaced(void **state)
{
  (void)state;
  const struct str keyword = STR("needle");
  struct secret_rule rules[] = {rule_of("a", "key-\\d{4}"),
                                rule_of("b", "needle([a-z]{1,200}[0-9]{1,200}){20}z")};
  struct secret_database *d;
  struct error err;
  rules[1].keywords = &keyword;
  rules[1].keyword_count = 1;
  assert_int_equal(secret_database_compile(rules, 2, SECRET_DATABASE_HERE, &d, &err), 0);
  assert_true(scan(d, "key-1234").count == 1);
  assert_true(scan(d, "needlea0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0z").count >= 1);
  assert_int_equal(secret_database_reach(d, 1, 1000), 1000);
  secret_database_free(d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_ends_of_matches),
      cmocka_unit_test(a_set_without_patterns_has_no_database),
      cmocka_unit_test(comes_back_from_bytes),
      cmocka_unit_test(keywords_stand_in),
      cmocka_unit_test(a_pattern_that_is_too_large_is_replaced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
