/* Values of templates: their types, their truth, and how Go's fmt prints them. */
#include "lang/template_int.h"

#include "base/utf8.h"
#include "data/compare.h"
#include "data/number.h"
#include "lang/builtin_int.h"

#include <math.h>

enum { VALUE_DEPTH_MAX = 200, FORMAT_WIDTH_MAX = 1000000 };

struct template_value template_of(struct arena *a, struct value v)
{
  struct template_value t = {.type = TYPE_NONE};
  switch (v.type) {
  case VALUE_NULL:
    t.type = TYPE_NULL;
    break;
  case VALUE_BOOL:
    t.type = TYPE_BOOL;
    t.boolean = v.boolean;
    break;
  case VALUE_NUMBER: {
    _cleanup_(buf_free) struct buf text = {.cap = 1 << 20};
    number_write(&text, v);
    t.type = TYPE_NUMBER;
    t.text = arena_copy(a, buf_str(&text));
    break;
  }
  case VALUE_STRING:
    t.type = TYPE_STRING;
    t.text = value_str(v);
    break;
  case VALUE_ARRAY:
  case VALUE_SET:
    t.type = TYPE_LIST;
    t.data = v;
    break;
  case VALUE_OBJECT:
    t.type = TYPE_MAP;
    t.data = v;
    break;
  default:
    break;
  }
  return t;
}

bool template_is_true(const struct template_value *v)
{
  switch (v->type) {
  case TYPE_BOOL:
    return v->boolean;
  case TYPE_INT:
    return v->integer != 0;
  case TYPE_FLOAT:
    return v->real != 0;
  case TYPE_STRING:
  case TYPE_NUMBER:
    return v->text.len > 0;
  case TYPE_LIST:
  case TYPE_MAP:
    return v->data.len > 0;
  default:
    return false;
  }
}

const char *template_type_name(const struct template_value *v)
{
  static const char *const names[] = {
      [TYPE_NONE] = "nil",
      [TYPE_BOOL] = "bool",
      [TYPE_INT] = "int",
      [TYPE_FLOAT] = "float64",
      [TYPE_STRING] = "string",
      [TYPE_NUMBER] = "json.Number",
      [TYPE_LIST] = "[]interface {}",
      [TYPE_MAP] = "map[string]interface {}",
      [TYPE_NULL] = "<nil>",
  };
  return names[v->type];
}

/* ---- numbers */

/* Digits of the shortest text that reads back, d.ddd, and the power of ten. */
static int shortest(double number, char digits[32], int *ret_count)
{
  char text[NUMBER_TEXT_MAX + 1];
  size_t len = number_format_double(number, text);
  int point = 0, count = 0, power = 0;
  bool seen = false;
  text[len] = 0;
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '.') {
      seen = true;
    } else if (text[i] == 'e') {
      bool minus = text[i + 1] == '-';
      for (i += 2; i < len; i++)
        power = power * 10 + (text[i] - '0');
      power = minus ? -power : power;
    } else if (text[i] != '-') {
      if (count || text[i] != '0') {
        digits[count++] = text[i];
        point += !seen;
      } else if (seen) {
        point--;
      }
    }
  }
  while (count > 1 && digits[count - 1] == '0')
    count--;
  if (!count)
    digits[count++] = '0', point = 1;
  *ret_count = count;
  return point + power;
}

/* The shortest %g. */
static void add_float(struct buf *out, double number, char exponent)
{
  char digits[32];
  int count, point;
  if (!isfinite(number)) {
    buf_add_text(out, isnan(number) ? "NaN" : number < 0 ? "-Inf" : "+Inf");
    return;
  }
  if (signbit(number))
    buf_add_byte(out, '-');
  point = shortest(fabs(number), digits, &count);
  if (point - 1 < -4 || point - 1 >= 6) {
    int power = point - 1;
    buf_add_byte(out, digits[0]);
    if (count > 1)
      buf_printf(out, ".%.*s", count - 1, digits + 1);
    buf_printf(out, "%c%c%02d", exponent, power < 0 ? '-' : '+', power < 0 ? -power : power);
  } else if (point <= 0) {
    buf_add_text(out, "0.");
    buf_add_repeat(out, '0', (size_t)-point);
    buf_add(out, str_make(digits, (size_t)count));
  } else {
    int whole = count < point ? count : point;
    buf_add(out, str_make(digits, (size_t)whole));
    buf_add_repeat(out, '0', (size_t)(point - whole));
    if (count > whole)
      buf_printf(out, ".%.*s", count - whole, digits + whole);
  }
}

/* ---- %v */

static void add_data(struct template_run *r, struct buf *out, struct value v, unsigned depth);

static void add_map(struct template_run *r, struct buf *out, struct value v, unsigned depth)
{
  uint32_t *order = arena_array(r->arena, uint32_t, v.len);
  value_sort_keys(v, order);
  buf_add_text(out, "map[");
  for (uint32_t i = 0; i < v.len; i++) {
    if (i)
      buf_add_byte(out, ' ');
    add_data(r, out, v.members[order[i]].key, depth + 1);
    buf_add_byte(out, ':');
    add_data(r, out, v.members[order[i]].value, depth + 1);
  }
  buf_add_byte(out, ']');
}

static void add_data(struct template_run *r, struct buf *out, struct value v, unsigned depth)
{
  if (depth > VALUE_DEPTH_MAX && !r->failed)
    r->failed = error_set(r->err, SW_ELIMIT, "a value is nested too deep to be printed");
  if (!template_spend(r, 1))
    return;
  if (v.type == VALUE_OBJECT) {
    add_map(r, out, v, depth);
  } else if (v.type == VALUE_ARRAY || v.type == VALUE_SET) {
    buf_add_byte(out, '[');
    for (uint32_t i = 0; i < v.len; i++) {
      if (i)
        buf_add_byte(out, ' ');
      add_data(r, out, v.items[i], depth + 1);
    }
    buf_add_byte(out, ']');
  } else {
    struct template_value t = template_of(r->arena, v);
    template_add_value(r, out, &t);
  }
}

void template_add_value(struct template_run *r, struct buf *out, const struct template_value *v)
{
  switch (v->type) {
  case TYPE_NONE:
  case TYPE_NULL:
    buf_add_text(out, "<nil>");
    break;
  case TYPE_BOOL:
    buf_add_text(out, v->boolean ? "true" : "false");
    break;
  case TYPE_INT:
    buf_add_i64(out, v->integer);
    break;
  case TYPE_FLOAT:
    add_float(out, v->real, 'e');
    break;
  case TYPE_STRING:
  case TYPE_NUMBER:
    buf_add(out, v->text);
    break;
  default:
    add_data(r, out, v->data, 0);
  }
}

static bool is_text(const struct template_value *v)
{
  return v->type == TYPE_STRING || v->type == TYPE_NUMBER;
}

/* Sprint: a space between two that are both no texts. Sprintln: a space between all. */
void template_add_printed(struct template_run *r, struct buf *out, const struct template_value *v,
                          uint32_t count, bool line)
{
  for (uint32_t i = 0; i < count && template_spend(r, 1); i++) {
    if (i && (line || (!is_text(&v[i]) && !is_text(&v[i - 1]))))
      buf_add_byte(out, ' ');
    template_add_value(r, out, &v[i]);
  }
  if (line)
    buf_add_byte(out, '\n');
}

/* ---- printf */

struct directive {
  bool minus, plus, sharp, space, zero;
  int width, precision; /* negative: not said */
};

/* Fills up to the width, in characters. */
static void pad(struct buf *out, const struct directive *d, size_t from)
{
  size_t width = 0;
  for (size_t i = from; i < out->len; i++)
    width += ((unsigned char)out->data[i] & 0xC0) != 0x80;
  if (d->width < 0 || (size_t)d->width <= width)
    return;
  size_t fill = (size_t)d->width - width, len = out->len - from;
  bool zero = d->zero && !d->minus;
  buf_add_repeat(out, zero ? '0' : ' ', fill);
  if (d->minus || buf_failed(out))
    return;
  size_t sign = zero && len && (out->data[from] == '-' || out->data[from] == '+');
  memmove(out->data + from + sign + fill, out->data + from + sign, len - sign);
  memset(out->data + from + sign, zero ? '0' : ' ', fill);
}

static void bad_verb(struct template_run *r, struct buf *out, struct str verb,
                     const struct template_value *v)
{
  if (v->type == TYPE_NONE || v->type == TYPE_NULL) {
    buf_printf(out, "%%!%.*s(<nil>)", STR_FMT(verb));
    return;
  }
  buf_printf(out, "%%!%.*s(%s=", STR_FMT(verb), template_type_name(v));
  template_add_value(r, out, v);
  buf_add_byte(out, ')');
}

static void add_base(struct buf *out, int64_t number, char verb, const struct directive *d)
{
  unsigned base = verb == 'b' ? 2 : verb == 'o' || verb == 'O' ? 8 : verb == 'd' ? 10 : 16;
  const char *digits = verb == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  char text[65];
  size_t at = sizeof text;
  do
    text[--at] = digits[left % base];
  while (left /= base);
  if (number < 0)
    buf_add_byte(out, '-');
  else if (d->plus || d->space)
    buf_add_byte(out, d->plus ? '+' : ' ');
  if (verb == 'O' || (d->sharp && verb != 'd'))
    buf_add_text(out, verb == 'O'   ? "0o"
                      : verb == 'b' ? "0b"
                      : verb == 'o' ? "0"
                      : verb == 'X' ? "0X"
                                    : "0x");
  size_t len = sizeof text - at;
  if (d->precision > 0 && (size_t)d->precision > len)
    buf_add_repeat(out, '0', (size_t)d->precision - len);
  buf_add(out, str_make(text + at, len));
}

static void add_point(struct buf *out, int64_t point)
{
  uint32_t p = point < 0 || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)
                   ? 0xFFFD
                   : (uint32_t)point;
  if (p < 0x80) {
    buf_add_byte(out, (char)p);
    return;
  }
  int len = p < 0x800 ? 2 : p < 0x10000 ? 3 : 4;
  static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  buf_add_byte(out, (char)(heads[len] | p >> (6 * (len - 1))));
  for (int i = len - 2; i >= 0; i--)
    buf_add_byte(out, (char)(0x80 | (p >> (6 * i) & 0x3F)));
}

/* As Go writes it between single quotes. */
static void add_character(struct buf *out, int64_t point)
{
  _cleanup_(buf_free) struct buf one = {0}, quoted = {0};
  add_point(&one, point);
  builtin_add_quoted(&quoted, buf_str(&one));
  struct str inner = str_sub(buf_str(&quoted), 1, quoted.len - 2);
  buf_add_byte(out, '\'');
  if (point == '\'')
    buf_add_text(out, "\\'");
  else
    buf_add(out, point == '"' ? STR("\"") : inner);
  buf_add_byte(out, '\'');
}

static bool format_int(struct buf *out, const struct template_value *v, char verb,
                       const struct directive *d)
{
  if (verb == 'v' || verb == 'd')
    add_base(out, v->integer, 'd', d);
  else if (strchr("bodxXO", verb))
    add_base(out, v->integer, verb, d);
  else if (verb == 'c')
    add_point(out, v->integer);
  else if (verb == 'q')
    add_character(out, v->integer);
  else if (verb == 'U')
    buf_printf(out, "U+%04llX", (unsigned long long)v->integer);
  else
    return false;
  return true;
}

static bool format_float(struct buf *out, const struct template_value *v, char verb,
                         const struct directive *d)
{
  if (!strchr("veEfFgG", verb))
    return false;
  if (d->plus && !signbit(v->real))
    buf_add_byte(out, '+');
  if (verb == 'v' || ((verb == 'g' || verb == 'G') && d->precision < 0))
    add_float(out, v->real, verb == 'G' ? 'E' : 'e');
  else if (verb == 'e' || verb == 'E')
    buf_printf(out, verb == 'e' ? "%.*e" : "%.*E", d->precision < 0 ? 6 : d->precision, v->real);
  else if (verb == 'g' || verb == 'G')
    buf_printf(out, verb == 'g' ? "%.*g" : "%.*G", d->precision, v->real);
  else
    buf_printf(out, "%.*f", d->precision < 0 ? 6 : d->precision, v->real);
  return true;
}

static struct str cut(struct str s, int characters)
{
  size_t at = 0;
  for (; characters > 0 && at < s.len; characters--) {
    uint32_t point;
    unsigned size = utf8_decode(s, at, &point);
    at += size ? size : 1;
  }
  return str_sub(s, 0, at);
}

static bool format_text(struct buf *out, const struct template_value *v, char verb,
                        const struct directive *d)
{
  struct str s = d->precision >= 0 ? cut(v->text, d->precision) : v->text;
  if (verb == 's' || verb == 'v')
    buf_add(out, s);
  else if (verb == 'q')
    builtin_add_quoted(out, s);
  else if (verb == 'x' || verb == 'X')
    for (size_t i = 0; i < s.len; i++)
      buf_printf(out, verb == 'x' ? "%02x" : "%02X", (unsigned char)s.data[i]);
  else
    return false;
  return true;
}

static bool format_one(struct template_run *r, struct buf *out, const struct template_value *v,
                       char verb, const struct directive *d)
{
  if (verb == 'T') {
    buf_add_text(out, template_type_name(v));
    return true;
  }
  switch (v->type) {
  case TYPE_INT:
    return format_int(out, v, verb, d);
  case TYPE_FLOAT:
    return format_float(out, v, verb, d);
  case TYPE_STRING:
  case TYPE_NUMBER:
    return format_text(out, v, verb, d);
  case TYPE_BOOL:
    if (verb != 't' && verb != 'v')
      return false;
    break;
  default:
    if (verb != 'v' && (verb != 's' || (v->type != TYPE_LIST && v->type != TYPE_MAP)))
      return false;
  }
  template_add_value(r, out, v);
  return true;
}

struct formatter {
  struct str format;
  size_t at;
  const struct template_value *values;
  uint32_t count, next;
  bool reordered;  /* somewhere there was a %[n] */
  bool good_index; /* of the directive */
};

static bool is_at(const struct formatter *f, char ch)
{
  return f->at < f->format.len && f->format.data[f->at] == ch;
}

/* Digits; negative: there are none. */
static int read_number(struct formatter *f)
{
  int n = -1;
  for (; f->at < f->format.len && f->format.data[f->at] >= '0' && f->format.data[f->at] <= '9';
       f->at++) {
    n = (n < 0 ? 0 : n) * 10 + (f->format.data[f->at] - '0');
    if (n > FORMAT_WIDTH_MAX)
      n = FORMAT_WIDTH_MAX;
  }
  return n;
}

/* "[n]": which value is taken. True if there was one. */
static bool read_index(struct formatter *f)
{
  if (!is_at(f, '['))
    return false;
  ptrdiff_t end = str_find_byte(f->format, f->at, ']');
  f->reordered = true;
  size_t start = f->at++;
  if (end < 0 || f->format.len - start < 3) {
    f->good_index = false;
    return false;
  }
  int n = read_number(f);
  bool is_number = n >= 0 && f->at == (size_t)end;
  f->at = (size_t)end + 1;
  if (is_number && n > 0 && (uint32_t)n <= f->count)
    f->next = (uint32_t)n - 1;
  else
    f->good_index = false;
  return is_number;
}

/* "*": a value is the number. */
static bool take_number(struct formatter *f, int *ret)
{
  const struct template_value *v = f->next < f->count ? &f->values[f->next++] : NULL;
  *ret = -1;
  if (!v || v->type != TYPE_INT || v->integer < -FORMAT_WIDTH_MAX || v->integer > FORMAT_WIDTH_MAX)
    return false;
  *ret = (int)v->integer;
  return true;
}

static void read_width(struct formatter *f, struct buf *out, struct directive *d, bool *after_index)
{
  if (!is_at(f, '*')) {
    d->width = read_number(f);
    f->good_index &= !*after_index || d->width < 0;
    return;
  }
  f->at++;
  if (!take_number(f, &d->width)) {
    buf_add_text(out, "%!(BADWIDTH)");
  } else if (d->width < 0) {
    d->width = -d->width;
    d->minus = true;
  }
  *after_index = false;
}

static void read_precision(struct formatter *f, struct buf *out, struct directive *d,
                           bool *after_index)
{
  f->at++;
  f->good_index &= !*after_index;
  *after_index = read_index(f);
  if (!is_at(f, '*')) {
    d->precision = read_number(f);
    if (d->precision < 0)
      d->precision = 0;
    return;
  }
  f->at++;
  if (!take_number(f, &d->precision) || d->precision < 0) {
    d->precision = -1;
    buf_add_text(out, "%!(BADPREC)");
  }
  *after_index = false;
}

static struct directive read_directive(struct formatter *f, struct buf *out)
{
  struct directive d = {.width = -1, .precision = -1};
  for (; f->at < f->format.len && f->format.data[f->at] && strchr("-+# 0", f->format.data[f->at]);
       f->at++) {
    char ch = f->format.data[f->at];
    d.minus |= ch == '-';
    d.plus |= ch == '+';
    d.sharp |= ch == '#';
    d.space |= ch == ' ';
    d.zero |= ch == '0';
  }
  f->good_index = true;
  bool after_index = read_index(f);
  read_width(f, out, &d, &after_index);
  if (is_at(f, '.'))
    read_precision(f, out, &d, &after_index);
  if (!after_index)
    read_index(f);
  return d;
}

static void add_rest(struct template_run *r, struct buf *out, const struct formatter *f)
{
  if (f->reordered || f->next >= f->count)
    return;
  buf_add_text(out, "%!(EXTRA ");
  for (uint32_t i = f->next; i < f->count; i++) {
    buf_printf(out, "%s%s=", i > f->next ? ", " : "", template_type_name(&f->values[i]));
    template_add_value(r, out, &f->values[i]);
  }
  buf_add_byte(out, ')');
}

static void add_directive(struct template_run *r, struct buf *out, struct formatter *f,
                          const struct directive *d)
{
  uint32_t point;
  unsigned size = utf8_decode(f->format, f->at, &point);
  struct str verb = str_sub(f->format, f->at, size ? size : 1);
  size_t from = out->len;
  f->at += verb.len;
  if (verb.data[0] == '%') {
    buf_add_byte(out, '%');
  } else if (!f->good_index || f->next >= f->count) {
    buf_printf(out, "%%!%.*s(%s)", STR_FMT(verb), f->good_index ? "MISSING" : "BADINDEX");
  } else {
    const struct template_value *v = &f->values[f->next++];
    if (verb.len > 1 || !format_one(r, out, v, verb.data[0], d))
      bad_verb(r, out, verb, v);
    pad(out, d, from);
  }
}

void template_add_format(struct template_run *r, struct buf *out, struct str format,
                         const struct template_value *v, uint32_t count)
{
  struct formatter f = {.format = format, .values = v, .count = count};
  while (f.at < format.len && template_spend(r, 1)) {
    ptrdiff_t sign = str_find_byte(format, f.at, '%');
    size_t end = sign < 0 ? format.len : (size_t)sign;
    buf_add(out, str_sub(format, f.at, end - f.at));
    f.at = end + 1;
    if (sign < 0)
      break;
    struct directive d = read_directive(&f, out);
    if (f.at >= format.len) {
      buf_add_text(out, "%!(NOVERB)");
      break;
    }
    add_directive(r, out, &f, &d);
  }
  add_rest(r, out, &f);
}
