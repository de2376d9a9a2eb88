/* The formats of strings that gojsonschema knows, as it takes them. */
#include "data/cidr.h"
#include "lang/builtin_int.h"
#include "lang/json_schema_int.h"

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

static bool is_alphanumeric(char ch)
{
  return is_digit(ch) || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_hex(char ch)
{
  return is_digit(ch) || (ch >= 'a' && ch <= 'f') || (ch >= 'A' && ch <= 'F');
}

/* ---- dates and times */

/* So many digits at the front as a number; -1: they are not there. */
static int take_number(struct str *s, size_t digits)
{
  int n = 0;
  if (s->len < digits)
    return -1;
  for (size_t i = 0; i < digits; i++) {
    if (!is_digit(s->data[i]))
      return -1;
    n = n * 10 + (s->data[i] - '0');
  }
  *s = str_sub(*s, digits, s->len);
  return n;
}

static bool take_byte(struct str *s, char ch)
{
  if (!s->len || s->data[0] != ch)
    return false;
  *s = str_sub(*s, 1, s->len);
  return true;
}

static bool take_date(struct str *s)
{
  static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = take_number(s, 4);
  if (year < 0 || !take_byte(s, '-'))
    return false;
  int month = take_number(s, 2);
  if (month < 1 || month > 12 || !take_byte(s, '-'))
    return false;
  int day = take_number(s, 2);
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= days[month - 1] && (month != 2 || day <= 28 || leap);
}

/* Hours may have one digit, and seconds a fraction: that is how Go reads them. */
static bool take_time(struct str *s)
{
  bool two = s->len > 1 && is_digit(s->data[1]);
  int hour = take_number(s, two ? 2 : 1);
  if (hour < 0 || hour > 23 || !take_byte(s, ':'))
    return false;
  int minute = take_number(s, 2);
  if (minute < 0 || minute > 59 || !take_byte(s, ':'))
    return false;
  int second = take_number(s, 2);
  if (second < 0 || second > 59)
    return false;
  if (s->len > 1 && (s->data[0] == '.' || s->data[0] == ',') && is_digit(s->data[1])) {
    *s = str_sub(*s, 1, s->len);
    while (s->len && is_digit(s->data[0]))
      *s = str_sub(*s, 1, s->len);
  }
  return true;
}

static bool take_zone(struct str *s)
{
  if (take_byte(s, 'Z'))
    return true;
  if (!take_byte(s, '+') && !take_byte(s, '-'))
    return false;
  int hour = take_number(s, 2);
  if (hour < 0 || hour > 24 || !take_byte(s, ':'))
    return false;
  int minute = take_number(s, 2);
  return minute >= 0 && minute <= 60;
}

static bool is_date(struct str s)
{
  return take_date(&s) && !s.len;
}

static bool is_time(struct str s)
{
  return take_time(&s) && (!s.len || (take_zone(&s) && !s.len));
}

static bool is_date_time(struct str s)
{
  struct str rest = s;
  if (is_date(s) || is_time(s))
    return true;
  return take_date(&rest) && take_byte(&rest, 'T') && take_time(&rest) && take_zone(&rest) &&
         !rest.len;
}

/* ---- names and addresses */

/* Labels of letters, digits and hyphens, which stand neither first nor last. */
static bool is_hostname(struct str s)
{
  struct str rest = s;
  if (!s.len || s.len >= 256)
    return false;
  while (rest.data) {
    struct str label = str_cut(rest, '.', &rest);
    if (!label.len || label.len > 63 || !is_alphanumeric(label.data[0]) ||
        !is_alphanumeric(label.data[label.len - 1]))
      return false;
    for (size_t i = 0; i < label.len; i++)
      if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
        return false;
  }
  return true;
}

static bool is_ip(struct str s)
{
  struct ip_address ip;
  return ip_parse(s, &ip, NULL) == 0;
}

static bool is_ipv4(struct str s)
{
  return is_ip(s) && str_find_byte(s, 0, '.') >= 0;
}

static bool is_ipv6(struct str s)
{
  return is_ip(s) && str_find_byte(s, 0, ':') >= 0;
}

/* RFC 5322's atoms; letters beyond ASCII as RFC 6532 has them. */
static bool is_atom_char(char ch)
{
  return is_alphanumeric(ch) || (unsigned char)ch >= 0x80 ||
         (ch && strchr("!#$%&'*+-/=?^_`{|}~", ch));
}

static bool take_atoms(struct str *s)
{
  size_t n = 0;
  do {
    size_t before = n;
    while (n < s->len && is_atom_char(s->data[n]))
      n++;
    if (n == before)
      return false;
  } while (n < s->len && s->data[n] == '.' && n++ < s->len);
  *s = str_sub(*s, n, s->len);
  return true;
}

static bool take_quoted(struct str *s)
{
  if (!take_byte(s, '"'))
    return false;
  while (s->len && s->data[0] != '"') {
    bool escape = s->data[0] == '\\';
    if ((unsigned char)s->data[0] < 0x20 && s->data[0] != '\t')
      return false;
    *s = str_sub(*s, escape ? 2 : 1, s->len);
  }
  return take_byte(s, '"');
}

static bool take_literal(struct str *s)
{
  if (!take_byte(s, '['))
    return false;
  ptrdiff_t end = str_find_byte(*s, 0, ']');
  struct str inside = str_sub(*s, 0, end < 0 ? 0 : (size_t)end);
  if (end < 0 || !is_ip(str_starts(inside, STR("IPv6:")) ? str_sub(inside, 5, inside.len) : inside))
    return false;
  *s = str_sub(*s, (size_t)end + 1, s->len);
  return true;
}

static bool take_address(struct str *s)
{
  bool local = s->len && s->data[0] == '"' ? take_quoted(s) : take_atoms(s);
  return local && take_byte(s, '@') && (take_atoms(s) || take_literal(s));
}

/* An address, or one in angle brackets with a name in front. */
static bool is_email(struct str s)
{
  struct str rest = str_trim(s);
  if (take_address(&rest) && !str_trim(rest).len)
    return true;
  rest = str_trim(s);
  while (rest.len && rest.data[0] != '<') {
    struct str before = rest;
    if (rest.data[0] == '"' ? !take_quoted(&rest) : !take_atoms(&rest))
      return false;
    rest = str_trim(rest);
    if (rest.len == before.len)
      return false;
  }
  return take_byte(&rest, '<') && take_address(&rest) && take_byte(&rest, '>') &&
         !str_trim(rest).len;
}

/* ---- URIs, pointers, others */

static bool is_uri_reference(struct str s)
{
  struct str scheme, path;
  return builtin_read_uri(s, &scheme, &path) && str_find_byte(s, 0, '\\') < 0;
}

static bool is_uri(struct str s)
{
  struct str scheme, path;
  return builtin_read_uri(s, &scheme, &path) && scheme.len && str_find_byte(s, 0, '\\') < 0;
}

/* Braces in the path come in pairs. */
static bool is_uri_template(struct str s)
{
  struct str scheme, path;
  bool open = false;
  if (!builtin_read_uri(s, &scheme, &path) || str_find_byte(s, 0, '\\') >= 0)
    return false;
  for (size_t i = 0; i < path.len; i++)
    if (path.data[i] == '{' && !open)
      open = true;
    else if (path.data[i] == '}' && open)
      open = false;
  return !open;
}

static bool is_uuid(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if (i == 8 || i == 13 || i == 18 || i == 23 ? s.data[i] != '-' : !is_hex(s.data[i]))
      return false;
  return s.len == 36;
}

static bool is_regex(struct str s)
{
  struct regex *regex = NULL;
  bool ok = regex_compile_within(s, 0, 2 << 20, &regex, NULL) == 0;
  regex_free(regex);
  return ok;
}

static bool is_pointer(struct str s)
{
  if (s.len && s.data[0] != '/')
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (s.data[i] == '~' && (i + 1 == s.len || (s.data[i + 1] != '0' && s.data[i + 1] != '1')))
      return false;
  return true;
}

static bool is_relative_pointer(struct str s)
{
  size_t n = 0;
  while (n < s.len && is_digit(s.data[n]))
    n++;
  if (n == 0 || (n > 1 && s.data[0] == '0'))
    return false;
  s = str_sub(s, n, s.len);
  return str_eq(s, STR("#")) || is_pointer(s);
}

bool schema_has_format(struct str format, struct str text)
{
  static const struct {
    struct str name;
    bool (*test)(struct str s);
  } formats[] = {
      {STR_INIT("date"), is_date},
      {STR_INIT("time"), is_time},
      {STR_INIT("date-time"), is_date_time},
      {STR_INIT("hostname"), is_hostname},
      {STR_INIT("email"), is_email},
      {STR_INIT("idn-email"), is_email},
      {STR_INIT("ipv4"), is_ipv4},
      {STR_INIT("ipv6"), is_ipv6},
      {STR_INIT("uri"), is_uri},
      {STR_INIT("uri-reference"), is_uri_reference},
      {STR_INIT("iri"), is_uri},
      {STR_INIT("iri-reference"), is_uri_reference},
      {STR_INIT("uri-template"), is_uri_template},
      {STR_INIT("uuid"), is_uuid},
      {STR_INIT("regex"), is_regex},
      {STR_INIT("json-pointer"), is_pointer},
      {STR_INIT("relative-json-pointer"), is_relative_pointer},
  };
  for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
    if (str_eq(format, formats[i].name))
      return formats[i].test(text);
  return true;
}
