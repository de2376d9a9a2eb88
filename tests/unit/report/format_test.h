/*
 * format_test.h - what the test of every report format begins with: a list of findings, options, and
 * a sink into memory, made anew for each test.
 */
#ifndef SEAWALL_TESTS_UNIT_REPORT_FORMAT_TEST_H
#define SEAWALL_TESTS_UNIT_REPORT_FORMAT_TEST_H

#include "../test.h"

#include "package_sample.h"
#include "sample.h"

static struct arena arena;
static struct finding_list list;
static struct report_options options;
static struct sink out;

static int setup(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  finding_list_init(&list, &arena);
  options = sample_options();
  out = (struct sink){.fd = -1};
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  sink_free(&out);
  arena_free(&arena);
  return 0;
}

/* What has been written contains a text, or does not. */
static inline void assert_has(const char *text)
{
  if (str_find(buf_str(&out.buf), 0, str_from(text)) >= 0)
    return;
  print_error("lacks \"%s\":\n%.*s\n", text, STR_FMT(buf_str(&out.buf)));
  fail();
}

static inline void assert_lacks(const char *text)
{
  if (str_find(buf_str(&out.buf), 0, str_from(text)) < 0)
    return;
  print_error("has \"%s\":\n%.*s\n", text, STR_FMT(buf_str(&out.buf)));
  fail();
}

#endif
