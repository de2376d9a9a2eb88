/* Gem::Requirement: comparisons with commas between, all of which must hold. */
#include "scan/version_requirement_int.h"

#include <stdio.h>

enum { NUMBER_MAX_DIGITS = 18 };

/* The numbers before the first word: how many, and where the last two begin and end. */
struct numbers {
  size_t count, last_begin, last_end, previous_begin, previous_end;
};

static struct numbers find_numbers(struct str version)
{
  struct numbers n = {0};
  for (size_t at = 0; at < version.len && version_is_digit(version.data[at]);) {
    n.previous_begin = n.last_begin;
    n.previous_end = n.last_end;
    n.last_begin = at;
    while (at < version.len && version_is_digit(version.data[at]))
      at++;
    n.last_end = at;
    n.count++;
    if (at == version.len || version.data[at++] != '.')
      break;
  }
  return n;
}

/*
 * "~> 1.2.3" is ">= 1.2.3" and a release before 1.3: the number before the last is the one to stay below.
 * Pre-releases of 1.3 are not before it; "1.3.A" is the lowest of them.
 */
static int add_below_bump(struct version_reading *r, struct str version)
{
  char text[VERSION_LENGTH_MAX + 64];
  unsigned long long number;
  struct numbers n = find_numbers(version);
  size_t begin = n.count > 1 ? n.previous_begin : n.last_begin;
  size_t end = n.count > 1 ? n.previous_end : n.last_end;
  struct str digits = version_strip_zeros(str_sub(version, begin, end - begin));
  if (digits.len > NUMBER_MAX_DIGITS || version.len > VERSION_LENGTH_MAX)
    return error_set(r->err, SW_ELIMIT, "a number behind \"~>\" is too long");
  if (!str_to_u64(digits, UINT64_MAX, &number))
    number = 0;
  int len =
      snprintf(text, sizeof text, "%.*s%llu.A", STR_FMT(str_sub(version, 0, begin)), number + 1);
  return version_bound_add(r, BOUND_LT, str_make(text, (size_t)len));
}

static int read_one(struct version_reading *r, struct str one)
{
  bool pessimistic = str_starts(one, STR("~>"));
  enum version_bound_kind kind = BOUND_GE;
  if (pessimistic)
    one = str_sub(one, 2, one.len);
  else if (str_starts(one, STR("==")))
    return version_requirement_fail(r, "\"==\" is no sign of it");
  else
    kind = version_take_sign(&one);
  one = str_trim(one);
  if (one.len == 0)
    return version_requirement_fail(r, "a version is missing");
  int result = version_bound_add(r, kind, one);
  return result == 0 && pessimistic ? add_below_bump(r, one) : result;
}

int version_requirement_read_gem(struct version_reading *r)
{
  for (struct str rest = r->text; rest.data;) {
    int result = read_one(r, str_trim(str_cut(rest, ',', &rest)));
    if (result < 0)
      return result;
  }
  return 0;
}
