/* sprintf, as Go's fmt does it. */
#include "base/utf8.h"
#include "data/arithmetic.h"
#include "data/number.h"
#include "lang/builtin_int.h"

#include <math.h>

/* What an argument is to Go. */
enum argument_type { ARGUMENT_INT, ARGUMENT_BIG, ARGUMENT_FLOAT, ARGUMENT_TEXT };

struct argument {
  enum argument_type type;
  struct value value;
  double real;
  struct str text; /* ARGUMENT_TEXT; the digits of ARGUMENT_BIG */
};

struct directive {
  bool minus, plus, sharp, space, zero;
  bool has_width, has_precision;
  int width, precision;
};

enum { NUMBER_MAX = 1000000 }; /* of width and precision, as Go has it */

struct format {
  struct builtin_context *context;
  struct buf *out;
  struct str text;
  size_t at;
  struct value arguments;
  uint32_t next;  /* argument to take */
  bool reordered; /* %[n] has been used somewhere in this directive */
  bool any_reordered;
  bool good_index;
};

/* ---- arguments */

static bool is_digits(struct str s)
{
  size_t at = s.len && s.data[0] == '-';
  for (; at < s.len; at++)
    if (s.data[at] < '0' || s.data[at] > '9')
      return false;
  return true;
}

static bool read_number(struct value v, struct argument *a)
{
  if (v.flags & VALUE_INT) {
    a->type = ARGUMENT_INT;
    return true;
  }
  if (v.flags & VALUE_TEXT && is_digits(value_str(v))) {
    int64_t small;
    a->type = ARGUMENT_BIG;
    a->text = value_str(v);
    if (number_to_int64(v, &small)) {
      a->type = ARGUMENT_INT;
      a->value = value_int(small);
    }
    return true;
  }
  if (number_to_double(v, &a->real)) {
    a->type = ARGUMENT_FLOAT;
    return true;
  }
  a->type = ARGUMENT_TEXT;
  a->text = value_str(v);
  return true;
}

/* A term's text is written behind what there is, copied, and taken back. */
static bool read_argument(struct format *f, struct value v, struct argument *a)
{
  *a = (struct argument){.type = ARGUMENT_TEXT, .value = v};
  if (v.type == VALUE_NUMBER)
    return read_number(v, a);
  if (v.type == VALUE_STRING) {
    a->text = value_str(v);
    return true;
  }
  size_t before = f->out->len;
  if (!builtin_add_term(f->context, f->out, v))
    return false;
  a->text = arena_copy(f->context->arena, str_sub(buf_str(f->out), before, f->out->len));
  f->out->len = before;
  return true;
}

static const char *go_type(const struct argument *a)
{
  static const char *const names[] = {"int", "*big.Int", "float64", "string"};
  return names[a->type];
}

/* ---- padding */

/* Pads what has been written since `from` to the width. */
static void pad(struct format *f, const struct directive *d, size_t from)
{
  struct buf *out = f->out;
  size_t width = utf8_count(str_sub(buf_str(out), from, out->len));
  if (!d->has_width || width >= (size_t)d->width || buf_failed(out))
    return;
  size_t missing = (size_t)d->width - width;
  bool zeros = d->zero && !d->minus;
  buf_add_repeat(out, zeros ? '0' : ' ', missing);
  if (d->minus || buf_failed(out))
    return;
  memmove(out->data + from + missing, out->data + from, out->len - missing - from);
  memset(out->data + from, zeros ? '0' : ' ', missing);
}

/* The same for numbers: zeros go behind the sign. */
static void pad_number(struct format *f, const struct directive *d, size_t from)
{
  struct buf *out = f->out;
  bool has_sign = out->len > from && strchr("+- ", out->data[from]);
  if (has_sign && d->zero && !d->minus && d->has_width) {
    struct directive rest = *d;
    rest.width -= 1;
    pad(f, &rest, from + 1);
    return;
  }
  pad(f, d, from);
}

/* ---- integers */

static void add_integer(struct format *f, const struct directive *d, struct str digits,
                        bool negative, int base, char verb)
{
  size_t from = f->out->len;
  struct directive padding = *d;
  if (negative || d->plus || d->space)
    buf_add_byte(f->out, negative ? '-' : d->plus ? '+' : ' ');
  if (verb == 'O')
    buf_add(f->out, STR("0o"));
  else if (d->sharp && base == 2)
    buf_add(f->out, STR("0b"));
  else if (d->sharp && base == 16)
    buf_add_text(f->out, verb == 'X' ? "0X" : "0x");
  else if (d->sharp && base == 8 && !(digits.len && digits.data[0] == '0'))
    buf_add_byte(f->out, '0');
  if (d->has_precision) {
    padding.zero = false;
    if (d->precision == 0 && str_eq(digits, STR("0"))) {
      f->out->len = from;
      padding.minus = d->minus;
      pad(f, &padding, from);
      return;
    }
    if (digits.len < (size_t)d->precision)
      buf_add_repeat(f->out, '0', (size_t)d->precision - digits.len);
  }
  size_t start = f->out->len;
  buf_add(f->out, digits);
  for (size_t i = start; verb == 'X' && i < f->out->len; i++)
    if (f->out->data[i] >= 'a')
      f->out->data[i] = (char)(f->out->data[i] - 32);
  pad_number(f, &padding, from);
}

static bool format_base(struct format *f, const struct directive *d, const struct argument *a,
                        int base, char verb)
{
  struct str digits;
  struct error err;
  if (arithmetic_format(f->context->arena, a->value, base, &digits, &err) < 0) {
    builtin_halt(f->context, "%s", err.message);
    return false;
  }
  bool negative = digits.len && digits.data[0] == '-';
  add_integer(f, d, str_sub(digits, negative, digits.len), negative, base, verb);
  return true;
}

static uint32_t point_of(const struct argument *a)
{
  int64_t n = a->value.integer;
  return n < 0 || n > UTF8_POINT_MAX || (n >= 0xD800 && n <= 0xDFFF) ? UTF8_REPLACEMENT
                                                                     : (uint32_t)n;
}

static void add_point(struct buf *out, uint32_t point)
{
  char bytes[4];
  buf_add(out, str_make(bytes, utf8_encode(point, bytes)));
}

static void format_character(struct format *f, const struct directive *d, const struct argument *a,
                             char verb)
{
  size_t from = f->out->len;
  uint32_t point = point_of(a);
  if (verb == 'c') {
    add_point(f->out, point);
  } else if (verb == 'U') {
    buf_printf(f->out, "U+%04llX", (unsigned long long)a->value.integer);
    if (d->sharp) {
      buf_add(f->out, STR(" '"));
      add_point(f->out, point);
      buf_add_byte(f->out, '\'');
    }
  } else if (point == '\'' || point == '\\') {
    buf_printf(f->out, "'\\%c'", (char)point);
  } else {
    char bytes[4];
    builtin_add_quoted(f->out, str_make(bytes, utf8_encode(point, bytes)));
    size_t start = from + (point == '"');
    if (point == '"')
      f->out->data[start] = '"';
    f->out->data[from] = '\'';
    if (point == '"')
      f->out->len--;
    f->out->data[f->out->len - 1] = '\'';
  }
  struct directive padding = *d;
  padding.zero = d->zero && verb != 'U';
  pad(f, &padding, from);
}

static int base_of(char verb)
{
  switch (verb) {
  case 'b':
    return 2;
  case 'o':
  case 'O':
    return 8;
  case 'x':
  case 'X':
    return 16;
  case 'd':
  case 'v':
    return 10;
  default:
    return 0;
  }
}

/* ---- floats */

/* The digits of the shortest text and the place of the point, from ECMAScript's form. */
static int shortest_digits(double number, char digits[32], int *ret_point)
{
  char text[NUMBER_TEXT_MAX];
  number_format_double(fabs(number), text);
  int count = 0, point = 0;
  bool seen = false;
  const char *at = text;
  for (; *at && *at != 'e'; at++) {
    if (*at == '.') {
      seen = true;
      continue;
    }
    if (count == 0 && *at == '0') {
      point -= seen;
      continue;
    }
    digits[count++] = *at;
    point += !seen;
  }
  if (*at == 'e')
    point += (int)strtol(at + 1, NULL, 10);
  while (count > 0 && digits[count - 1] == '0')
    count--;
  if (count == 0) {
    digits[count++] = '0';
    point = 1;
  }
  *ret_point = point;
  return count;
}

static void add_shortest(struct buf *out, double number, char verb)
{
  char digits[32];
  int point, count = shortest_digits(number, digits, &point);
  bool general = verb == 'g' || verb == 'G' || verb == 'v';
  if (verb == 'e' || verb == 'E' || (general && (point - 1 < -4 || point - 1 >= 6))) {
    buf_add_byte(out, digits[0]);
    if (count > 1)
      buf_add_byte(out, '.');
    buf_add(out, str_make(digits + 1, (size_t)count - 1));
    buf_printf(out, "%c%c%02d", verb == 'E' || verb == 'G' ? 'E' : 'e', point < 1 ? '-' : '+',
               abs(point - 1));
    return;
  }
  if (point <= 0) {
    buf_add(out, STR("0"));
    buf_add_byte(out, '.');
    buf_add_repeat(out, '0', (size_t)-point);
    buf_add(out, str_make(digits, (size_t)count));
    return;
  }
  for (int i = 0; i < point; i++)
    buf_add_byte(out, i < count ? digits[i] : '0');
  if (count > point) {
    buf_add_byte(out, '.');
    buf_add(out, str_make(digits + point, (size_t)(count - point)));
  }
}

static void add_double(struct buf *out, const struct directive *d, double number, char verb)
{
  double magnitude = fabs(number);
  bool shortest = !d->has_precision && (verb == 'v' || verb == 'g' || verb == 'G');
  if (shortest) {
    add_shortest(out, magnitude, verb);
    return;
  }
  int precision = d->has_precision ? d->precision : 6;
  switch (verb) {
  case 'e':
    buf_printf(out, d->sharp ? "%#.*e" : "%.*e", precision, magnitude);
    break;
  case 'E':
    buf_printf(out, d->sharp ? "%#.*E" : "%.*E", precision, magnitude);
    break;
  case 'f':
  case 'F':
    buf_printf(out, d->sharp ? "%#.*f" : "%.*f", precision, magnitude);
    break;
  case 'G':
    buf_printf(out, d->sharp ? "%#.*G" : "%.*G", precision, magnitude);
    break;
  default:
    buf_printf(out, d->sharp ? "%#.*g" : "%.*g", precision, magnitude);
  }
}

static void format_float(struct format *f, const struct directive *d, const struct argument *a,
                         char verb)
{
  size_t from = f->out->len;
  if (signbit(a->real) || d->plus || d->space)
    buf_add_byte(f->out, signbit(a->real) ? '-' : d->plus ? '+' : ' ');
  add_double(f->out, d, a->real, verb);
  pad_number(f, d, from);
}

/* ---- texts */

static struct str cut_points(struct str s, const struct directive *d)
{
  if (!d->has_precision)
    return s;
  size_t at = 0;
  for (int points = 0; points < d->precision && at < s.len; points++) {
    uint32_t point;
    unsigned size = utf8_decode(s, at, &point);
    at += size ? size : 1;
  }
  return str_sub(s, 0, at);
}

static void add_hex(struct buf *out, const struct directive *d, struct str s, bool upper)
{
  const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  if (d->has_precision && (size_t)d->precision < s.len)
    s.len = (size_t)d->precision;
  for (size_t i = 0; i < s.len; i++) {
    if (i && d->space)
      buf_add_byte(out, ' ');
    if (d->sharp && (d->space || i == 0))
      buf_add_text(out, upper ? "0X" : "0x");
    buf_add_byte(out, digits[(unsigned char)s.data[i] >> 4]);
    buf_add_byte(out, digits[s.data[i] & 15]);
  }
}

static void format_text(struct format *f, const struct directive *d, const struct argument *a,
                        char verb)
{
  size_t from = f->out->len;
  if (verb == 'x' || verb == 'X') {
    add_hex(f->out, d, a->text, verb == 'X');
  } else {
    struct str s = cut_points(a->text, d);
    bool raw = d->sharp && verb == 'q' && str_find_byte(s, 0, '`') < 0;
    for (size_t i = 0; raw && i < s.len; i++)
      raw = (unsigned char)s.data[i] >= 0x20 || s.data[i] == '\t';
    if (raw) {
      buf_add_byte(f->out, '`');
      buf_add(f->out, s);
      buf_add_byte(f->out, '`');
    } else if (verb == 'q' || (verb == 'v' && d->sharp)) {
      builtin_add_quoted(f->out, s);
    } else {
      buf_add(f->out, s);
    }
  }
  pad(f, d, from);
}

/* ---- one directive */

static void add_plain(struct format *f, const struct argument *a)
{
  struct directive none = {.width = 0};
  if (a->type == ARGUMENT_INT)
    buf_add_i64(f->out, a->value.integer);
  else if (a->type == ARGUMENT_FLOAT)
    format_float(f, &none, a, 'v');
  else
    buf_add(f->out, a->text);
}

static void bad_verb(struct format *f, const struct argument *a, struct str verb)
{
  buf_add(f->out, STR("%!"));
  buf_add(f->out, verb);
  buf_printf(f->out, "(%s=", a->type == ARGUMENT_BIG ? "big.Int" : go_type(a));
  add_plain(f, a);
  buf_add_byte(f->out, ')');
}

static bool format_integer(struct format *f, const struct directive *d, const struct argument *a,
                           char verb, struct str whole_verb)
{
  int base = base_of(verb);
  if (base == 0 && verb == 's' && a->type == ARGUMENT_BIG)
    base = 10;
  if (base)
    return format_base(f, d, a, base, verb);
  if (a->type == ARGUMENT_INT && (verb == 'c' || verb == 'q' || verb == 'U'))
    format_character(f, d, a, verb);
  else
    bad_verb(f, a, whole_verb);
  return true;
}

static bool format_argument(struct format *f, const struct directive *d, const struct argument *a,
                            struct str whole_verb)
{
  char verb = whole_verb.len == 1 ? whole_verb.data[0] : '\0';
  if (verb == 'T') {
    size_t from = f->out->len;
    buf_add_text(f->out, go_type(a));
    pad(f, d, from);
    return true;
  }
  if (a->type <= ARGUMENT_BIG)
    return format_integer(f, d, a, verb, whole_verb);
  bool fits = verb && strchr(a->type == ARGUMENT_FLOAT ? "veEfFgG" : "vsqxX", verb);
  if (!fits)
    bad_verb(f, a, whole_verb);
  else if (a->type == ARGUMENT_FLOAT)
    format_float(f, d, a, verb);
  else
    format_text(f, d, a, verb);
  return true;
}

static char peek(const struct format *f)
{
  return f->at < f->text.len ? f->text.data[f->at] : '\0';
}

static bool read_decimal(struct format *f, int *ret)
{
  bool any = false;
  int n = 0;
  for (; f->at < f->text.len && peek(f) >= '0' && peek(f) <= '9'; f->at++) {
    any = true;
    if (n <= NUMBER_MAX)
      n = n * 10 + (peek(f) - '0');
  }
  *ret = n;
  return any;
}

/* [n]: the argument to take next. */
static void read_index(struct format *f)
{
  if (peek(f) != '[')
    return;
  f->reordered = f->any_reordered = true;
  ptrdiff_t end = str_find_byte(f->text, f->at, ']');
  if (end < 0) {
    f->good_index = false;
    f->at++;
    return;
  }
  f->at++;
  int n;
  bool any = read_decimal(f, &n);
  if (!any || (ptrdiff_t)f->at != end || n < 1 || n > (int64_t)f->arguments.len)
    f->good_index = false;
  else
    f->next = (uint32_t)n - 1;
  f->at = (size_t)end + 1;
}

/* "*": the next argument as a number. */
static bool take_number(struct format *f, int *ret)
{
  f->at++;
  int64_t n;
  if (f->next >= f->arguments.len)
    return false;
  struct value v = f->arguments.items[f->next++];
  if (!value_to_int(v, &n) || n > NUMBER_MAX || n < -NUMBER_MAX)
    return false;
  *ret = (int)n;
  return true;
}

static void read_flags(struct format *f, struct directive *d)
{
  for (;; f->at++) {
    switch (peek(f)) {
    case '-':
      d->minus = true;
      d->zero = false;
      break;
    case '+':
      d->plus = true;
      break;
    case '#':
      d->sharp = true;
      break;
    case ' ':
      d->space = true;
      break;
    case '0':
      d->zero = !d->minus;
      break;
    default:
      return;
    }
  }
}

static void read_width(struct format *f, struct directive *d)
{
  if (peek(f) == '*') {
    d->has_width = take_number(f, &d->width);
    if (!d->has_width)
      buf_add(f->out, STR("%!(BADWIDTH)"));
    if (d->width < 0) {
      d->width = -d->width;
      d->minus = true;
      d->zero = false;
    }
    return;
  }
  d->has_width = read_decimal(f, &d->width);
  if (d->has_width && f->reordered)
    f->good_index = false;
  if (d->width > NUMBER_MAX) {
    d->has_width = false;
    buf_add(f->out, STR("%!(BADWIDTH)"));
  }
}

static void read_precision(struct format *f, struct directive *d)
{
  if (peek(f) != '.')
    return;
  f->at++;
  if (f->reordered)
    f->good_index = false;
  read_index(f);
  if (peek(f) == '*') {
    d->has_precision = take_number(f, &d->precision) && d->precision >= 0;
    if (!d->has_precision) {
      d->precision = 0;
      buf_add(f->out, STR("%!(BADPREC)"));
    }
    return;
  }
  d->has_precision = true;
  read_decimal(f, &d->precision);
  if (d->precision > NUMBER_MAX) {
    d->has_precision = false;
    buf_add(f->out, STR("%!(BADPREC)"));
  }
}

static bool format_directive(struct format *f)
{
  struct directive d = {.width = 0};
  f->reordered = false;
  f->good_index = true;
  read_flags(f, &d);
  read_index(f);
  read_width(f, &d);
  read_precision(f, &d);
  if (!f->reordered || peek(f) == '[')
    read_index(f);
  if (f->at >= f->text.len) {
    buf_add(f->out, STR("%!(NOVERB)"));
    return true;
  }
  uint32_t point;
  unsigned size = utf8_decode(f->text, f->at, &point);
  struct str verb = str_sub(f->text, f->at, size ? size : 1);
  f->at += verb.len;
  if (str_eq(verb, STR("%"))) {
    buf_add_byte(f->out, '%');
    return true;
  }
  if (!f->good_index || f->next >= f->arguments.len) {
    buf_add(f->out, STR("%!"));
    buf_add(f->out, verb);
    buf_add_text(f->out, f->good_index ? "(MISSING)" : "(BADINDEX)");
    return true;
  }
  struct argument a;
  return read_argument(f, f->arguments.items[f->next++], &a) && format_argument(f, &d, &a, verb);
}

static bool add_extra(struct format *f)
{
  if (f->any_reordered || f->next >= f->arguments.len)
    return true;
  buf_add(f->out, STR("%!(EXTRA "));
  for (uint32_t i = f->next; i < f->arguments.len; i++) {
    struct argument a;
    if (!read_argument(f, f->arguments.items[i], &a))
      return false;
    if (i > f->next)
      buf_add(f->out, STR(", "));
    buf_printf(f->out, "%s=", go_type(&a));
    add_plain(f, &a);
  }
  buf_add_byte(f->out, ')');
  return true;
}

CALL(sprintf_call)
{
  struct format f = {.context = c};
  if (!builtin_want_string(c, args, 1, &f.text) || !builtin_want(c, args, 2, VALUE_ARRAY) ||
      !builtin_spend(c, f.text.len / 8 + args[1].len))
    return BUILTIN_ERROR;
  f.arguments = args[1];
  f.out = builtin_text(c);
  while (f.at < f.text.len && !buf_failed(f.out)) {
    ptrdiff_t sign = str_find_byte(f.text, f.at, '%');
    size_t end = sign < 0 ? f.text.len : (size_t)sign;
    buf_add(f.out, str_sub(f.text, f.at, end - f.at));
    f.at = end + 1;
    if (sign >= 0 && !format_directive(&f))
      return BUILTIN_ERROR;
  }
  if (!add_extra(&f))
    return BUILTIN_ERROR;
  return builtin_give_text(c, ret);
}

CALL(trace)
{
  struct str text;
  if (!builtin_want_string(c, args, 1, &text))
    return BUILTIN_ERROR;
  if (c->note)
    c->note(c->user, text);
  return give(ret, value_bool(true));
}

const struct builtin builtins_sprintf[] = {
    ROW(sprintf_call, "sprintf", 2, "string, array<any>", "string"),
    ROW(trace, "trace", 1, "string", "boolean"),
    {.name = NULL},
};
