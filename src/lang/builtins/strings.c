/* Texts: cutting, searching, replacing. Positions and lengths are counted in code points. */
#include "base/utf8.h"
#include "data/arithmetic.h"
#include "data/number.h"
#include "lang/builtin_int.h"

static bool is_ascii(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.data[i] >= 0x80)
      return false;
  return true;
}

/* Bytes of the code point at a position, 1 for a byte that belongs to none. */
static unsigned point_size(struct str s, size_t at)
{
  uint32_t point;
  unsigned size = utf8_decode(s, at, &point);
  return size ? size : 1;
}

static ptrdiff_t find(struct str s, size_t from, struct str needle)
{
  return needle.len ? str_find(s, from, needle) : (ptrdiff_t)from;
}

static bool want_two(struct builtin_context *c, const struct value *args, struct str *a,
                     struct str *b)
{
  return builtin_want_string(c, args, 1, a) && builtin_want_string(c, args, 2, b) &&
         builtin_spend(c, (a->len + b->len) / 16);
}

/* The argument itself if the part is the whole, so that its symbol number is kept. */
static enum builtin_result give_part(struct value *ret, struct value whole, struct str part)
{
  return give(ret, part.len == whole.len ? whole : value_string(part));
}

CALL(contains)
{
  struct str s, needle;
  if (!want_two(c, args, &s, &needle))
    return BUILTIN_ERROR;
  return give(ret, value_bool(find(s, 0, needle) >= 0));
}

CALL(starts_with)
{
  struct str s, prefix;
  if (!want_two(c, args, &s, &prefix))
    return BUILTIN_ERROR;
  return give(ret, value_bool(str_starts(s, prefix)));
}

CALL(ends_with)
{
  struct str s, suffix;
  if (!want_two(c, args, &s, &suffix))
    return BUILTIN_ERROR;
  return give(ret, value_bool(str_ends(s, suffix)));
}

CALL(count_of)
{
  struct str s, needle;
  if (!want_two(c, args, &s, &needle))
    return BUILTIN_ERROR;
  if (needle.len == 0)
    return give(ret, value_int((int64_t)utf8_count(s) + 1));
  int64_t count = 0;
  for (ptrdiff_t at = 0; (at = str_find(s, (size_t)at, needle)) >= 0; at += (ptrdiff_t)needle.len)
    count++;
  return give(ret, value_int(count));
}

CALL(index_of)
{
  struct str s, needle;
  if (!want_two(c, args, &s, &needle))
    return BUILTIN_ERROR;
  if (needle.len == 0)
    return builtin_fail(c, "empty search character");
  ptrdiff_t at = str_find(s, 0, needle);
  return give(ret, value_int(at < 0 ? -1 : (int64_t)utf8_count(str_sub(s, 0, (size_t)at))));
}

/* Matches may overlap: the search goes on one code point further. */
CALL(index_of_n)
{
  struct str s, needle;
  if (!want_two(c, args, &s, &needle))
    return BUILTIN_ERROR;
  if (needle.len == 0)
    return builtin_fail(c, "empty search character");
  size_t count = 0;
  for (ptrdiff_t at = 0; (at = str_find(s, (size_t)at, needle)) >= 0; at++)
    count++;
  if (!builtin_fits(c, count) || !builtin_spend(c, count))
    return BUILTIN_ERROR;
  struct value *items = arena_array(c->arena, struct value, count);
  size_t used = 0, before = 0;
  int64_t points = 0;
  for (ptrdiff_t at = 0; (at = str_find(s, (size_t)at, needle)) >= 0; at++) {
    points += (int64_t)utf8_count(str_sub(s, before, (size_t)at - before));
    before = (size_t)at;
    items[used++] = value_int(points);
  }
  return give(ret, array_view(items, (uint32_t)used));
}

/* Byte position of a code point; the end if there are not so many. */
static size_t point_position(struct str s, size_t from, int64_t points)
{
  size_t at = from;
  for (; points > 0 && at < s.len; points--)
    at += point_size(s, at);
  return at;
}

CALL(substring)
{
  struct str s;
  int64_t start, length;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_want_int(c, args, 2, &start) ||
      !builtin_want_int(c, args, 3, &length) || !builtin_spend(c, s.len / 16))
    return BUILTIN_ERROR;
  if (start < 0)
    return builtin_fail(c, "negative offset");
  size_t from, to;
  if (is_ascii(s)) {
    from = (uint64_t)start < s.len ? (size_t)start : s.len;
    to = length < 0 || (uint64_t)length > s.len - from ? s.len : from + (size_t)length;
  } else {
    from = point_position(s, 0, start);
    to = length < 0 ? s.len : point_position(s, from, length);
  }
  return give_part(ret, args[0], str_sub(s, from, to - from));
}

/* ---- case */

/* Simple mappings of letters beyond ASCII: runs in which upper and lower case are a fixed distance
 * apart, or alternate. */
static const struct {
  uint32_t first, last; /* upper case */
  int32_t distance;     /* 1: upper and lower alternate */
} letter_runs[] = {
    {0xC0, 0xD6, 32},       {0xD8, 0xDE, 32},       {0x100, 0x12E, 1},    {0x132, 0x136, 1},
    {0x139, 0x147, 1},      {0x14A, 0x176, 1},      {0x178, 0x178, -121}, {0x179, 0x17D, 1},
    {0x1CD, 0x1DB, 1},      {0x1DE, 0x1EE, 1},      {0x1F8, 0x21E, 1},    {0x222, 0x232, 1},
    {0x386, 0x386, 38},     {0x388, 0x38A, 37},     {0x38C, 0x38C, 64},   {0x38E, 0x38F, 63},
    {0x391, 0x3A1, 32},     {0x3A3, 0x3AB, 32},     {0x400, 0x40F, 80},   {0x410, 0x42F, 32},
    {0x460, 0x480, 1},      {0x48A, 0x4BE, 1},      {0x4C1, 0x4CD, 1},    {0x4D0, 0x52E, 1},
    {0x531, 0x556, 48},     {0x10A0, 0x10C5, 7264}, {0x1E00, 0x1E94, 1},  {0x1EA0, 0x1EFE, 1},
    {0x2160, 0x216F, 16},   {0x24B6, 0x24CF, 26},   {0x2C00, 0x2C2F, 48}, {0xFF21, 0xFF3A, 32},
    {0x10400, 0x10427, 40},
};

static uint32_t map_letter(uint32_t p, bool upper)
{
  if (p < 0x80)
    return p - (upper && p >= 'a' && p <= 'z' ? 32 : 0) + (!upper && p >= 'A' && p <= 'Z' ? 32 : 0);
  if (upper && p == 0xB5)
    return 0x39C;
  if (upper && p == 0x3C2)
    return 0x3A3;
  for (size_t i = 0; i < sizeof letter_runs / sizeof *letter_runs; i++) {
    uint32_t first = letter_runs[i].first, last = letter_runs[i].last;
    int32_t distance = letter_runs[i].distance;
    uint32_t letter = upper ? p - (uint32_t)distance : p;
    if (letter < first || letter > last || (distance == 1 && (letter - first) % 2))
      continue;
    return upper ? letter : p + (uint32_t)distance;
  }
  return p;
}

static enum builtin_result change_case(struct builtin_context *c, const struct value *args,
                                       bool upper, struct value *ret)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 8))
    return BUILTIN_ERROR;
  size_t same = 0;
  while (same < s.len && (unsigned char)s.data[same] < 0x80 &&
         map_letter((unsigned char)s.data[same], upper) == (unsigned char)s.data[same])
    same++;
  if (same == s.len)
    return give(ret, args[0]);
  if (s.len > BUILTIN_TEXT_MAX / 2)
    return builtin_halt(c, "the text is longer than %d bytes", BUILTIN_TEXT_MAX / 2);
  char *text = arena_alloc(c->arena, s.len + s.len / 2 + 4);
  memcpy(text, s.data, same);
  size_t len = same;
  for (size_t at = same; at < s.len;) {
    uint32_t point;
    unsigned size = utf8_decode(s, at, &point);
    len += utf8_encode(map_letter(point, upper), text + len);
    at += size ? size : 1;
  }
  return give(ret, value_string(str_make(text, len)));
}

CALL(lower)
{
  return change_case(c, args, false, ret);
}

CALL(upper)
{
  return change_case(c, args, true, ret);
}

/* ---- trimming */

static bool has_point(struct str set, struct str point)
{
  return point.len && find(set, 0, point) >= 0;
}

static size_t last_point(struct str s)
{
  size_t at = s.len - 1;
  while (at > 0 && ((unsigned char)s.data[at] & 0xC0) == 0x80)
    at--;
  return at;
}

static enum builtin_result trim_both(struct builtin_context *c, const struct value *args, bool left,
                                     bool right, struct value *ret)
{
  struct str s, set;
  if (!want_two(c, args, &s, &set))
    return BUILTIN_ERROR;
  while (left && s.len && has_point(set, str_sub(s, 0, point_size(s, 0))))
    s = str_sub(s, point_size(s, 0), s.len);
  while (right && s.len && has_point(set, str_sub(s, last_point(s), s.len)))
    s.len = last_point(s);
  return give_part(ret, args[0], s);
}

CALL(trim)
{
  return trim_both(c, args, true, true, ret);
}

CALL(trim_left)
{
  return trim_both(c, args, true, false, ret);
}

CALL(trim_right)
{
  return trim_both(c, args, false, true, ret);
}

CALL(trim_prefix)
{
  struct str s, prefix;
  if (!want_two(c, args, &s, &prefix))
    return BUILTIN_ERROR;
  return give_part(ret, args[0], str_starts(s, prefix) ? str_sub(s, prefix.len, s.len) : s);
}

CALL(trim_suffix)
{
  struct str s, suffix;
  if (!want_two(c, args, &s, &suffix))
    return BUILTIN_ERROR;
  return give_part(ret, args[0], str_ends(s, suffix) ? str_sub(s, 0, s.len - suffix.len) : s);
}

/* Unicode's White_Space. */
static bool is_space(struct str point)
{
  uint32_t p = 0;
  utf8_decode(point, 0, &p);
  return p == ' ' || (p >= 9 && p <= 13) || p == 0x85 || p == 0xA0 || p == 0x1680 ||
         (p >= 0x2000 && p <= 0x200A) || p == 0x2028 || p == 0x2029 || p == 0x202F || p == 0x205F ||
         p == 0x3000;
}

CALL(trim_space)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s))
    return BUILTIN_ERROR;
  while (s.len && is_space(str_sub(s, 0, point_size(s, 0))))
    s = str_sub(s, point_size(s, 0), s.len);
  while (s.len && is_space(str_sub(s, last_point(s), s.len)))
    s.len = last_point(s);
  return give_part(ret, args[0], s);
}

/* ---- splitting and joining */

static struct value split_text(struct builtin_context *c, struct str s, struct str separator,
                               size_t count)
{
  struct value *items = arena_array(c->arena, struct value, count);
  size_t used = 0, at = 0;
  while (used + 1 < count) {
    size_t end = separator.len ? (size_t)str_find(s, at, separator) : at + point_size(s, at);
    items[used++] = value_string(str_sub(s, at, end - at));
    at = end + separator.len;
  }
  if (count)
    items[used++] = value_string(str_sub(s, at, s.len));
  return array_view(items, (uint32_t)used);
}

static size_t part_count(struct str s, struct str separator)
{
  if (separator.len == 0)
    return utf8_count(s);
  size_t count = 1;
  for (ptrdiff_t at = 0; (at = str_find(s, (size_t)at, separator)) >= 0;
       at += (ptrdiff_t)separator.len)
    count++;
  return count;
}

static bool split_all(struct builtin_context *c, const struct value *args, struct value *ret)
{
  struct str s, separator;
  if (!want_two(c, args, &s, &separator))
    return false;
  size_t count = part_count(s, separator);
  if (!builtin_fits(c, count) || !builtin_spend(c, count))
    return false;
  *ret = split_text(c, s, separator, count);
  return true;
}

CALL(split)
{
  return split_all(c, args, ret) ? BUILTIN_VALUE : BUILTIN_ERROR;
}

CALL(split_n)
{
  struct value parts;
  int64_t n;
  if (!split_all(c, args, &parts) || !builtin_want_int(c, args, 3, &n))
    return BUILTIN_ERROR;
  uint64_t wanted = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  if (wanted < parts.len) {
    if (n < 0)
      parts.items += parts.len - wanted;
    parts.len = (uint32_t)wanted;
  }
  return give(ret, parts);
}

CALL(concat)
{
  struct str separator;
  if (!builtin_want_string(c, args, 1, &separator) || !builtin_want_list(c, args, 2, "set, array"))
    return BUILTIN_ERROR;
  struct value list = args[1];
  uint64_t size = list.len ? (uint64_t)(list.len - 1) * separator.len : 0;
  for (uint32_t i = 0; i < list.len; i++) {
    if (list.items[i].type != VALUE_STRING)
      return builtin_wrong_element(c, 2, list, list.items[i], "string");
    size += list.items[i].len;
  }
  if (list.len == 1)
    return give(ret, list.items[0]);
  if (size > BUILTIN_TEXT_MAX)
    return builtin_halt(c, "the result is longer than %d bytes", BUILTIN_TEXT_MAX);
  if (!builtin_spend(c, list.len + size / 64))
    return BUILTIN_ERROR;
  char *text = arena_alloc(c->arena, size), *at = text;
  for (uint32_t i = 0; i < list.len; i++) {
    if (i && separator.len)
      at = (char *)memcpy(at, separator.data, separator.len) + separator.len;
    if (list.items[i].len)
      at = (char *)memcpy(at, list.items[i].text, list.items[i].len) + list.items[i].len;
  }
  return give(ret, value_string(str_make(text, size)));
}

CALL(reverse)
{
  struct str s;
  if (!builtin_want_string(c, args, 1, &s) || !builtin_spend(c, s.len / 8))
    return BUILTIN_ERROR;
  char *text = arena_alloc(c->arena, s.len);
  for (size_t at = 0; at < s.len;) {
    unsigned size = point_size(s, at);
    memcpy(text + s.len - at - size, s.data + at, size);
    at += size;
  }
  return give(ret, value_string(str_make(text, s.len)));
}

/* ---- replacing */

struct pair {
  struct str from, to;
};

/* Goes through the text once; at each place the first pair that fits counts, and an empty one fits
 * everywhere. */
static void replace_pairs(struct buf *out, struct str s, const struct pair *pairs, uint32_t count)
{
  bool starts[256] = {false};
  bool has_empty = false;
  for (uint32_t i = 0; i < count; i++) {
    if (pairs[i].from.len)
      starts[(unsigned char)pairs[i].from.data[0]] = true;
    else
      has_empty = true;
  }
  bool after_match = false;
  size_t plain = 0;
  for (size_t at = 0; at <= s.len && !buf_failed(out);) {
    const struct pair *hit = NULL;
    if (has_empty || (at < s.len && starts[(unsigned char)s.data[at]]))
      for (uint32_t i = 0; i < count && !hit; i++)
        if (str_starts(str_sub(s, at, s.len), pairs[i].from) && (pairs[i].from.len || !after_match))
          hit = &pairs[i];
    after_match = hit && hit->from.len;
    if (hit) {
      buf_add(out, str_sub(s, plain, at - plain));
      buf_add(out, hit->to);
      plain = at;
    }
    if (after_match)
      plain = at += hit->from.len;
    else
      at += at < s.len ? point_size(s, at) : 1;
  }
  buf_add(out, str_sub(s, plain, s.len));
}

static enum builtin_result replace_text(struct builtin_context *c, struct str s,
                                        const struct pair *pairs, uint32_t count, struct value *ret)
{
  if (!builtin_spend(c, (uint64_t)s.len / 8 * (count + 1)))
    return BUILTIN_ERROR;
  replace_pairs(builtin_text(c), s, pairs, count);
  return builtin_give_text(c, ret);
}

CALL(replace)
{
  struct str s;
  struct pair pair;
  if (!want_two(c, args, &s, &pair.from) || !builtin_want_string(c, args, 3, &pair.to))
    return BUILTIN_ERROR;
  if (find(s, 0, pair.from) < 0)
    return give(ret, args[0]);
  return replace_text(c, s, &pair, 1, ret);
}

CALL(replace_n)
{
  struct str s;
  if (!builtin_want(c, args, 1, VALUE_OBJECT) || !builtin_want_string(c, args, 2, &s))
    return BUILTIN_ERROR;
  struct value patterns = args[0];
  uint32_t *order = arena_array(c->arena, uint32_t, patterns.len);
  value_sort_keys(patterns, order);
  struct pair *pairs = arena_array(c->arena, struct pair, patterns.len);
  for (uint32_t i = 0; i < patterns.len; i++) {
    const struct value_member *member = &patterns.members[order[i]];
    if (member->key.type != VALUE_STRING)
      return builtin_fail_operand(c, "operand 1 non-string key found in pattern object");
    if (member->value.type != VALUE_STRING)
      return builtin_fail_operand(c, "operand 1 non-string value found in pattern object");
    pairs[i] = (struct pair){value_str(member->key), value_str(member->value)};
  }
  return replace_text(c, s, pairs, patterns.len, ret);
}

/* ---- many at once */

static bool want_strings(struct builtin_context *c, const struct value *args, int position,
                         struct value *ret)
{
  struct value v = args[position - 1];
  if (v.type == VALUE_STRING) {
    *ret = array_view(&args[position - 1], 1);
    return true;
  }
  if (!builtin_want_list(c, args, position, "string, set, array"))
    return false;
  for (uint32_t i = 0; i < v.len; i++)
    if (v.items[i].type != VALUE_STRING) {
      builtin_wrong_element(c, position, v, v.items[i], "string");
      return false;
    }
  *ret = v;
  return true;
}

static enum builtin_result any_match(struct builtin_context *c, const struct value *args,
                                     bool (*matches)(struct str, struct str), struct value *ret)
{
  struct value texts, parts;
  if (!want_strings(c, args, 1, &texts) || !want_strings(c, args, 2, &parts) ||
      !builtin_spend(c, (uint64_t)texts.len * parts.len))
    return BUILTIN_ERROR;
  for (uint32_t i = 0; i < texts.len; i++)
    for (uint32_t k = 0; k < parts.len; k++)
      if (matches(value_str(texts.items[i]), value_str(parts.items[k])))
        return give(ret, value_bool(true));
  return give(ret, value_bool(false));
}

CALL(any_prefix_match)
{
  return any_match(c, args, str_starts, ret);
}

CALL(any_suffix_match)
{
  return any_match(c, args, str_ends, ret);
}

CALL(format_int)
{
  if (!builtin_want(c, args, 1, VALUE_NUMBER) || !builtin_want(c, args, 2, VALUE_NUMBER))
    return BUILTIN_ERROR;
  int64_t base;
  if (!number_to_int64(args[1], &base) || (base != 2 && base != 8 && base != 10 && base != 16))
    return builtin_fail_operand(c, "operand 2 must be one of {2, 8, 10, 16}");
  struct str text;
  struct error err;
  if (arithmetic_format(c->arena, args[0], (int)base, &text, &err) < 0)
    return builtin_halt(c, "%s", err.message);
  return give(ret, value_string(text));
}

#define STRINGS "string|array<string>|set<string>"

const struct builtin builtins_strings[] = {
    ROW(concat, "concat", 2, "string, array<string>|set<string>", "string"),
    ROW(contains, "contains", 2, "string, string", "boolean"),
    ROW(ends_with, "endswith", 2, "string, string", "boolean"),
    ROW(format_int, "format_int", 2, "number, number", "string"),
    ROW(index_of, "indexof", 2, "string, string", "number"),
    ROW(index_of_n, "indexof_n", 2, "string, string", "array<number>"),
    ROW(lower, "lower", 1, "string", "string"),
    ROW(replace, "replace", 3, "string, string, string", "string"),
    ROW(split, "split", 2, "string, string", "array<string>"),
    ROW(starts_with, "startswith", 2, "string, string", "boolean"),
    ROW(any_prefix_match, "strings.any_prefix_match", 2, STRINGS ", " STRINGS, "boolean"),
    ROW(any_suffix_match, "strings.any_suffix_match", 2, STRINGS ", " STRINGS, "boolean"),
    ROW(count_of, "strings.count", 2, "string, string", "number"),
    ROW(replace_n, "strings.replace_n", 2, "object<string:string>, string", "string"),
    ROW(reverse, "strings.reverse", 1, "string", "string"),
    ROW(split_n, "strings.split_n", 3, "string, string, number", "array<string>"),
    ROW(substring, "substring", 3, "string, number, number", "string"),
    ROW(trim, "trim", 2, "string, string", "string"),
    ROW(trim_left, "trim_left", 2, "string, string", "string"),
    ROW(trim_prefix, "trim_prefix", 2, "string, string", "string"),
    ROW(trim_right, "trim_right", 2, "string, string", "string"),
    ROW(trim_space, "trim_space", 1, "string", "string"),
    ROW(trim_suffix, "trim_suffix", 2, "string, string", "string"),
    ROW(upper, "upper", 1, "string", "string"),
    {.name = NULL},
};
