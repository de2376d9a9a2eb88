/* Amounts with a unit: "10Ki", "1.5GB", "100m". */
#include "data/arithmetic.h"
#include "data/number.h"
#include "lang/builtin_int.h"

enum { AMOUNT_MAX = 4096, EXPONENT_DIGITS_MAX = 6 };

struct amount {
  struct str number, unit;
};

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Where the number ends; -1: its exponent has too many digits. An 'e' without a digit or sign behind
 * it is a unit. */
static ptrdiff_t number_end(struct str s)
{
  size_t at = 0;
  for (; at < s.len; at++) {
    char c = s.data[at];
    if (is_digit(c) || c == '.' || c == '+' || c == '-')
      continue;
    if (c != 'e' && c != 'E')
      break;
    char next = at + 1 < s.len ? s.data[at + 1] : '\0';
    if (!is_digit(next) && next != '+' && next != '-')
      break;
    size_t from = at + 1 + !is_digit(next), end = from;
    while (end < s.len && is_digit(s.data[end]))
      end++;
    if (end - from > EXPONENT_DIGITS_MAX)
      return -1;
    at = end - 1;
  }
  return (ptrdiff_t)at;
}

/* Without quotation marks, in lower case if asked for. */
static bool read_amount(struct builtin_context *c, const struct value *args, bool lower,
                        const char *what, struct amount *ret)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s))
    return false;
  if (s.len > AMOUNT_MAX) {
    builtin_fail(c, "could not parse %s to a number", what);
    return false;
  }
  char *text = arena_alloc(c->arena, s.len + 1);
  size_t len = 0;
  bool has_space = false;
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    has_space |= ch == ' ';
    if (lower && ch >= 'A' && ch <= 'Z')
      ch = (char)(ch + 32);
    if (ch != '"')
      text[len++] = ch;
  }
  struct str cleaned = str_make(text, len);
  ptrdiff_t end = number_end(cleaned);
  if (has_space)
    builtin_fail(c, "spaces not allowed in resource strings");
  else if (end < 0)
    builtin_fail(c, "exponent too large");
  else if (end == 0)
    builtin_fail(c, "no %s provided", what);
  if (has_space || end <= 0)
    return false;
  *ret = (struct amount){str_sub(cleaned, 0, (size_t)end), str_sub(cleaned, (size_t)end, len)};
  return true;
}

/* JSON's form of ".5", "+5", "007" and "5."; absent if the text is no number. */
static struct value read_literal(struct arena *a, struct str s)
{
  char *text = arena_alloc(a, s.len + 2);
  size_t len = 0, at = 0;
  if (at < s.len && (s.data[at] == '-' || s.data[at] == '+')) {
    if (s.data[at] == '-')
      text[len++] = '-';
    at++;
  }
  bool any = false, point = false;
  while (at + 1 < s.len && s.data[at] == '0' && is_digit(s.data[at + 1]))
    at++;
  if (at < s.len && s.data[at] == '.')
    text[len++] = '0';
  for (; at < s.len && (is_digit(s.data[at]) || (s.data[at] == '.' && !point)); at++) {
    bool follows = at + 1 < s.len && is_digit(s.data[at + 1]);
    any |= is_digit(s.data[at]);
    point |= s.data[at] == '.';
    if (s.data[at] != '.' || follows)
      text[len++] = s.data[at];
  }
  if (!any)
    return VALUE_NONE;
  for (; at < s.len; at++)
    text[len++] = s.data[at];
  return number_from_literal(str_make(text, len));
}

static enum builtin_result scale(struct builtin_context *c, struct str number, uint64_t numerator,
                                 uint64_t denominator, const char *what, struct value *ret)
{
  struct error err;
  struct value literal = read_literal(c->arena, number);
  if (literal.type == VALUE_ABSENT)
    return builtin_fail(c, "could not parse %s to a number", what);
  _cleanup_(buf_free) struct buf text = {0};
  number_write(&text, literal);
  if (arithmetic_scale(c->arena, buf_str(&text), numerator, denominator, 10, ret, &err) < 0)
    return builtin_fail(c, "%s", err.message);
  return BUILTIN_VALUE;
}

/* k, m, g, t, p, e: 1 to 6; 0 for anything else. */
static unsigned power_of(char letter)
{
  static const char letters[] = "kmgtpe";
  const char *at = letter ? strchr(letters, letter) : NULL;
  return at ? (unsigned)(at - letters) + 1 : 0;
}

static uint64_t unit_value(unsigned power, bool binary)
{
  uint64_t value = 1;
  for (unsigned i = 0; i < power; i++)
    value *= binary ? 1024 : 1000;
  return value;
}

CALL(parse)
{
  struct amount amount;
  if (!read_amount(c, args, false, "amount", &amount))
    return BUILTIN_ERROR;
  struct str unit = amount.unit;
  if (str_eq(unit, STR("m")))
    return scale(c, amount.number, 1, 1000, "amount", ret);
  char first = unit.len ? unit.data[0] : '\0';
  if (first >= 'A' && first <= 'Z')
    first = (char)(first + 32);
  unsigned power = power_of(first);
  bool binary = unit.len == 2 && (unit.data[1] == 'i' || unit.data[1] == 'I');
  if (unit.len && (power == 0 || (unit.len > 1 && !binary)))
    return builtin_fail(c, "unit %.*s not recognized", STR_FMT(unit));
  return scale(c, amount.number, unit_value(power, binary), 1, "amount", ret);
}

CALL(parse_bytes)
{
  struct amount amount;
  struct error err;
  if (!read_amount(c, args, true, "byte amount", &amount))
    return BUILTIN_ERROR;
  struct str unit = amount.unit;
  unsigned power = unit.len ? power_of(unit.data[0]) : 0;
  bool binary = unit.len >= 2 && unit.data[1] == 'i';
  struct str rest = str_sub(unit, 1 + binary, unit.len);
  if (unit.len && (power == 0 || (rest.len && !str_eq(rest, STR("b")))))
    return builtin_fail(c, "byte unit %.*s not recognized", STR_FMT(unit));
  enum builtin_result result =
      scale(c, amount.number, unit_value(power, binary), 1, "byte amount", ret);
  if (result == BUILTIN_VALUE && arithmetic_unary(c->arena, ARITHMETIC_TRUNC, *ret, ret, &err) < 0)
    return builtin_fail(c, "%s", err.message);
  return result;
}

const struct builtin builtins_units[] = {
    ROW(parse, "units.parse", 1, "string", "number"),
    ROW(parse_bytes, "units.parse_bytes", 1, "string", "number"),
    {.name = NULL},
};
