#include "base/suggestion.h"
#include "../test.h"

static const char *best_of(const char *word, const char *const *candidates)
{
  struct suggestion s = {.word = str_from(word)};
  for (; *candidates; candidates++)
    suggestion_consider(&s, *candidates);
  return s.best;
}

static void test_closest(void **state)
{
  (void)state;
  const char *const words[] = {"listen", "limits", "log", "policies", NULL};
  assert_string_equal(best_of("lisen", words), "listen");
  assert_string_equal(best_of("polices", words), "policies");
  assert_string_equal(best_of("lgo", words), "log");
}

static void test_beginning(void **state)
{
  (void)state;
  const char *const words[] = {"decisionLog", "deny", NULL};
  assert_string_equal(best_of("decision", words), "decisionLog");
  assert_null(best_of("dx", words));
}

static void test_too_far(void **state)
{
  (void)state;
  const char *const words[] = {"listen", "log", NULL};
  assert_null(best_of("certificate", words));
  assert_null(best_of("", (const char *const[]){"listen", NULL}));
  assert_null(best_of("abcd", (const char *const[]){"abxy", NULL}));
  assert_string_equal(best_of("abcde", (const char *const[]){"abcxy", NULL}), "abcxy");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_closest),
      cmocka_unit_test(test_beginning),
      cmocka_unit_test(test_too_far),
  };
  return cmocka_run_group_tests_name("suggestion", tests, NULL, NULL);
}
