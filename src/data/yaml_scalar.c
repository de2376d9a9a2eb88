#include "data/yaml_scalar.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "data/base64.h"

#include <math.h>

enum first { IS_WORD = 1, IS_DIGIT, IS_SIGN, IS_DOT };

const uint8_t yaml_scalar_first[256] = {
    ['y'] = IS_WORD,  ['Y'] = IS_WORD,  ['n'] = IS_WORD,  ['N'] = IS_WORD,  ['t'] = IS_WORD,
    ['T'] = IS_WORD,  ['f'] = IS_WORD,  ['F'] = IS_WORD,  ['o'] = IS_WORD,  ['O'] = IS_WORD,
    ['~'] = IS_WORD,  ['0'] = IS_DIGIT, ['1'] = IS_DIGIT, ['2'] = IS_DIGIT, ['3'] = IS_DIGIT,
    ['4'] = IS_DIGIT, ['5'] = IS_DIGIT, ['6'] = IS_DIGIT, ['7'] = IS_DIGIT, ['8'] = IS_DIGIT,
    ['9'] = IS_DIGIT, ['+'] = IS_SIGN,  ['-'] = IS_SIGN,  ['.'] = IS_DOT,
};

/* By length, so that a key like "name" is compared with a handful of words at most. */
struct word {
  char text[6];
  uint8_t type;
  bool boolean;
};

enum { WORD_LENGTH_MAX = 5, WORDS_OF_A_LENGTH = 10 };

static const struct word words[WORD_LENGTH_MAX + 1][WORDS_OF_A_LENGTH + 1] = {
    [1] = {{"y", VALUE_BOOL, true},
           {"Y", VALUE_BOOL, true},
           {"n", VALUE_BOOL},
           {"N", VALUE_BOOL},
           {"~", VALUE_NULL}},
    [2] = {{"on", VALUE_BOOL, true},
           {"On", VALUE_BOOL, true},
           {"ON", VALUE_BOOL, true},
           {"no", VALUE_BOOL},
           {"No", VALUE_BOOL},
           {"NO", VALUE_BOOL}},
    [3] = {{"yes", VALUE_BOOL, true},
           {"Yes", VALUE_BOOL, true},
           {"YES", VALUE_BOOL, true},
           {"off", VALUE_BOOL},
           {"Off", VALUE_BOOL},
           {"OFF", VALUE_BOOL}},
    [4] = {{"true", VALUE_BOOL, true},
           {"True", VALUE_BOOL, true},
           {"TRUE", VALUE_BOOL, true},
           {"null", VALUE_NULL},
           {"Null", VALUE_NULL},
           {"NULL", VALUE_NULL}},
    [5] = {{"false", VALUE_BOOL}, {"False", VALUE_BOOL}, {"FALSE", VALUE_BOOL}},
};

/* These stand for no JSON value. */
static const char *const not_finite[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
                                         "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};

static bool is_not_finite(struct str text)
{
  if (text.len < 4 || text.len > 5)
    return false;
  for (size_t i = 0; i < sizeof not_finite / sizeof *not_finite; i++)
    if (str_eq(text, str_from(not_finite[i])))
      return true;
  return false;
}

static struct value resolve_word(struct str text)
{
  if (text.len == 0)
    return value_null();
  if (text.len > WORD_LENGTH_MAX)
    return value_string(text);
  for (const struct word *w = words[text.len]; w->type; w++)
    if (memcmp(w->text, text.data, text.len) == 0)
      return w->type == VALUE_BOOL ? value_bool(w->boolean) : value_null();
  return value_string(text);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static struct value number_text(struct str literal)
{
  return (struct value){.type = VALUE_NUMBER,
                        .flags = VALUE_TEXT,
                        .len = (uint32_t)literal.len,
                        .text = literal.data};
}

/* The value of a digit in bases up to 16; 99 if it is none. */
static unsigned digit_value(char c)
{
  if (is_digit(c))
    return (unsigned)(c - '0');
  unsigned char lower = (unsigned char)(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10u : 99;
}

/* All of `digits` (at least one) in the base, without overflow. */
static bool to_unsigned(struct str digits, unsigned base, uint64_t *ret)
{
  uint64_t number = 0;
  if (digits.len == 0)
    return false;
  for (size_t i = 0; i < digits.len; i++) {
    unsigned digit = digit_value(digits.data[i]);
    if (digit >= base || __builtin_mul_overflow(number, base, &number) ||
        __builtin_add_overflow(number, digit, &number))
      return false;
  }
  *ret = number;
  return true;
}

/* A sign-less integer with its base taken off the front. */
static struct str cut_base(struct str digits, unsigned *ret_base)
{
  static const struct {
    char letter;
    uint8_t base;
  } prefixes[] = {{'x', 16}, {'o', 8}, {'b', 2}};

  *ret_base = 10;
  if (digits.len < 2 || digits.data[0] != '0')
    return digits;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if ((digits.data[1] | 0x20) == prefixes[i].letter) {
      *ret_base = prefixes[i].base;
      return str_sub(digits, 2, digits.len);
    }
  *ret_base = 8;
  return str_sub(digits, 1, digits.len);
}

/* `plain` has no underscores. False: it is not an integer of at most 64 bits. */
static bool resolve_integer(struct arena *a, struct str plain, struct value *ret)
{
  bool has_sign = plain.data[0] == '-' || plain.data[0] == '+';
  bool negative = plain.data[0] == '-';
  unsigned base;
  struct str digits = cut_base(str_sub(plain, has_sign, plain.len), &base);
  uint64_t number;
  if (!to_unsigned(digits, base, &number))
    return false;
  if (number <= (uint64_t)INT64_MAX + negative) {
    *ret = value_int((int64_t)(negative ? 0 - number : number));
    return true;
  }
  if (has_sign)
    return false;
  *ret = number_text(arena_printf(a, "%llu", (unsigned long long)number));
  return true;
}

/* A decimal number taken apart: [sign] whole [. fraction] [e exponent]. */
struct decimal {
  bool negative;
  struct str whole;    /* without leading zeros, may be empty */
  struct str fraction; /* may be empty */
  struct str exponent; /* with the letter; empty: none */
  bool has_point;
};

static struct str take_digits(struct str *rest)
{
  size_t n = 0;
  while (n < rest->len && is_digit(rest->data[n]))
    n++;
  struct str digits = str_sub(*rest, 0, n);
  *rest = str_sub(*rest, n, rest->len);
  return digits;
}

static bool take_byte(struct str *rest, const char *any)
{
  if (rest->len == 0 || rest->data[0] == '\0' || !strchr(any, rest->data[0]))
    return false;
  *rest = str_sub(*rest, 1, rest->len);
  return true;
}

static bool decimal_cut(struct str plain, struct decimal *ret)
{
  struct str rest = plain;
  *ret = (struct decimal){.negative = plain.len && plain.data[0] == '-'};
  take_byte(&rest, "+-");
  ret->whole = take_digits(&rest);
  ret->has_point = take_byte(&rest, ".");
  if (ret->has_point)
    ret->fraction = take_digits(&rest);
  if (ret->whole.len + ret->fraction.len == 0)
    return false;
  struct str exponent = rest;
  if (take_byte(&rest, "eE")) {
    take_byte(&rest, "+-");
    if (take_digits(&rest).len == 0)
      return false;
    ret->exponent = exponent;
  }
  while (ret->whole.len && ret->whole.data[0] == '0')
    ret->whole = str_sub(ret->whole, 1, ret->whole.len);
  return rest.len == 0;
}

/* The exponent as a number; beyond a million, a million. */
static long exponent_value(struct str exponent)
{
  if (exponent.len == 0)
    return 0;
  long number = 0;
  bool negative = exponent.data[1] == '-';
  for (size_t i = 1; i < exponent.len && number < 1000000; i++)
    if (is_digit(exponent.data[i]))
      number = number * 10 + (exponent.data[i] - '0');
  if (number > 1000000)
    number = 1000000;
  return negative ? -number : number;
}

/* JSON's form: digits on both sides of a point, no leading zeros, no plus. */
static struct str decimal_json(struct arena *a, const struct decimal *d)
{
  size_t most = d->whole.len + d->fraction.len + d->exponent.len + 4;
  char *text = arena_alloc(a, most);
  size_t len = 0;
  if (d->negative)
    text[len++] = '-';
  if (d->whole.len == 0)
    text[len++] = '0';
  else
    memcpy(text + len, d->whole.data, d->whole.len);
  len += d->whole.len;
  if (d->has_point) {
    text[len++] = '.';
    if (d->fraction.len == 0)
      text[len++] = '0';
    else
      memcpy(text + len, d->fraction.data, d->fraction.len);
    len += d->fraction.len;
  }
  if (d->exponent.len)
    memcpy(text + len, d->exponent.data, d->exponent.len);
  return str_make(text, len + d->exponent.len);
}

/* The double nearest to a JSON literal, infinite beyond its range. Digits behind the first 800
 * cannot matter. */
static double literal_double(struct str literal)
{
  char text[1024];
  if (literal.len < sizeof text) {
    memcpy(text, literal.data, literal.len);
    text[literal.len] = '\0';
    return strtod(text, NULL);
  }
  struct decimal d;
  if (!decimal_cut(literal, &d))
    return 0;
  long exponent = exponent_value(d.exponent) + (long)d.whole.len;
  struct str digits = d.whole.len ? d.whole : d.fraction;
  while (d.whole.len == 0 && digits.len && digits.data[0] == '0') {
    digits = str_sub(digits, 1, digits.len);
    exponent--;
  }
  struct str head = str_sub(digits, 0, 400), tail = STR_EMPTY;
  if (d.whole.len && head.len < 400)
    tail = str_sub(d.fraction, 0, 400);
  snprintf(text, sizeof text, "%s0.%.*s%.*se%ld", d.negative ? "-" : "", STR_FMT(head),
           STR_FMT(tail), exponent);
  return strtod(text, NULL);
}

/* Whether the number is within a double's range, computed only where it is close. */
static bool in_range(const struct decimal *d, struct str literal)
{
  long magnitude = (long)d->whole.len + exponent_value(d->exponent);
  return magnitude < 308 || !isinf(literal_double(literal));
}

/* `plain` has no underscores and is a decimal number or a string. `text` is the scalar itself. */
static struct value resolve_decimal(struct arena *a, struct str plain, struct str text)
{
  struct decimal d;
  if (!decimal_cut(plain, &d))
    return value_string(text);
  struct str literal = decimal_json(a, &d);
  if (!in_range(&d, literal))
    return value_string(text);
  return number_text(str_eq(literal, text) ? text : literal);
}

/* Underscores stand between digits only. */
static bool underscores_separate(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] == '_' &&
        (i == 0 || i + 1 == text.len || !is_digit(text.data[i - 1]) || !is_digit(text.data[i + 1])))
      return false;
  return true;
}

/* All bytes may occur in a number; most scalars that begin with a digit are told apart here (IP
 * addresses pass, quantities like 100m, versions like v1 and dates do not). */
static bool looks_numeric(struct str text)
{
  for (size_t i = 1; i < text.len; i++) {
    char c = text.data[i];
    if (!is_digit(c) && c != '_' && c != '.' && c != '+' && c != '-' && digit_value(c) > 15 &&
        (i > 2 || !strchr("xXoO", c)))
      return false;
  }
  return true;
}

static struct str without_underscores(struct arena *a, struct str text)
{
  if (str_find_byte(text, 0, '_') < 0)
    return text;
  char *copy = arena_alloc(a, text.len);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] != '_')
      copy[len++] = text.data[i];
  return str_make(copy, len);
}

/* Up to 18 decimal digits without a leading zero: the common case. */
static bool resolve_short(struct str text, struct value *ret)
{
  if (text.len > 18 || (text.data[0] == '0' && text.len > 1))
    return false;
  int64_t number = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (!is_digit(text.data[i]))
      return false;
    number = number * 10 + (text.data[i] - '0');
  }
  *ret = value_int(number);
  return true;
}

static struct value resolve_number(struct arena *a, struct str text)
{
  struct value number;
  if (resolve_short(text, &number))
    return number;
  if (!looks_numeric(text))
    return value_string(text);
  struct str plain = without_underscores(a, text);
  if (resolve_integer(a, plain, &number))
    return number;
  return resolve_decimal(a, plain, text);
}

struct value yaml_scalar_plain_slow(struct arena *a, struct str text)
{
  enum first first = text.len ? yaml_scalar_first[(unsigned char)text.data[0]] : IS_WORD;
  if (first == IS_WORD)
    return resolve_word(text);
  if (first != IS_DIGIT && is_not_finite(text))
    return VALUE_NONE;
  if (first == IS_DOT)
    return underscores_separate(text) ? resolve_decimal(a, without_underscores(a, text), text)
                                      : value_string(text);
  return resolve_number(a, text);
}

/* Tags. A check says whether what the plain text would be is of the tag's type. */

static bool is_null(struct value v, struct str text)
{
  return v.type == VALUE_NULL;
}

static bool is_bool(struct value v, struct str text)
{
  return v.type == VALUE_BOOL;
}

static bool is_integer_text(struct str literal)
{
  size_t at = literal.len && literal.data[0] == '-';
  while (at < literal.len && is_digit(literal.data[at]))
    at++;
  return at == literal.len;
}

static bool is_int(struct value v, struct str text)
{
  return v.type == VALUE_NUMBER && ((v.flags & VALUE_INT) || is_integer_text(value_str(v)));
}

static bool is_float(struct value v, struct str text)
{
  return v.type == VALUE_NUMBER;
}

/* A date, with or without a time behind it; the calendar is not checked, the result is the text. */
static bool is_timestamp(struct value v, struct str text)
{
  struct str rest = text;
  if (v.type != VALUE_STRING || take_digits(&rest).len != 4)
    return false;
  for (int month_and_day = 0; month_and_day < 2; month_and_day++) {
    if (!take_byte(&rest, "-"))
      return false;
    size_t digits = take_digits(&rest).len;
    if (digits < 1 || digits > 2)
      return false;
  }
  return rest.len == 0 || take_byte(&rest, "Tt ");
}

static const struct typed_tag {
  struct str name;
  bool (*fits)(struct value plain, struct str text);
} typed_tags[] = {
    {STR_INIT("int"), is_int},   {STR_INIT("float"), is_float},         {STR_INIT("bool"), is_bool},
    {STR_INIT("null"), is_null}, {STR_INIT("timestamp"), is_timestamp},
};

static int resolve_typed(struct arena *a, const struct typed_tag *tag, struct str text,
                         struct value *ret_value, struct error *err)
{
  struct value plain = yaml_scalar_plain(a, text);
  if (plain.type == VALUE_ABSENT && tag->fits == is_float)
    return error_set(err, SW_EINVAL, "%.*s is not a number that JSON can hold", STR_FMT(text));
  if (!tag->fits(plain, text))
    return error_set(err, SW_EINVAL, "\"%.*s\" is tagged !!%.*s, but is not one",
                     STR_FMT(utf8_cut_columns(text, 40)), STR_FMT(tag->name));
  *ret_value = plain;
  return 0;
}

/* What Go's JSON encoder does with bytes that are not UTF-8. */
static struct str replace_invalid(struct arena *a, struct str bytes)
{
  if (utf8_valid(bytes))
    return bytes;
  char *text = arena_alloc_array(a, bytes.len, 3);
  size_t len = 0;
  for (size_t at = 0; at < bytes.len;) {
    uint32_t point;
    unsigned width = utf8_decode(bytes, at, &point);
    if (width) {
      memcpy(text + len, bytes.data + at, width);
      len += width;
    } else {
      len += utf8_encode(UTF8_REPLACEMENT, text + len);
    }
    at += width ? width : 1;
  }
  return str_make(text, len);
}

static int resolve_binary(struct arena *a, struct str text, struct value *ret_value,
                          struct error *err)
{
  struct str bytes;
  int rc = base64_decode(a, text, BASE64_STANDARD | BASE64_AS_GO, &bytes, err);
  if (rc < 0)
    return error_wrap(err, "the !!binary text is not base64");
  *ret_value = value_string(replace_invalid(a, bytes));
  return 0;
}

int yaml_scalar_tagged(struct arena *a, struct str tag, struct str text, struct value *ret_value,
                       struct error *err)
{
  struct str prefix = STR("tag:yaml.org,2002:");
  if (str_starts(tag, prefix)) {
    struct str name = str_sub(tag, prefix.len, tag.len);
    if (str_eq(name, STR("binary")))
      return resolve_binary(a, text, ret_value, err);
    for (size_t i = 0; i < sizeof typed_tags / sizeof *typed_tags; i++)
      if (str_eq(name, typed_tags[i].name))
        return resolve_typed(a, &typed_tags[i], text, ret_value, err);
  }
  *ret_value = value_string(text);
  return 0;
}

/* The fewest digits that read back as the same float, as "d.ddde+xx". */
static void shortest_float(float number, char *text, size_t size)
{
  for (int digits = 0; digits < 9; digits++) {
    snprintf(text, size, "%.*e", digits, (double)number);
    if (strtof(text, NULL) == number)
      return;
  }
}

static struct str key_of_float(struct arena *a, struct str literal)
{
  float number = (float)literal_double(literal);
  if (isinf(number))
    return number > 0 ? STR(".inf") : STR("-.inf");
  if (number == 0)
    return literal.data[0] == '-' ? STR("-0") : STR("0");
  char text[48];
  shortest_float(number, text, sizeof text);
  int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
  if (exponent >= -4 && exponent < 6) {
    size_t mantissa_digits = (size_t)(strchr(text, 'e') - text);
    mantissa_digits -= number < 0;
    mantissa_digits -= mantissa_digits > 1;
    int decimals = (int)mantissa_digits - 1 - exponent;
    snprintf(text, sizeof text, "%.*f", decimals > 0 ? decimals : 0, (double)number);
  }
  return arena_copy(a, str_from(text));
}

bool yaml_scalar_key(struct arena *a, struct value scalar, struct str *ret_key)
{
  if (scalar.type == VALUE_STRING)
    *ret_key = value_str(scalar);
  else if (scalar.type == VALUE_BOOL)
    *ret_key = scalar.boolean ? STR("true") : STR("false");
  else if (scalar.type == VALUE_NUMBER && (scalar.flags & VALUE_INT))
    *ret_key = arena_printf(a, "%lld", (long long)scalar.integer);
  else if (scalar.type == VALUE_NUMBER && (scalar.flags & VALUE_TEXT)) {
    unsigned long long number;
    bool is_unsigned = str_to_u64(value_str(scalar), ~0ULL, &number);
    *ret_key = is_unsigned ? value_str(scalar) : key_of_float(a, value_str(scalar));
  } else
    return false;
  return true;
}

struct str yaml_scalar_key_not_finite(struct str text)
{
  if (str_starts(text, STR("-")))
    return STR("-.inf");
  return str_ends(text, STR("n")) || str_ends(text, STR("N")) ? STR(".nan") : STR(".inf");
}
