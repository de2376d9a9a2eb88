/* Ranges of node-semver: alternatives between "||", each a hyphen range or comparators side by side. */
#include "scan/version_requirement_int.h"

#include <stdio.h>

static const uint64_t number_max = (UINT64_C(1) << 53) - 1;

enum sign { NO_SIGN, LT, LE, GT, GE, EQ, TILDE, CARET };

/* "1", "1.x", "1.2.3-rc.1": numbers from the left, the first that is absent or an x makes the rest so. */
struct partial {
  unsigned numbers;      /* 0 to 3 */
  uint64_t number[3];    /* 0 where absent */
  struct str prerelease; /* of a complete one */
  bool build, loose;     /* it has build metadata; more stands in front of it than a "v" */
};

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_spaces(struct str *rest)
{
  while (rest->len && is_space(rest->data[0]))
    *rest = str_sub(*rest, 1, rest->len);
}

static bool is_identifier(char c)
{
  return version_is_alnum(c) || c == '-' || c == '.';
}

static struct str take_identifiers(struct str *rest)
{
  size_t len = 0;
  while (len < rest->len && is_identifier(rest->data[len]))
    len++;
  struct str text = str_sub(*rest, 0, len);
  *rest = str_sub(*rest, len, rest->len);
  return text;
}

/* False: neither a number nor an x. */
static bool take_number(struct str *rest, bool *ret_x, uint64_t *ret_number)
{
  unsigned long long number = 0;
  *ret_x = version_take_byte(rest, "xX*");
  if (*ret_x)
    return true;
  struct str digits = version_take_digits(rest);
  bool good = digits.len && (digits.len == 1 || digits.data[0] != '0') &&
              str_to_u64(digits, number_max, &number);
  *ret_number = number;
  return good;
}

/* Leading "v", "=" and spaces, then the numbers, and behind three of them pre-release and build. */
static bool take_partial(struct str *rest, struct partial *ret)
{
  *ret = (struct partial){.prerelease = STR_EMPTY};
  bool x = false, any_x = false;
  unsigned written = 0;
  version_take_byte(rest, "v");
  while (rest->len && (is_space(rest->data[0]) || rest->data[0] == '=' || rest->data[0] == 'v')) {
    ret->loose = true;
    *rest = str_sub(*rest, 1, rest->len);
  }
  do {
    uint64_t number = 0;
    if (!take_number(rest, &x, &number))
      return false;
    any_x = any_x || x;
    if (!any_x)
      ret->number[ret->numbers++] = number;
  } while (++written < 3 && version_take_byte(rest, "."));
  if (written == 3 && version_take_byte(rest, "-"))
    ret->prerelease = take_identifiers(rest);
  if (written == 3 && version_take_byte(rest, "+")) {
    ret->build = true;
    take_identifiers(rest);
  }
  if (ret->numbers < 3)
    ret->prerelease = STR_EMPTY;
  return rest->len == 0 || is_space(rest->data[0]);
}

struct npm {
  struct version_reading *r;
  bool prereleases;
  uint32_t first; /* of the alternative's comparisons */
};

/* A comparison with three numbers and a pre-release (empty: none). */
static int add(struct npm *n, enum version_bound_kind kind, const uint64_t number[3],
               struct str prerelease)
{
  char text[VERSION_LENGTH_MAX];
  for (unsigned i = 0; i < 3; i++)
    if (number[i] > number_max)
      return version_requirement_fail(n->r, "a number is beyond 2^53-1");
  int len = snprintf(text, sizeof text, "%llu.%llu.%llu%s%.*s", (unsigned long long)number[0],
                     (unsigned long long)number[1], (unsigned long long)number[2],
                     prerelease.len ? "-" : "", STR_FMT(prerelease));
  struct str version = str_make(text, (size_t)len);
  if ((size_t)len >= sizeof text || !version_valid(n->r->ops, version))
    return version_requirement_fail(n->r, "a version in it is not one");
  bool lowest = !number[0] && !number[1] && !number[2] &&
                str_eq(prerelease, n->prereleases ? STR("0") : STR_EMPTY);
  if (kind == BOUND_GE && lowest)
    return version_bound_add(n->r, BOUND_ANY, STR_EMPTY);
  return version_bound_add(n->r, kind, version);
}

/* Above everything that has the same numbers as p up to `at`, which is counted up. */
static int add_below_next(struct npm *n, const struct partial *p, unsigned at)
{
  uint64_t number[3] = {0};
  for (unsigned i = 0; i <= at; i++)
    number[i] = p->number[i];
  number[at]++;
  return add(n, BOUND_LT, number, STR("0"));
}

static int add_from(struct npm *n, const struct partial *p, bool lowest)
{
  struct str prerelease = p->prerelease;
  if (prerelease.len == 0 && lowest && n->prereleases)
    prerelease = STR("0");
  return add(n, BOUND_GE, p->number, prerelease);
}

/* ~1.2.3 up to 1.3, ~1.2 too, ~1 up to 2. */
static int add_tilde(struct npm *n, const struct partial *p)
{
  int result = add_from(n, p, false);
  return result < 0 ? result : add_below_next(n, p, p->numbers > 1 ? 1 : 0);
}

/* Up to the next of the first number that is not 0, or of the last that is there. */
static int add_caret(struct npm *n, const struct partial *p)
{
  unsigned at = 0;
  while (at + 1 < p->numbers && p->number[at] == 0)
    at++;
  bool lowest = p->numbers < 3 || p->number[0] == 0;
  int result = add_from(n, p, lowest);
  return result < 0 ? result : add_below_next(n, p, at);
}

static int add_nothing(struct npm *n)
{
  static const uint64_t zero[3] = {0};
  return add(n, BOUND_LT, zero, STR("0"));
}

/* A sign before numbers with some absent: the whole of what they stand for is meant. */
static int add_partial(struct npm *n, enum sign sign, const struct partial *p)
{
  struct partial next = *p;
  unsigned last = p->numbers - 1;
  int result;
  next.number[last]++;
  next.numbers = 3;
  switch (sign) {
  case GT:
    return add_from(n, &next, true);
  case GE:
    return add_from(n, p, true);
  case LT:
    return add(n, BOUND_LT, p->number, STR("0"));
  case LE:
    return add_below_next(n, p, last);
  default:
    result = add_from(n, p, true);
    return result < 0 ? result : add_below_next(n, p, last);
  }
}

static int add_comparator(struct npm *n, enum sign sign, const struct partial *p)
{
  static const enum version_bound_kind kinds[] = {
      [NO_SIGN] = BOUND_EQ, [LT] = BOUND_LT, [LE] = BOUND_LE,
      [GT] = BOUND_GT,      [GE] = BOUND_GE, [EQ] = BOUND_EQ};
  if (p->numbers == 0)
    return sign == LT || sign == GT ? add_nothing(n)
                                    : version_bound_add(n->r, BOUND_ANY, STR_EMPTY);
  if (sign == TILDE)
    return add_tilde(n, p);
  if (sign == CARET)
    return add_caret(n, p);
  if (p->numbers < 3)
    return add_partial(n, sign, p);
  if (p->loose)
    return version_requirement_fail(n->r, "only a \"v\" may stand before three numbers");
  return add(n, kinds[sign], p->number, p->prerelease);
}

static enum sign take_sign(struct str *rest)
{
  static const struct {
    struct str text;
    enum sign sign;
  } signs[] = {
      {STR_INIT("<="), LE}, {STR_INIT(">="), GE},   {STR_INIT("~>"), TILDE}, {STR_INIT("<"), LT},
      {STR_INIT(">"), GT},  {STR_INIT("~"), TILDE}, {STR_INIT("^"), CARET},  {STR_INIT("="), EQ},
  };
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
    if (str_starts(*rest, signs[i].text)) {
      *rest = str_sub(*rest, signs[i].text.len, rest->len);
      skip_spaces(rest);
      return signs[i].sign;
    }
  return NO_SIGN;
}

/* "1.2 - 2.3.4"; *ret_read: it was one. */
static int read_hyphen(struct npm *n, struct str text, bool *ret_read)
{
  struct partial from, to;
  struct str rest = text;
  *ret_read = false;
  if (!take_partial(&rest, &from))
    return 0;
  struct str before = rest;
  skip_spaces(&rest);
  if (rest.len == before.len || !version_take_byte(&rest, "-") || rest.len == 0 ||
      !is_space(rest.data[0]))
    return 0;
  skip_spaces(&rest);
  if (!take_partial(&rest, &to))
    return 0;
  skip_spaces(&rest);
  if (rest.len)
    return 0;
  *ret_read = true;
  if (from.numbers == 3 && from.loose)
    return version_requirement_fail(n->r, "only a \"v\" may stand before three numbers");
  int result = from.numbers ? add_from(n, &from, !from.build || from.numbers < 3) : 0;
  if (result == 0 && to.numbers == 0)
    return from.numbers ? 0 : version_bound_add(n->r, BOUND_ANY, STR_EMPTY);
  if (result < 0)
    return result;
  if (to.numbers < 3)
    return add_below_next(n, &to, to.numbers - 1);
  if (to.prerelease.len == 0 && n->prereleases)
    return add_below_next(n, &to, 2);
  return add(n, BOUND_LE, to.number, to.prerelease);
}

static int read_alternative(struct npm *n, struct str rest)
{
  bool read = false;
  skip_spaces(&rest);
  if (rest.len == 0)
    return version_bound_add(n->r, BOUND_ANY, STR_EMPTY);
  int result = read_hyphen(n, rest, &read);
  while (result == 0 && !read && rest.len) {
    struct partial p;
    enum sign sign = take_sign(&rest);
    if (!take_partial(&rest, &p))
      return version_requirement_fail(n->r, "a version in it cannot be read");
    result = add_comparator(n, sign, &p);
    skip_spaces(&rest);
  }
  return result;
}

/* An alternative that takes any version; then, and only then, the others say nothing, not even which
 * pre-releases are meant. */
static bool takes_any(const struct version_bounds *bounds, uint32_t first)
{
  for (size_t i = first; i < bounds->count; i++)
    if (bounds->items[i].kind != BOUND_ANY)
      return false;
  return true;
}

int version_requirement_read_npm(struct version_reading *r)
{
  bool any = false;
  size_t at = 0;
  for (;; r->alternative++) {
    struct npm n = {r, r->flags & VERSION_PRERELEASES, (uint32_t)r->bounds.count};
    ptrdiff_t bar = str_find(r->text, at, STR("||"));
    size_t end = bar < 0 ? r->text.len : (size_t)bar;
    int result = read_alternative(&n, str_sub(r->text, at, end - at));
    if (result < 0)
      return result;
    any = any || takes_any(&r->bounds, n.first);
    if (bar < 0)
      break;
    at = end + 2;
  }
  if (any) {
    vec_clear(&r->bounds);
    return version_bound_add(r, BOUND_ANY, STR_EMPTY);
  }
  return 0;
}

size_t version_npm_release(struct str key, bool *ret_prerelease)
{
  size_t at = 0;
  for (unsigned i = 0; i < 3 && at < key.len; i++)
    at += 1 + (size_t)(unsigned char)key.data[at];
  *ret_prerelease = at < key.len && (unsigned char)key.data[at] != 0xff;
  return at;
}
