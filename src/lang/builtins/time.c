/*
 * Times in nanoseconds since the epoch, with Go's layouts. Time zones are read from the system's
 * database (TZif, RFC 8536); "Local" is UTC, so that an answer does not depend on the machine.
 */
#include "base/clock.h"
#include "data/number.h"
#include "lang/builtin_int.h"

enum { DAY = 86400 };

static const int64_t SECOND = 1000000000;

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};

/* A moment as a clock on the wall shows it. */
struct moment {
  int64_t seconds; /* since the epoch, as if the local time were UTC */
  uint32_t nanoseconds;
  int32_t offset; /* seconds east of UTC */
  char zone[12];
};

/* ---- the calendar: days since the epoch, any year */

struct date {
  int64_t year;
  int month, day; /* from 1 */
};

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

/* Years that begin in March have their leap day last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
  year += floor_div(month - 1, 12);
  month = month - 1 - 12 * floor_div(month - 1, 12) + 1;
  if (month <= 2)
    year--;
  int64_t era = floor_div(year, 400), in_era = year - era * 400;
  int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year + day - 1 - 719468;
}

static struct date date_of(int64_t days)
{
  days += 719468;
  int64_t era = floor_div(days, 146097), in_era = days - era * 146097;
  int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
  int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  int month = (int)((5 * in_year + 2) / 153);
  int day = (int)(in_year - (153 * month + 2) / 5 + 1);
  month = month < 10 ? month + 3 : month - 9;
  return (struct date){year + era * 400 + (month <= 2), month, day};
}

static struct date date_at(const struct moment *m)
{
  return date_of(floor_div(m->seconds, DAY));
}

static int seconds_of_day(const struct moment *m)
{
  return (int)(m->seconds - floor_div(m->seconds, DAY) * DAY);
}

static int weekday_of(const struct moment *m)
{
  int64_t days = floor_div(m->seconds, DAY) + 4;
  return (int)(days - floor_div(days, 7) * 7);
}

/* ---- time zones */

static int64_t read_signed(struct str bytes, size_t at, int size)
{
  uint64_t n = 0;
  for (int i = 0; i < size; i++)
    n = n << 8 | (unsigned char)bytes.data[at + (size_t)i];
  return size == 4 ? (int32_t)n : (int64_t)n;
}

/* One block of a TZif file: where its parts begin. */
struct block {
  struct str bytes;
  int time_size;
  int64_t transitions, types, letters;
  size_t times, indices, records, names, end;
};

static bool read_block(struct str bytes, size_t at, int time_size, struct block *ret)
{
  if (bytes.len < at + 44 || memcmp(bytes.data + at, "TZif", 4) != 0)
    return false;
  struct block b = {.bytes = bytes, .time_size = time_size};
  int64_t utc = read_signed(bytes, at + 20, 4), standard = read_signed(bytes, at + 24, 4);
  int64_t leaps = read_signed(bytes, at + 28, 4);
  b.transitions = read_signed(bytes, at + 32, 4);
  b.types = read_signed(bytes, at + 36, 4);
  b.letters = read_signed(bytes, at + 40, 4);
  int64_t most = 1 << 20;
  if (utc < 0 || standard < 0 || leaps < 0 || b.transitions < 0 || b.types < 1 || b.letters < 1 ||
      utc > most || standard > most || leaps > most || b.transitions > most || b.types > most ||
      b.letters > most)
    return false;
  b.times = at + 44;
  b.indices = b.times + (size_t)(b.transitions * time_size);
  b.records = b.indices + (size_t)b.transitions;
  b.names = b.records + (size_t)b.types * 6;
  b.end = b.names + (size_t)b.letters + (size_t)leaps * (size_t)(time_size + 4) + (size_t)standard +
          (size_t)utc;
  *ret = b;
  return b.end <= bytes.len;
}

static void take_record(const struct block *b, int64_t index, struct moment *m)
{
  if (index >= b->types)
    index = 0;
  size_t at = b->records + (size_t)index * 6;
  m->offset = (int32_t)read_signed(b->bytes, at, 4);
  size_t name = (unsigned char)b->bytes.data[at + 5], len = 0;
  while (name + len < (size_t)b->letters && len + 1 < sizeof m->zone &&
         b->bytes.data[b->names + name + len])
    len++;
  snprintf(m->zone, sizeof m->zone, "%.*s", (int)len, b->bytes.data + b->names + name);
}

/* ---- the rule at the end of a TZif file: "EST5EDT,M3.2.0,M11.1.0" */

struct rule {
  char names[2][12];
  int32_t offsets[2]; /* standard, summer */
  struct str changes[2];
};

static bool rule_name(struct str *s, char ret[12])
{
  size_t len = 0;
  bool quoted = s->len && s->data[0] == '<';
  if (quoted)
    *s = str_sub(*s, 1, s->len);
  while (len < s->len &&
         (quoted ? s->data[len] != '>' : (s->data[len] | 32) >= 'a' && (s->data[len] | 32) <= 'z'))
    len++;
  if (len < 3 || len > 11)
    return false;
  snprintf(ret, 12, "%.*s", (int)len, s->data);
  *s = str_sub(*s, len + quoted, s->len);
  return true;
}

static int32_t rule_number(struct str *s)
{
  int32_t n = 0;
  while (s->len && s->data[0] >= '0' && s->data[0] <= '9') {
    if (n < 100000)
      n = n * 10 + (s->data[0] - '0');
    *s = str_sub(*s, 1, s->len);
  }
  return n;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int32_t rule_time(struct str *s)
{
  bool negative = s->len && s->data[0] == '-';
  if (s->len && (s->data[0] == '-' || s->data[0] == '+'))
    *s = str_sub(*s, 1, s->len);
  int32_t total = 0, unit = 3600;
  for (int i = 0; i < 3; i++, unit /= 60) {
    int32_t n = rule_number(s);
    total += (n > 999 ? 999 : n) * unit;
    if (!s->len || s->data[0] != ':')
      break;
    *s = str_sub(*s, 1, s->len);
  }
  return negative ? -total : total;
}

static bool read_rule(struct str s, struct rule *r)
{
  if (!rule_name(&s, r->names[0]))
    return false;
  r->offsets[0] = -rule_time(&s);
  if (!rule_name(&s, r->names[1])) {
    r->names[1][0] = '\0';
    return true;
  }
  r->offsets[1] = s.len && s.data[0] != ',' ? -rule_time(&s) : r->offsets[0] + 3600;
  struct str rest;
  str_cut(s, ',', &rest);
  if (!rest.data)
    return false;
  r->changes[0] = str_cut(rest, ',', &rest);
  r->changes[1] = rest;
  return rest.data != NULL;
}

/* Local seconds since the epoch at which a change takes place in a year. */
static int64_t change_time(struct str change, int64_t year)
{
  int64_t days;
  if (change.len && change.data[0] == 'M') {
    change = str_sub(change, 1, change.len);
    int month = rule_number(&change);
    change = str_sub(change, 1, change.len);
    int week = rule_number(&change);
    change = str_sub(change, 1, change.len);
    int weekday = rule_number(&change);
    int64_t first = days_of(year, month, 1);
    int64_t first_weekday = (first + 4) - floor_div(first + 4, 7) * 7;
    days = first + (weekday - first_weekday + 7) % 7 + 7 * (week - 1);
    while (days >= days_of(year, month + 1, 1))
      days -= 7;
  } else {
    bool no_leap = change.len && change.data[0] == 'J';
    change = str_sub(change, no_leap, change.len);
    int day = rule_number(&change);
    bool leap = days_of(year, 3, 1) - days_of(year, 2, 1) == 29;
    days = days_of(year, 1, 1) + day - no_leap + (no_leap && leap && day >= 60);
  }
  int32_t time = 7200;
  if (change.len && change.data[0] == '/') {
    change = str_sub(change, 1, change.len);
    time = rule_time(&change);
  }
  return days * DAY + time;
}

static bool apply_rule(struct str text, int64_t utc, struct moment *m)
{
  struct rule r = {.offsets = {0}};
  if (!read_rule(text, &r))
    return false;
  int summer = 0;
  if (r.names[1][0]) {
    int64_t year = date_of(floor_div(utc + r.offsets[0], DAY)).year;
    int64_t begin = change_time(r.changes[0], year) - r.offsets[0];
    int64_t end = change_time(r.changes[1], year) - r.offsets[1];
    summer = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  }
  m->offset = r.offsets[summer];
  memcpy(m->zone, r.names[summer], sizeof m->zone);
  return true;
}

static bool find_offset(struct str file, int64_t utc, struct moment *m)
{
  struct block b;
  if (!read_block(file, 0, 4, &b))
    return false;
  bool has_second = file.data[4] >= '2';
  if (has_second && !read_block(file, b.end, 8, &b))
    return false;
  int64_t low = 0, high = b.transitions;
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (read_signed(file, b.times + (size_t)(middle * b.time_size), b.time_size) <= utc)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == b.transitions && has_second) {
    struct str rest, rule = str_sub(file, b.end, file.len);
    rule = str_cut(str_sub(rule, 1, rule.len), '\n', &rest);
    if (rule.len && apply_rule(rule, utc, m))
      return true;
  }
  take_record(&b, low ? (unsigned char)file.data[b.indices + (size_t)low - 1] : 0, m);
  return true;
}

/* ---- arguments: ns, [ns], [ns, zone], [ns, zone, layout] */

struct zoned {
  struct moment moment;
  int64_t nanoseconds; /* since the epoch */
  struct str zone, layout;
};

static bool place(struct builtin_context *c, int64_t nanoseconds, struct str zone,
                  struct moment *ret)
{
  int64_t utc = floor_div(nanoseconds, SECOND);
  /* Modulo 2^64: the whole seconds below the earliest time are beyond int64_t in nanoseconds. */
  uint64_t whole = (uint64_t)utc * (uint64_t)SECOND;
  *ret = (struct moment){.nanoseconds = (uint32_t)((uint64_t)nanoseconds - whole), .zone = "UTC"};
  struct str file;
  bool is_utc = zone.len == 0 || str_eq(zone, STR("UTC"));
  if (str_eq(zone, STR("Local")))
    snprintf(ret->zone, sizeof ret->zone, "UTC");
  else if (!is_utc && (!builtin_zone_file(c, zone, &file) || !find_offset(file, utc, ret))) {
    builtin_fail(c, "unknown time zone %.*s", STR_FMT(zone));
    return false;
  }
  ret->seconds = utc + ret->offset;
  return true;
}

static bool read_nanoseconds(struct builtin_context *c, struct value v, int64_t *ret)
{
  if (v.type != VALUE_NUMBER) {
    builtin_wrong_type(c, 1, v, "number");
    return false;
  }
  if (number_to_int64(v, ret))
    return true;
  builtin_fail(c, "timestamp too big");
  return false;
}

static bool want_time(struct builtin_context *c, const struct value *args, int position,
                      struct zoned *ret)
{
  struct value v = args[position - 1];
  *ret = (struct zoned){.zone = STR_EMPTY, .layout = STR_EMPTY};
  if (v.type != VALUE_NUMBER && (v.type != VALUE_ARRAY || v.len == 0)) {
    builtin_fail_operand(
        c, "operand 1 must be either number (ns) or [number (ns), string (tz)] but got %s",
        value_type_name(v));
    return false;
  }
  if (!read_nanoseconds(c, v.type == VALUE_ARRAY ? v.items[0] : v, &ret->nanoseconds))
    return false;
  struct str *const texts[] = {&ret->zone, &ret->layout};
  for (uint32_t i = 1; i < 3 && v.type == VALUE_ARRAY && i < v.len; i++) {
    if (v.items[i].type != VALUE_STRING) {
      builtin_wrong_type(c, 1, v.items[i], "string");
      return false;
    }
    *texts[i - 1] = value_str(v.items[i]);
  }
  return place(c, ret->nanoseconds, ret->zone, &ret->moment);
}

/* Nanoseconds of a time in UTC, if they fit. */
static enum builtin_result give_time(struct builtin_context *c, int64_t seconds,
                                     int64_t nanoseconds, struct value *ret)
{
  __int128 total = (__int128)seconds * SECOND + nanoseconds;
  if (total < INT64_MIN || total > INT64_MAX)
    return builtin_fail(c, "time outside of valid range");
  return give(ret, value_int((int64_t)total));
}

static enum builtin_result give_numbers(struct builtin_context *c, const int64_t *numbers,
                                        uint32_t count, struct value *ret)
{
  struct value items[6];
  for (uint32_t i = 0; i < count; i++)
    items[i] = value_int(numbers[i]);
  return give(ret, value_array_make(c->arena, items, NULL, count));
}

CALL(now)
{
  (void)args;
  return give(ret, value_int(c->now_ns));
}

CALL(date)
{
  struct zoned t;
  if (!want_time(c, args, 1, &t))
    return BUILTIN_ERROR;
  struct date d = date_at(&t.moment);
  return give_numbers(c, (int64_t[]){d.year, d.month, d.day}, 3, ret);
}

CALL(clock_of)
{
  struct zoned t;
  if (!want_time(c, args, 1, &t))
    return BUILTIN_ERROR;
  int s = seconds_of_day(&t.moment);
  return give_numbers(c, (int64_t[]){s / 3600, s / 60 % 60, s % 60}, 3, ret);
}

CALL(weekday)
{
  struct zoned t;
  if (!want_time(c, args, 1, &t))
    return BUILTIN_ERROR;
  return give(ret, value_from(weekdays[weekday_of(&t.moment)]));
}

/* A local time that the clocks skip, or show twice, is taken with the offset before the change, as Go
 * does it: two guesses are enough. */
static bool local_to_utc(struct builtin_context *c, int64_t local, struct str zone, int64_t *ret)
{
  struct moment m;
  int64_t most = INT64_MAX / SECOND - 2 * DAY;
  int64_t guess = local > most ? most : local < -most ? -most : local;
  if (!place(c, guess * SECOND, zone, &m))
    return false;
  int32_t offset = m.offset;
  if (!place(c, (guess - offset) * SECOND, zone, &m))
    return false;
  *ret = local - m.offset;
  return true;
}

CALL(add_date)
{
  struct zoned t;
  int64_t years, month_count, days, utc;
  if (!want_time(c, args, 1, &t) || !builtin_want_int(c, args, 2, &years) ||
      !builtin_want_int(c, args, 3, &month_count) || !builtin_want_int(c, args, 4, &days))
    return BUILTIN_ERROR;
  int64_t far = 1000000;
  if (years > far || years < -far || month_count > 12 * far || month_count < -12 * far ||
      days > 366 * far || days < -366 * far)
    return builtin_fail(c, "time outside of valid range");
  struct date d = date_at(&t.moment);
  int64_t local = days_of(d.year + years, d.month + month_count, d.day + days) * DAY +
                  seconds_of_day(&t.moment);
  if (!local_to_utc(c, local, t.zone, &utc))
    return BUILTIN_ERROR;
  return give_time(c, utc, t.moment.nanoseconds, ret);
}

/* Years, months, days, hours, minutes, seconds from the earlier to the later, on the first one's
 * clock. */
CALL(diff)
{
  struct zoned x, y;
  if (!want_time(c, args, 1, &x) || !want_time(c, args, 2, &y) ||
      !place(c, y.nanoseconds, x.zone, &y.moment))
    return BUILTIN_ERROR;
  bool swap = x.nanoseconds > y.nanoseconds;
  const struct moment *from = swap ? &y.moment : &x.moment, *to = swap ? &x.moment : &y.moment;
  struct date a = date_at(from), b = date_at(to);
  int64_t seconds = seconds_of_day(to) - seconds_of_day(from), days = b.day - a.day;
  int64_t month_count = b.month - a.month, years = b.year - a.year;
  if (seconds < 0) {
    seconds += DAY;
    days--;
  }
  if (days < 0) {
    days += days_of(a.year, a.month + 1, 1) - days_of(a.year, a.month, 1);
    month_count--;
  }
  if (month_count < 0) {
    month_count += 12;
    years--;
  }
  return give_numbers(
      c, (int64_t[]){years, month_count, days, seconds / 3600, seconds / 60 % 60, seconds % 60}, 6,
      ret);
}

/* ---- Go's layouts */

enum element {
  TEXT,
  YEAR4,
  YEAR2,
  MONTH_LONG,
  MONTH_SHORT,
  MONTH2,
  MONTH1,
  WEEKDAY_LONG,
  WEEKDAY_SHORT,
  DAY2,
  DAY_SPACE,
  DAY1,
  YEARDAY3,
  YEARDAY_SPACE,
  HOUR24,
  HOUR12_2,
  HOUR12_1,
  MINUTE2,
  MINUTE1,
  SECOND2,
  SECOND1,
  FRACTION, /* .000 or ,999 with any number of digits */
  UPPER_PM,
  LOWER_PM,
  ZONE_NAME,
  OFFSET, /* -07, -0700, -07:00, with seconds; Z in place of the sign */
};

static const struct {
  const char *text;
  enum element element;
} elements[] = {
    {"January", MONTH_LONG}, {"Monday", WEEKDAY_LONG},
    {"Jan", MONTH_SHORT},    {"Mon", WEEKDAY_SHORT},
    {"MST", ZONE_NAME},      {"Z07:00:00", OFFSET},
    {"-07:00:00", OFFSET},   {"Z070000", OFFSET},
    {"-070000", OFFSET},     {"Z07:00", OFFSET},
    {"-07:00", OFFSET},      {"Z0700", OFFSET},
    {"-0700", OFFSET},       {"Z07", OFFSET},
    {"-07", OFFSET},         {"2006", YEAR4},
    {"002", YEARDAY3},       {"__2", YEARDAY_SPACE},
    {"01", MONTH2},          {"02", DAY2},
    {"03", HOUR12_2},        {"04", MINUTE2},
    {"05", SECOND2},         {"06", YEAR2},
    {"15", HOUR24},          {"_2", DAY_SPACE},
    {"PM", UPPER_PM},        {"pm", LOWER_PM},
    {"1", MONTH1},           {"2", DAY1},
    {"3", HOUR12_1},         {"4", MINUTE1},
    {"5", SECOND1},
};

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

static struct str layout_of(struct str name)
{
  static const char *const names[][2] = {
      {"ANSIC", "Mon Jan _2 15:04:05 2006"},
      {"UnixDate", "Mon Jan _2 15:04:05 MST 2006"},
      {"RubyDate", "Mon Jan 02 15:04:05 -0700 2006"},
      {"RFC822", "02 Jan 06 15:04 MST"},
      {"RFC822Z", "02 Jan 06 15:04 -0700"},
      {"RFC850", "Monday, 02-Jan-06 15:04:05 MST"},
      {"RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"},
      {"RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"},
      {"RFC3339", "2006-01-02T15:04:05Z07:00"},
      {"RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (str_eq(name, str_from(names[i][0])))
      return str_from(names[i][1]);
  return name;
}

/* Takes the next element off a layout: its kind and text. Plain text comes one byte at a time. */
static enum element next_element(struct str *layout, struct str *ret)
{
  struct str s = *layout;
  enum element element = TEXT;
  size_t len = 1;
  if ((s.data[0] == '.' || s.data[0] == ',') && s.len > 1 &&
      (s.data[1] == '0' || s.data[1] == '9')) {
    while (len < s.len && s.data[len] == s.data[1])
      len++;
    if (len < s.len && is_digit(s.data[len]))
      len = 1;
    else
      element = FRACTION;
  }
  /* "_2006" is an underscore and a year */
  bool not_a_day = str_starts(s, STR("_2006"));
  for (size_t i = 0; element == TEXT && !not_a_day && i < sizeof elements / sizeof *elements; i++) {
    struct str text = str_from(elements[i].text);
    bool is_word = elements[i].element == MONTH_SHORT || elements[i].element == WEEKDAY_SHORT;
    if (!str_starts(s, text))
      continue;
    /* "Month" and "Januar" are words of their own */
    if (is_word && s.len > 3 && s.data[3] >= 'a' && s.data[3] <= 'z')
      continue;
    element = elements[i].element;
    len = text.len;
  }
  *ret = str_sub(s, 0, len);
  *layout = str_sub(s, len, s.len);
  return element;
}

static void add_offset(struct buf *out, struct str form, int32_t offset)
{
  if (form.data[0] == 'Z' && offset == 0) {
    buf_add_byte(out, 'Z');
    return;
  }
  int32_t n = offset < 0 ? -offset : offset;
  const char *colon = str_find_byte(form, 0, ':') >= 0 ? ":" : "";
  size_t digits = form.len - 1 - (*colon ? (form.len > 6 ? 2u : 1u) : 0u);
  buf_printf(out, "%c%02d", offset < 0 ? '-' : '+', n / 3600);
  if (digits >= 4)
    buf_printf(out, "%s%02d", colon, n / 60 % 60);
  if (digits >= 6)
    buf_printf(out, "%s%02d", colon, n % 60);
}

static void add_fraction(struct buf *out, struct str form, uint32_t nanoseconds)
{
  char digits[10];
  snprintf(digits, sizeof digits, "%09u", nanoseconds % 1000000000U);
  size_t count = form.len - 1 > 9 ? 9 : form.len - 1;
  if (form.data[1] == '9')
    while (count > 0 && digits[count - 1] == '0')
      count--;
  if (count == 0)
    return;
  buf_add_byte(out, form.data[0]);
  buf_add(out, str_make(digits, count));
}

static void add_element(struct buf *out, enum element element, struct str form,
                        const struct moment *m)
{
  struct date d = date_at(m);
  int s = seconds_of_day(m), hour = s / 3600, hour12 = hour % 12 ? hour % 12 : 12;
  int64_t yearday = floor_div(m->seconds, DAY) - days_of(d.year, 1, 1) + 1;
  switch (element) {
  case TEXT:
    buf_add(out, form);
    break;
  case YEAR4:
    buf_printf(out, "%04lld", (long long)d.year);
    break;
  case YEAR2:
    buf_printf(out, "%02d", (int)(d.year % 100));
    break;
  case MONTH_LONG:
    buf_add_text(out, months[d.month - 1]);
    break;
  case MONTH_SHORT:
    buf_add(out, str_make(months[d.month - 1], 3));
    break;
  case WEEKDAY_LONG:
    buf_add_text(out, weekdays[weekday_of(m)]);
    break;
  case WEEKDAY_SHORT:
    buf_add(out, str_make(weekdays[weekday_of(m)], 3));
    break;
  case MONTH2:
  case MONTH1:
    buf_printf(out, element == MONTH2 ? "%02d" : "%d", d.month);
    break;
  case DAY2:
    buf_printf(out, "%02d", d.day);
    break;
  case DAY_SPACE:
    buf_printf(out, "%2d", d.day);
    break;
  case DAY1:
    buf_printf(out, "%d", d.day);
    break;
  case YEARDAY3:
    buf_printf(out, "%03d", (int)yearday);
    break;
  case YEARDAY_SPACE:
    buf_printf(out, "%3d", (int)yearday);
    break;
  case HOUR24:
    buf_printf(out, "%02d", hour);
    break;
  case HOUR12_2:
  case HOUR12_1:
    buf_printf(out, element == HOUR12_2 ? "%02d" : "%d", hour12);
    break;
  case MINUTE2:
  case MINUTE1:
    buf_printf(out, element == MINUTE2 ? "%02d" : "%d", s / 60 % 60);
    break;
  case SECOND2:
  case SECOND1:
    buf_printf(out, element == SECOND2 ? "%02d" : "%d", s % 60);
    break;
  case FRACTION:
    add_fraction(out, form, m->nanoseconds);
    break;
  case UPPER_PM:
    buf_add_text(out, hour >= 12 ? "PM" : "AM");
    break;
  case LOWER_PM:
    buf_add_text(out, hour >= 12 ? "pm" : "am");
    break;
  case ZONE_NAME:
    buf_add_text(out, m->zone);
    break;
  case OFFSET:
    add_offset(out, form, m->offset);
    break;
  }
}

CALL(format)
{
  struct zoned t;
  if (!want_time(c, args, 1, &t))
    return BUILTIN_ERROR;
  struct str layout = t.layout.len ? layout_of(t.layout) : layout_of(STR("RFC3339Nano"));
  if (!builtin_spend(c, layout.len))
    return BUILTIN_ERROR;
  struct buf *out = builtin_text(c);
  while (layout.len) {
    struct str form;
    enum element element = next_element(&layout, &form);
    add_element(out, element, form, &t.moment);
  }
  return builtin_give_text(c, ret);
}

/* ---- parsing */

struct parsed {
  int64_t year;
  int month, day, yearday, hour, minute, second;
  uint32_t nanoseconds;
  int32_t offset;
  bool pm, has_pm, has_offset;
};

/* min to max digits; -1 if they are missing. */
static int take_digits(struct str *s, size_t least, size_t most)
{
  size_t len = 0;
  int n = 0;
  for (; len < most && len < s->len && is_digit(s->data[len]); len++)
    n = n * 10 + (s->data[len] - '0');
  if (len < least)
    return -1;
  *s = str_sub(*s, len, s->len);
  return n;
}

static int take_name(struct str *s, const char *const *names, int count, bool shortened)
{
  for (int i = 0; i < count; i++) {
    struct str name = str_from(names[i]);
    if (shortened)
      name.len = 3;
    if (s->len >= name.len && str_eq_nocase(str_sub(*s, 0, name.len), name)) {
      *s = str_sub(*s, name.len, s->len);
      return i + 1;
    }
  }
  return -1;
}

static bool take_offset(struct str *s, struct str form, struct parsed *p)
{
  p->has_offset = true;
  if (form.data[0] == 'Z' && str_starts(*s, STR("Z"))) {
    *s = str_sub(*s, 1, s->len);
    return true;
  }
  if (!s->len || (s->data[0] != '+' && s->data[0] != '-'))
    return false;
  bool negative = s->data[0] == '-', colon = str_find_byte(form, 0, ':') >= 0;
  size_t pairs = colon ? (form.len + 1) / 3 : (form.len - 1) / 2;
  *s = str_sub(*s, 1, s->len);
  static const int limits[] = {24, 59, 59};
  int32_t unit = 3600;
  for (size_t i = 0; i < pairs; i++, unit /= 60) {
    if (i && colon) {
      if (!str_starts(*s, STR(":")))
        return false;
      *s = str_sub(*s, 1, s->len);
    }
    int n = take_digits(s, 2, 2);
    if (n < 0 || n > limits[i])
      return false;
    p->offset += n * unit;
  }
  if (negative)
    p->offset = -p->offset;
  return true;
}

static bool take_fraction(struct str *s, struct parsed *p)
{
  if (s->len < 2 || (s->data[0] != '.' && s->data[0] != ',') || !is_digit(s->data[1]))
    return false;
  uint32_t scale = 100000000;
  size_t at = 1;
  for (p->nanoseconds = 0; at < s->len && is_digit(s->data[at]); at++, scale /= 10)
    p->nanoseconds += (uint32_t)(s->data[at] - '0') * scale;
  *s = str_sub(*s, at, s->len);
  return true;
}

/* Names of zones say nothing reliable; but UTC, and GMT with hours behind it, do. */
static bool take_zone(struct str *s, struct parsed *p)
{
  size_t len = 0;
  while (len < s->len && len < 5 && s->data[len] >= 'A' && s->data[len] <= 'Z')
    len++;
  if (len < 3)
    return false;
  bool gmt = len == 3 && str_starts(*s, STR("GMT"));
  *s = str_sub(*s, len, s->len);
  if (gmt && s->len > 1 && (s->data[0] == '+' || s->data[0] == '-') && is_digit(s->data[1])) {
    bool negative = s->data[0] == '-';
    *s = str_sub(*s, 1, s->len);
    int hours = take_digits(s, 1, 2);
    if (hours > 23)
      return false;
    p->offset = (negative ? -hours : hours) * 3600;
  }
  return true;
}

static bool in_range(int n, int low, int high)
{
  return n >= low && n <= high;
}

static bool take_date(enum element element, struct str *s, struct parsed *p)
{
  int n;
  switch (element) {
  case YEAR4:
    p->year = n = take_digits(s, 4, 4);
    return n >= 0;
  case YEAR2:
    n = take_digits(s, 2, 2);
    p->year = n >= 69 ? 1900 + n : 2000 + n;
    return n >= 0;
  case MONTH_LONG:
    return (p->month = take_name(s, months, 12, false)) > 0;
  case MONTH_SHORT:
    return (p->month = take_name(s, months, 12, true)) > 0;
  case WEEKDAY_LONG:
    return take_name(s, weekdays, 7, false) > 0;
  case WEEKDAY_SHORT:
    return take_name(s, weekdays, 7, true) > 0;
  case MONTH2:
  case MONTH1:
    return in_range(p->month = take_digits(s, element == MONTH2 ? 2 : 1, 2), 1, 12);
  case YEARDAY3:
  case YEARDAY_SPACE:
    while (element == YEARDAY_SPACE && str_starts(*s, STR(" ")))
      *s = str_sub(*s, 1, s->len);
    return in_range(p->yearday = take_digits(s, element == YEARDAY3 ? 3 : 1, 3), 1, 366);
  default:
    if (element == DAY_SPACE && str_starts(*s, STR(" ")))
      *s = str_sub(*s, 1, s->len);
    return (p->day = take_digits(s, element == DAY2 ? 2 : 1, 2)) >= 0;
  }
}

static bool take_time(enum element element, struct str form, struct str next, struct str *s,
                      struct parsed *p)
{
  switch (element) {
  case HOUR24:
    return in_range(p->hour = take_digits(s, 1, 2), 0, 23);
  case HOUR12_2:
  case HOUR12_1:
    return in_range(p->hour = take_digits(s, element == HOUR12_2 ? 2 : 1, 2), 0, 12);
  case MINUTE2:
  case MINUTE1:
    return in_range(p->minute = take_digits(s, element == MINUTE2 ? 2 : 1, 2), 0, 59);
  case SECOND2:
  case SECOND1:
    if (!in_range(p->second = take_digits(s, element == SECOND2 ? 2 : 1, 2), 0, 59))
      return false;
    /* a fraction may stand here though the layout has none */
    if (!(next.len > 1 && (next.data[0] == '.' || next.data[0] == ',') &&
          (next.data[1] == '0' || next.data[1] == '9')))
      take_fraction(s, p);
    return true;
  case FRACTION:
    if (form.data[1] == '9' && !(s->len && (s->data[0] == '.' || s->data[0] == ',')))
      return true;
    return take_fraction(s, p);
  case UPPER_PM:
  case LOWER_PM:
    p->has_pm = true;
    p->pm = str_eq_nocase(str_sub(*s, 0, 2), STR("PM"));
    if (!p->pm && !str_eq_nocase(str_sub(*s, 0, 2), STR("AM")))
      return false;
    *s = str_sub(*s, 2, s->len);
    return true;
  case ZONE_NAME:
    return take_zone(s, p);
  default:
    return take_offset(s, form, p);
  }
}

static bool take_element(enum element element, struct str form, struct str next, struct str *s,
                         struct parsed *p)
{
  if (element == TEXT) {
    if (!str_starts(*s, form))
      return false;
    *s = str_sub(*s, form.len, s->len);
    return true;
  }
  return element < HOUR24 ? take_date(element, s, p) : take_time(element, form, next, s, p);
}

static bool finish_parse(struct parsed *p, int64_t *ret_seconds)
{
  if (p->has_pm && p->hour <= 12)
    p->hour = p->hour % 12 + (p->pm ? 12 : 0);
  int64_t days;
  int length = (int)(days_of(p->year, p->month + 1, 1) - days_of(p->year, p->month, 1));
  if (p->yearday) {
    if (p->yearday > days_of(p->year + 1, 1, 1) - days_of(p->year, 1, 1))
      return false;
    days = days_of(p->year, 1, 1) + p->yearday - 1;
  } else if (p->day < 1 || p->day > length) {
    return false;
  } else {
    days = days_of(p->year, p->month, p->day);
  }
  *ret_seconds = days * DAY + p->hour * 3600 + p->minute * 60 + p->second - p->offset;
  return true;
}

static enum builtin_result parse_time(struct builtin_context *c, struct str layout, struct str text,
                                      struct value *ret)
{
  struct parsed p = {.month = 1, .day = 1};
  struct str s = text, rest = layout;
  if (!builtin_spend(c, layout.len + text.len))
    return BUILTIN_ERROR;
  while (rest.len) {
    struct str form, before = s;
    enum element element = next_element(&rest, &form);
    if (!take_element(element, form, rest, &s, &p))
      return builtin_fail(c, "parsing time \"%.*s\" as \"%.*s\": cannot parse \"%.*s\" as \"%.*s\"",
                          STR_FMT(text), STR_FMT(layout), STR_FMT(before), STR_FMT(form));
  }
  int64_t seconds;
  if (s.len)
    return builtin_fail(c, "parsing time \"%.*s\": extra text: \"%.*s\"", STR_FMT(text),
                        STR_FMT(s));
  if (!finish_parse(&p, &seconds))
    return builtin_fail(c, "parsing time \"%.*s\": day out of range", STR_FMT(text));
  return give_time(c, seconds, p.nanoseconds, ret);
}

CALL(parse)
{
  struct str layout, text;
  if (!builtin_want_string(c, args, 1, &layout) || !builtin_want_string(c, args, 2, &text))
    return BUILTIN_ERROR;
  return parse_time(c, layout_of(layout), text, ret);
}

CALL(parse_rfc3339)
{
  struct str text;
  if (!builtin_want_string(c, args, 1, &text))
    return BUILTIN_ERROR;
  return parse_time(c, layout_of(STR("RFC3339")), text, ret);
}

#define MOMENT "number|array<number|string>"

const struct builtin builtins_time[] = {
    ROW(add_date, "time.add_date", 4, MOMENT ", number, number, number", "number"),
    ROW(clock_of, "time.clock", 1, MOMENT, "[number,number,number]"),
    ROW(date, "time.date", 1, MOMENT, "[number,number,number]"),
    ROW(diff, "time.diff", 2, MOMENT ", " MOMENT, "[number,number,number,number,number,number]"),
    ROW(format, "time.format", 1, MOMENT, "string"),
    ROW(now, "time.now_ns", 0, "", "number", .flags = BUILTIN_NONDETERMINISTIC),
    ROW(parse, "time.parse_ns", 2, "string, string", "number"),
    ROW(parse_rfc3339, "time.parse_rfc3339_ns", 1, "string", "number"),
    ROW(weekday, "time.weekday", 1, MOMENT, "string"),
    {.name = NULL},
};
