#include "data/toml_int.h"

#include "base/utf8.h"

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* ---- strings */

static int hex_digit(char c)
{
  if (is_digit(c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "\uXXXX" and "\UXXXXXXXX". */
static bool decode_point(struct toml_reader *r, const char *at, size_t digits, char **out)
{
  uint32_t point = 0;
  for (size_t i = 0; i < digits; i++) {
    int digit = (size_t)(r->end - at) > 2 + i ? hex_digit(at[2 + i]) : -1;
    if (digit < 0)
      return toml_fail(r, at, SW_EINVAL, "\\%c in a string takes %zu hexadecimal digits", at[1],
                       digits);
    point = point << 4 | (uint32_t)digit;
  }
  unsigned len = utf8_encode(point, *out);
  if (len == 0)
    return toml_fail(r, at, SW_EINVAL, "\\%c%0*X in a string is no character", at[1], (int)digits,
                     point);
  *out += len;
  return true;
}

/* Where the text goes on behind a backslash that ends a line; NULL if it does not end one. */
static const char *skip_line_end(const char *at, const char *end)
{
  const char *next = at + 1;
  while (next < end && (*next == ' ' || *next == '\t' || *next == '\r'))
    next++;
  if (next == end || *next != '\n')
    return NULL;
  while (next < end && (*next == ' ' || *next == '\t' || *next == '\r' || *next == '\n'))
    next++;
  return next;
}

/* The escape at a backslash: where it ends, or NULL. */
static const char *decode_escape(struct toml_reader *r, const char *at, const char *end, bool lines,
                                 char **out)
{
  static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
  char letter = at + 1 < end ? at[1] : '\0';
  const char *found = letter ? strchr(letters, letter) : NULL;
  if (found) {
    *(*out)++ = meant[found - letters];
    return at + 2;
  }
  if (letter == 'u' || letter == 'U')
    return decode_point(r, at, letter == 'u' ? 4 : 8, out) ? at + (letter == 'u' ? 6 : 10) : NULL;
  const char *next = lines ? skip_line_end(at, end) : NULL;
  if (!next)
    toml_fail(
        r, at, SW_EINVAL,
        "what follows the backslash in a string is no escape; a string in single quotes takes "
        "backslashes as they are");
  return next;
}

/* What stands between the quotes, with escapes and line ends decoded. An escape is never shorter than what
 * it stands for. */
static bool decode(struct toml_reader *r, struct str raw, bool escapes, bool lines, struct str *ret)
{
  char *text = arena_alloc(r->arena, raw.len + 4), *out = text;
  const char *at = raw.data, *end = raw.data + raw.len;
  while (at < end) {
    if (*at == '\\' && escapes) {
      at = decode_escape(r, at, end, lines, &out);
      if (!at)
        return false;
    } else if (*at == '\r') {
      at++; /* LF follows: it was checked */
    } else {
      *out++ = *at++;
    }
  }
  *ret = str_make(text, (size_t)(out - text));
  return true;
}

static bool fail_unfinished(struct toml_reader *r, const char *begin, const char *at, bool lines)
{
  if (at < r->end && !lines)
    return toml_fail(
        r, at, SW_EINVAL,
        "the string runs into the end of the line: it lacks the closing quote, or should "
        "be in three quotes");
  return toml_fail(r, begin, SW_EINVAL, "the string that begins here is not closed");
}

static bool is_control(char c)
{
  return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* The first byte of the closing quotes, which belong to the string where there are more than three of them. */
static const char *find_close(struct toml_reader *r, const char *begin, const char *at, char quote,
                              bool lines, bool *ret_plain)
{
  for (; at < r->end; at++) {
    bool carriage = *at == '\r' && r->end - at > 1 && at[1] == '\n';
    if (*at == quote && !lines)
      return at;
    if (*at == quote && r->end - at > 2 && at[1] == quote && at[2] == quote) {
      for (int more = 0; more < 2 && r->end - at > 3 && at[3] == quote; more++)
        at++;
      return at;
    }
    if (*at == '\\' && quote == '"') {
      *ret_plain = false;
      if (r->end - at > 1 && (at[1] == quote || at[1] == '\\'))
        at++;
    } else if (*at == '\n' || carriage) {
      if (!lines)
        break;
      *ret_plain = *ret_plain && !carriage;
    } else if (is_control(*at)) {
      toml_fail(r, at, SW_EINVAL, "a string contains the control character 0x%02x",
                (unsigned char)*at);
      return NULL;
    }
  }
  fail_unfinished(r, begin, at, lines);
  return NULL;
}

bool toml_read_string(struct toml_reader *r, bool lines, struct str *ret)
{
  const char *begin = r->at;
  char quote = *begin;
  bool plain = true, triple = lines && toml_peek(r, 1) == quote && toml_peek(r, 2) == quote;
  const char *at = begin + (triple ? 3 : 1);
  if (triple && at < r->end && *at == '\r' && r->end - at > 1 && at[1] == '\n')
    at++;
  if (triple && at < r->end && *at == '\n')
    at++;
  const char *close = find_close(r, begin, at, quote, triple, &plain);
  if (!close)
    return false;
  r->at = close + (triple ? 3 : 1);
  *ret = str_make(at, (size_t)(close - at));
  return plain || decode(r, *ret, quote == '"', triple, ret);
}

/* ---- numbers */

/* The end of digits of a base with single "_" between them; NULL if there are none, or a "_" is not
 * between two of them. */
static const char *skip_digits(const char *at, const char *end, int base)
{
  bool after_digit = false;
  for (; at < end; at++) {
    int digit = hex_digit(*at);
    if (*at == '_' && !after_digit)
      return NULL;
    if (*at != '_' && (digit < 0 || digit >= base))
      break;
    after_digit = *at != '_';
  }
  return after_digit ? at : NULL;
}

static bool fail_number(struct toml_reader *r, struct str word)
{
  return toml_fail(r, word.data, SW_EINVAL, "\"%.*s\" is no value; a text has to stand in quotes",
                   STR_FMT(str_sub(word, 0, 60)));
}

/* digits: without sign and prefix, checked. */
static bool make_integer(struct toml_reader *r, struct str word, struct str digits, int base,
                         bool negative, struct value *ret)
{
  uint64_t number = 0;
  bool over = false;
  for (size_t i = 0; i < digits.len; i++) {
    if (digits.data[i] == '_')
      continue;
    over |= __builtin_mul_overflow(number, (uint64_t)base, &number);
    over |= __builtin_add_overflow(number, (uint64_t)hex_digit(digits.data[i]), &number);
  }
  if (over || number > (uint64_t)INT64_MAX + negative)
    return toml_fail(r, word.data, SW_EINVAL, "%.*s does not fit 64 bits",
                     STR_FMT(str_sub(word, 0, 60)));
  *ret = value_int(negative ? (int64_t)(0 - number) : (int64_t)number);
  return true;
}

static void make_float(struct toml_reader *r, struct str word, struct value *ret)
{
  char *text = arena_alloc(r->arena, word.len), *out = text;
  for (size_t i = 0; i < word.len; i++)
    if (word.data[i] != '_' && !(i == 0 && word.data[i] == '+'))
      *out++ = word.data[i];
  *ret = (struct value){
      .type = VALUE_NUMBER, .flags = VALUE_TEXT, .len = (uint32_t)(out - text), .text = text};
}

static bool read_based(struct toml_reader *r, struct str word, int base, struct value *ret)
{
  struct str digits = str_sub(word, 2, SIZE_MAX);
  const char *end = digits.data + digits.len;
  if (skip_digits(digits.data, end, base) != end)
    return fail_number(r, word);
  return make_integer(r, word, digits, base, false, ret);
}

/* What follows the integer part of a float; NULL if it is none. */
static const char *skip_fraction(const char *at, const char *end)
{
  if (at && at < end && *at == '.')
    at = skip_digits(at + 1, end, 10);
  if (at && at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-'))
      at++;
    at = skip_digits(at, end, 10);
  }
  return at;
}

static bool read_decimal(struct toml_reader *r, struct str word, struct value *ret)
{
  bool sign = word.data[0] == '-' || word.data[0] == '+', negative = word.data[0] == '-';
  struct str digits = str_sub(word, sign, SIZE_MAX);
  const char *end = digits.data + digits.len, *whole = skip_digits(digits.data, end, 10);
  if (str_eq(digits, STR("inf")) || str_eq(digits, STR("nan"))) {
    *ret = value_string(negative && digits.data[0] == 'i' ? STR("-inf") : digits);
    return true;
  }
  bool zeros = digits.len > 1 && digits.data[0] == '0' &&
               (is_digit(digits.data[1]) || digits.data[1] == '_');
  if (zeros && whole)
    return toml_fail(r, word.data, SW_EINVAL, "a number does not begin with zeros; octal is 0o17");
  if (whole == end)
    return make_integer(r, word, digits, 10, negative, ret);
  if (skip_fraction(whole, end) != end)
    return fail_number(r, word);
  make_float(r, word, ret);
  return true;
}

static bool read_number(struct toml_reader *r, struct str word, struct value *ret)
{
  static const char marks[] = "xob";
  static const int bases[] = {16, 8, 2};
  const char *mark = word.len > 2 && word.data[0] == '0' ? strchr(marks, word.data[1]) : NULL;
  return mark ? read_based(r, word, bases[mark - marks], ret) : read_decimal(r, word, ret);
}

/* ---- dates and times */

/* Exactly count digits at r->at: their value, at most 9999; -1 otherwise. */
static int take_digits(struct toml_reader *r, unsigned count)
{
  int number = 0;
  for (unsigned i = 0; i < count; i++) {
    char c = toml_peek(r, i);
    if (!is_digit(c))
      return -1;
    number = number * 10 + (c - '0');
  }
  r->at += count;
  return number;
}

static bool take(struct toml_reader *r, char c)
{
  if (toml_peek(r, 0) != c)
    return false;
  r->at++;
  return true;
}

static bool in_range(int number, int least, int most)
{
  return number >= least && number <= most;
}

static int days_of(int year, int month)
{
  static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct toml_reader *r)
{
  int year = take_digits(r, 4), month = -1;
  if (year < 0 || !take(r, '-') || !in_range(month = take_digits(r, 2), 1, 12) || !take(r, '-'))
    return false;
  return in_range(take_digits(r, 2), 1, days_of(year, month));
}

/* RFC 3339 allows second 60. */
static bool take_time(struct toml_reader *r)
{
  if (!in_range(take_digits(r, 2), 0, 23) || !take(r, ':') || !in_range(take_digits(r, 2), 0, 59) ||
      !take(r, ':') || !in_range(take_digits(r, 2), 0, 60))
    return false;
  if (!take(r, '.'))
    return true;
  bool any = is_digit(toml_peek(r, 0));
  while (is_digit(toml_peek(r, 0)))
    r->at++;
  return any;
}

static bool take_offset(struct toml_reader *r)
{
  if (take(r, 'Z') || take(r, 'z'))
    return true;
  if (!take(r, '+') && !take(r, '-'))
    return true; /* a local time */
  return in_range(take_digits(r, 2), 0, 23) && take(r, ':') && in_range(take_digits(r, 2), 0, 59);
}

static bool take_date_time(struct toml_reader *r)
{
  if (!take_date(r))
    return false;
  char between = toml_peek(r, 0);
  if (between != 'T' && between != 't' && !(between == ' ' && is_digit(toml_peek(r, 1))))
    return true;
  r->at++;
  return take_time(r) && take_offset(r);
}

static bool read_date(struct toml_reader *r, struct value *ret)
{
  const char *begin = r->at;
  bool is_time = toml_peek(r, 2) == ':';
  if (!(is_time ? take_time(r) : take_date_time(r)))
    return toml_fail(r, begin, SW_EINVAL, "there is no such %s", is_time ? "time" : "date");
  *ret = value_string(str_make(begin, (size_t)(r->at - begin)));
  return true;
}

/* ---- */

static bool is_of_word(char c)
{
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '+' ||
         c == '-' || c == '.';
}

bool toml_read_word(struct toml_reader *r, struct value *ret)
{
  size_t digits = 0;
  while (digits < 4 && is_digit(toml_peek(r, digits)))
    digits++;
  if ((digits == 4 && toml_peek(r, 4) == '-') || (digits == 2 && toml_peek(r, 2) == ':'))
    return read_date(r, ret);
  struct str word = str_make(r->at, 0);
  while (is_of_word(toml_peek(r, word.len)))
    word.len++;
  if (word.len == 0)
    return toml_fail_expected(r, "a value");
  r->at += word.len;
  if (str_eq(word, STR("true")) || str_eq(word, STR("false"))) {
    *ret = value_bool(word.data[0] == 't');
    return true;
  }
  return read_number(r, word, ret);
}
