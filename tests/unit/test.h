/*
 * test.h - what every unit test includes first: cmocka and a few checks that
 * speak of struct str.
 */
#ifndef SEAWALL_TESTS_UNIT_TEST_H
#define SEAWALL_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define assert_str(actual, expected)                                                               \
  test_assert_str((actual), str_from(expected), #actual, __FILE__, __LINE__)

static inline void test_assert_str(struct str actual, struct str expected, const char *what,
                                   const char *file, int line)
{
  if (str_eq(actual, expected))
    return;
  print_error("%s:\n  is       \"%.*s\"\n  expected \"%.*s\"\n", what, STR_FMT(actual),
              STR_FMT(expected));
  _fail(file, line);
}

/* The message of an error contains a text. */
#define assert_error(err, code_expected, text)                                                     \
  do {                                                                                             \
    assert_int_equal((err).code, (code_expected));                                                 \
    if (!strstr((err).message, (text))) {                                                          \
      print_error("message \"%s\" lacks \"%s\"\n", (err).message, (text));                         \
      fail();                                                                                      \
    }                                                                                              \
  } while (0)

#endif
