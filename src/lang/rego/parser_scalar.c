#include "lang/rego/parser_int.h"

#include "base/utf8.h"
#include "data/number.h"

/* ---- numbers */

enum {
  EXPONENT_MAX = 100000, /* binary: what OPA accepts */
  EXPONENT_READ_MAX = INT32_MAX,
};

/* The decimal exponent behind e or E; false if it is beyond everything. */
static bool written_exponent(struct str text, int64_t *ret)
{
  bool negative = text.len && text.data[0] == '-';
  int64_t exponent = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] == '-' || text.data[i] == '+')
      continue;
    exponent = exponent * 10 + (text.data[i] - '0');
    if (exponent > EXPONENT_READ_MAX)
      return false;
  }
  *ret = negative ? -exponent : exponent;
  return true;
}

/* The binary exponent of a number, near enough: of its first digits, and of where they stand. */
static int64_t binary_exponent(struct str digits, int64_t exponent)
{
  int64_t power = -1; /* of ten, of the digit that is looked at */
  double mantissa = 0;
  int taken = 0;
  for (size_t i = 0; i < digits.len && digits.data[i] != '.'; i++)
    power++;
  int64_t first = 0;
  for (size_t i = 0; i < digits.len && taken < 17; i++) {
    if (digits.data[i] == '.')
      continue;
    if (taken || digits.data[i] != '0') {
      first = taken ? first : power;
      mantissa = mantissa * 10 + (digits.data[i] - '0');
      taken++;
    }
    power--;
  }
  if (taken == 0)
    return 0; /* zero, whatever its exponent */
  double bits = 3.321928094887362 * (double)(first + exponent - (taken - 1));
  while (mantissa >= 2) {
    mantissa /= 2;
    bits++;
  }
  return (int64_t)(bits + (mantissa - 1)) + (bits >= 0);
}

static bool check_number(struct parser *p, struct str digits)
{
  ptrdiff_t mark = str_find_byte(digits, 0, 'e');
  if (mark < 0)
    mark = str_find_byte(digits, 0, 'E');
  int64_t exponent = 0;
  struct str mantissa = mark < 0 ? digits : str_sub(digits, 0, (size_t)mark);
  if (mark >= 0 && !written_exponent(str_sub(digits, (size_t)mark + 1, SIZE_MAX), &exponent))
    return parser_unexpected(p, "invalid float");
  int64_t binary = binary_exponent(mantissa, exponent);
  if (binary > EXPONENT_MAX || binary < -EXPONENT_MAX)
    return parser_fail_here(p, "number too big");
  return true;
}

static bool has_leading_zero(struct str digits)
{
  return digits.len > 1 && digits.data[0] == '0' && digits.data[1] != '.' &&
         !(digits.len > 2 && (digits.data[1] == 'e' || digits.data[1] == 'E'));
}

/* Digits, with a minus and a point in front of them or without. */
bool parser_number(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  bool minus = parser_take(p, REGO_TOKEN_MINUS);
  bool point = parser_take(p, REGO_TOKEN_DOT);
  if (!parser_is(p, REGO_TOKEN_NUMBER))
    return parser_unexpected(p, "expected number");
  struct str digits = parser_token_text(p, p->at);
  if (!point && has_leading_zero(digits))
    return parser_unexpected(p, "expected number without leading zero");
  struct str text = digits;
  if (minus || point)
    text = arena_printf(p->arena, "%s%s%.*s", minus ? "-" : "", point ? "0." : "", STR_FMT(digits));
  struct value number = number_from_literal(text);
  if (number.type != VALUE_NUMBER)
    return parser_unexpected(p, "invalid float");
  if ((number.flags & VALUE_TEXT) && !check_number(p, minus ? str_sub(text, 1, SIZE_MAX) : text))
    return false;
  parser_advance(p);
  *ret = (struct rego_term){
      .kind = REGO_SCALAR, .height = 1, .place = parser_place_from(p, first), .value = number};
  return parser_count(p, 1);
}

/* ---- strings */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Four hexadecimal digits at `at`; -1 if that is not what is there. */
static int32_t hex4(struct str s, size_t at)
{
  int32_t number = 0;
  if (s.len < 4 || at > s.len - 4)
    return -1;
  for (size_t i = at; i < at + 4; i++) {
    int digit = hex_digit(s.data[i]);
    if (digit < 0)
      return -1;
    number = number * 16 + digit;
  }
  return number;
}

/* The character of a \u escape whose digits begin at *at, which moves behind them and the second
 * half of a pair. Half a pair becomes U+FFFD. */
static bool unicode_escape(struct str s, size_t *at, uint32_t *ret)
{
  int32_t high = hex4(s, *at);
  if (high < 0)
    return false;
  *at += 4;
  *ret = (uint32_t)high;
  if (high < 0xD800 || high > 0xDFFF)
    return true;
  *ret = UTF8_REPLACEMENT;
  if (high < 0xDC00 && *at + 2 <= s.len && s.data[*at] == '\\' && s.data[*at + 1] == 'u') {
    int32_t low = hex4(s, *at + 2);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      *ret = 0x10000 + (((uint32_t)high - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
      *at += 6;
    }
  }
  return true;
}

static char simple_escape(char c)
{
  switch (c) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c; /* \" \\ \/, and \{ in templates */
  }
}

/* The text between the quotes, without escapes; false if one is none, or if a text with escapes has
 * control characters (which strings without escapes may have). */
static bool unescape(struct parser *p, struct str inner, struct str *ret)
{
  if (str_find_byte(inner, 0, '\\') < 0) {
    *ret = inner;
    return true;
  }
  char *out = arena_array(p->arena, char, inner.len);
  size_t len = 0;
  for (size_t i = 0; i < inner.len;) {
    char c = inner.data[i++];
    if ((unsigned char)c < 0x20)
      return false;
    if (c != '\\') {
      out[len++] = c;
      continue;
    }
    if (i >= inner.len)
      return false;
    c = inner.data[i++];
    if (c != 'u') {
      out[len++] = simple_escape(c);
      continue;
    }
    uint32_t point;
    char bytes[4];
    if (!unicode_escape(inner, &i, &point))
      return false;
    unsigned count = utf8_encode(point, bytes);
    memcpy(out + len, bytes, count);
    len += count;
  }
  *ret = str_make(out, len);
  return true;
}

bool parser_string(struct parser *p, struct rego_term *ret)
{
  struct str text = parser_token_text(p, p->at), value;
  if (!unescape(p, str_sub(text, 1, text.len - 2), &value))
    return parser_fail_here(p, "illegal string literal: %.*s", STR_FMT(text));
  *ret = parser_string_term(p, value, parser_place_of(p, p->at));
  parser_advance(p);
  return parser_count(p, 1);
}

bool parser_raw_string(struct parser *p, struct rego_term *ret)
{
  struct str text = parser_token_text(p, p->at);
  *ret = parser_string_term(p, str_sub(text, 1, text.len - 2), parser_place_of(p, p->at));
  parser_advance(p);
  return parser_count(p, 1);
}

/* ---- templates */

/* In raw templates \{ is the one escape. */
static struct str unescape_raw(struct parser *p, struct str inner)
{
  if (str_find(inner, 0, STR("\\{")) < 0)
    return inner;
  char *out = arena_array(p->arena, char, inner.len);
  size_t len = 0;
  for (size_t i = 0; i < inner.len; i++)
    if (inner.data[i] != '\\' || i + 1 == inner.len || inner.data[i + 1] != '{')
      out[len++] = inner.data[i];
  return str_make(out, len);
}

/* The text of the part at the present token, pushed as an expression unless it is empty. */
static bool template_text(struct parser *p)
{
  const struct rego_token *token = parser_token(p);
  struct str text = parser_token_text(p, p->at), value;
  size_t skip = token->flags & REGO_TOKEN_CONTINUES ? 0 : 2;
  struct str inner = str_sub(text, skip, text.len - skip - 1);
  if (token->flags & REGO_TOKEN_RAW)
    value = unescape_raw(p, inner);
  else if (!unescape(p, inner, &value))
    return parser_fail_here(p, "illegal template-string part: %.*s", STR_FMT(text));
  if (value.len == 0)
    return true;
  struct rego_term *term = arena_new(p->arena, struct rego_term);
  *term = parser_string_term(p, value, parser_place_of(p, p->at));
  struct rego_expr part = {
      .kind = REGO_EXPR_TEXT, .height = 2, .count = 1, .place = term->place, .terms = term};
  vec_push(&p->exprs, part);
  return parser_count(p, 2);
}

static bool check_part(struct parser *p, const struct rego_expr *part)
{
  static const char *const words[] = {
      [REGO_EXPR_ASSIGN] = "assignment (':=')",
      [REGO_EXPR_UNIFY] = "unification ('=')",
      [REGO_EXPR_SOME] = "'some'",
      [REGO_EXPR_SOME_IN] = "'some'",
      [REGO_EXPR_EVERY] = "'every'",
      [REGO_EXPR_NOT] = "negation ('not')",
      [REGO_EXPR_AND] = "'and'",
      [REGO_EXPR_OR] = "'or'",
      [REGO_EXPR_TEXT] = NULL,
  };
  const char *word = part->negated ? "negation ('not')" : words[part->kind];
  return !word || parser_fail(p, part->place, "unexpected %s in template-string expression", word);
}

/* The expression behind a part, and its closing brace. */
static bool template_expression(struct parser *p)
{
  struct rego_expr part;
  parser_advance(p);
  if (!parser_literal(p, &part) || !check_part(p, &part))
    return false;
  if (!parser_take(p, REGO_TOKEN_RBRACE) || !(parser_token(p)->flags & REGO_TOKEN_CONTINUES))
    return parser_fail_here(p, "expected } to end template string expression");
  vec_push(&p->exprs, part);
  return true;
}

bool parser_template(struct parser *p, struct rego_term *ret)
{
  uint32_t first = p->at;
  size_t from = p->exprs.count;
  for (;;) {
    if (!template_text(p))
      return false;
    if (parser_is(p, REGO_TOKEN_TEMPLATE_END))
      break;
    if (!template_expression(p))
      return false;
  }
  parser_advance(p);
  struct rego_body parts;
  parser_take_exprs(p, from, &parts);
  uint32_t height = 1 + parser_body_height(parts);
  *ret = (struct rego_term){
      .kind = REGO_TEMPLATE,
      .height = (uint16_t)height,
      .count = parts.count,
      .place = parser_place_from(p, first),
      .parts = parts.items,
  };
  return parser_count(p, height);
}
