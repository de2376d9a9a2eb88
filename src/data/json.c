#include "data/json.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "data/json_scan_int.h"

/*
 * How it works
 *
 * Children of open containers lie on one stack of values, innermost on top; an object's as key,
 * value, key, value, which is the layout of struct value_member. When a container ends, its children
 * are copied to the arena and taken off. An open container has a slot on the same stack, in front of
 * its children, which says where its parent's children begin; in the end the made container takes
 * that slot. Positions, if wanted, lie on a second stack in step with the first.
 *
 * The loop is made twice from one source, with and without positions (`places` below, a constant in
 * each). What is needed at every byte is in local variables (struct cursor, which never has its
 * address taken by a function that is not inlined); the rest is in struct parser.
 *
 * Errors cost nothing until they happen: the loop keeps no line and column for them. They are
 * counted from the start of the text when there is something to say.
 */

#define INLINE static inline __attribute__((always_inline))
#define COLD __attribute__((noinline, cold))

enum { INLINE_SLOTS = 512 };

struct parser {
  struct arena *arena;
  const struct symbols *symbols;
  const char *begin, *end;
  struct value_position origin; /* of begin */
  uint32_t depth_max;
  enum value_duplicates duplicates;
  bool is_stream; /* what follows the value is the next one's */

  struct value *slots; /* the stack */
  size_t room;
  struct value_position *places; /* in step with slots; NULL: not wanted */
  uint32_t line;
  size_t line_begin; /* a place's column is its offset from begin, less this */
  bool wants_places; /* an error can only be placed by reading again with positions */

  struct error *err;
  int code;
  struct value first_slots[INLINE_SLOTS];
};

struct cursor {
  const char *at;
  struct value *top;      /* first free slot */
  struct value *children; /* of the innermost open container */
  uint32_t depth;
};

static bool is_space(char c)
{
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* ---- errors */

/* Bytes of a text that continue a character: 10xxxxxx. */
static size_t count_continuations(const char *at, const char *end)
{
  const uint64_t ones = 0x0101010101010101ULL;
  size_t count = 0;
  for (; end - at >= 8; at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    uint64_t marks = (word & ~(word << 1)) >> 7 & ones;
    count += marks * ones >> 56;
  }
  for (; at < end; at++)
    count += ((unsigned char)*at & 0xC0) == 0x80;
  return count;
}

/* The place of `at`, if `line` is at `place`. */
static struct value_position advance(struct value_position place, const char *line, const char *at)
{
  const char *newline;
  while (line < at && (newline = memchr(line, '\n', (size_t)(at - line)))) {
    place.line++;
    place.column = 1;
    line = newline + 1;
  }
  place.column += (uint32_t)((size_t)(at - line) - count_continuations(line, at));
  return place;
}

static struct value_position position_of(const struct parser *p, const char *at)
{
  return advance(p->origin, p->begin, at);
}

/* Every function that reads answers NULL after one of these. */
static COLD __attribute__((format(printf, 4, 5))) const char *fail(struct parser *p, const char *at,
                                                                   int code, const char *format,
                                                                   ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  struct value_position place = position_of(p, at);
  p->code = error_set_at(p->err, code, place.line, place.column, "%s", text);
  return NULL;
}

/* What is found at a place, for a message; in `out` where it has to be put together. */
static const char *describe(const struct parser *p, const char *at, char out[48])
{
  uint32_t point;
  if (at >= p->end)
    return "the text ends";
  if (*at == '\'')
    return "found a single quote";
  if (utf8_decode(str_make(at, (size_t)(p->end - at)), 0, &point) == 0)
    snprintf(out, 48, "found byte 0x%02x, which is no UTF-8,", (unsigned char)*at);
  else if (point > 0x20 && point < 0x7F)
    snprintf(out, 48, "found '%c'", *at);
  else
    snprintf(out, 48, "found character U+%04X", point);
  return out;
}

static COLD const char *fail_expected(struct parser *p, const char *at, const char *expected)
{
  char found[48];
  return fail(p, at, SW_EINVAL, "%s %s %s", describe(p, at, found),
              at >= p->end ? "where there should be" : "instead of", expected);
}

/* The innermost open container is not finished. */
static COLD const char *fail_in_container(struct parser *p, struct cursor c, const char *expected)
{
  if (c.at < p->end)
    return fail_expected(p, c.at, expected);
  const struct value *open = c.children - 1;
  struct value_position place = position_of(p, open->text);
  return fail(p, c.at, SW_EINVAL,
              "the text ends inside the %s that begins at line %u, column %u: it lacks %s",
              open->type == VALUE_OBJECT ? "object" : "array", place.line, place.column, expected);
}

static COLD const char *fail_in_string(struct parser *p, const char *begin, const char *at)
{
  if (at >= p->end) {
    struct value_position place = position_of(p, begin - 1);
    return fail(p, at, SW_EINVAL,
                "the text ends inside the string that begins at line %u, column %u", place.line,
                place.column);
  }
  unsigned char c = (unsigned char)*at;
  if (c == '\n' || c == '\r')
    return fail(
        p, at, SW_EINVAL,
        "a string runs into the end of the line: it lacks '\"', or the line break should be "
        "written \\n");
  if (c < 0x20)
    return fail(
        p, at, SW_EINVAL,
        "a string contains the control character 0x%02x, which has to be escaped as \\u%04x", c, c);
  return fail(p, at, SW_EINVAL, "a string contains byte 0x%02x, which is no valid UTF-8 here", c);
}

static COLD const char *fail_escape(struct parser *p, const char *begin, const char *at)
{
  if (p->end - at < 2)
    return fail_in_string(p, begin, p->end);
  if (at[1] == 'u')
    return fail(p, at, SW_EINVAL, "\\u in a string takes four hexadecimal digits");
  char found[48];
  return fail(p, at, SW_EINVAL,
              "%s behind a backslash in a string; JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and "
              "\\u with four digits",
              describe(p, at + 1, found));
}

static bool starts_with(const struct parser *p, const char *at, struct str word)
{
  return str_eq_nocase(str_sub(str_make(at, (size_t)(p->end - at)), 0, word.len), word);
}

static COLD const char *fail_value(struct parser *p, const char *at)
{
  static const struct str constants[] = {STR_INIT("true"), STR_INIT("false"), STR_INIT("null")};
  static const struct str foreign[] = {STR_INIT("nan"), STR_INIT("infinity"), STR_INIT("none"),
                                       STR_INIT("undefined")};
  if (at >= p->end)
    return fail_expected(p, at, "a value");
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
    if (starts_with(p, at, constants[i]))
      return fail(p, at, SW_EINVAL, "%.*s has to be written in small letters",
                  STR_FMT(constants[i]));
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    if (starts_with(p, at, foreign[i]))
      return fail(p, at, SW_EINVAL, "JSON has no %.*s", STR_FMT(str_make(at, foreign[i].len)));
  if (*at == '/' || *at == '#')
    return fail(p, at, SW_EINVAL, "JSON has no comments");
  if (*at == '\'')
    return fail(p, at, SW_EINVAL, "a string has to stand in double quotes");
  const char *before = at;
  while (before > p->begin && is_space(before[-1]))
    before--;
  if (*at == ']' && before > p->begin && before[-1] == ',')
    return fail(p, at, SW_EINVAL,
                "the array ends behind a comma: the last element is not followed "
                "by one");
  return fail_expected(p, at, "a value");
}

/* Something follows the value. */
static COLD const char *fail_rest(struct parser *p, const char *at)
{
  if (*at == '{' || *at == '[')
    return fail(p, at, SW_EINVAL, "a second value begins behind the first");
  return fail_expected(p, at, "the end of the text");
}

static COLD const char *fail_key(struct parser *p, struct cursor c)
{
  if (c.at < p->end && *c.at == '}')
    return fail(p, c.at, SW_EINVAL,
                "the object ends behind a comma: the last member is not "
                "followed by one");
  if (c.at < p->end && *c.at == '\'')
    return fail(p, c.at, SW_EINVAL, "a key has to stand in double quotes");
  return fail_in_container(
      p, c, c.top == c.children ? "a key in double quotes, or '}'" : "a key in double quotes");
}

/* ---- white space */

INLINE void note_line(struct parser *p, const char *newline)
{
  p->line++;
  p->line_begin = (size_t)(newline + 1 - p->begin) - 1;
}

#ifdef JSON_SCAN_SSE2

INLINE const char *skip_space_run(struct parser *p, const char *at, const bool places)
{
  while (p->end - at >= JSON_SCAN_BLOCK) {
    json_block block = json_load_block(at);
    json_block newline = (json_block)(block == '\n');
    unsigned other = ~json_block_mask(newline | (json_block)(block == ' ') |
                                      (json_block)(block == '\r') | (json_block)(block == '\t')) &
                     0xFFFF;
    unsigned len = other ? json_first_of(other) : JSON_SCAN_BLOCK;
    if (places)
      for (unsigned mask = json_block_mask(newline) & ((1U << len) - 1); mask; mask &= mask - 1)
        note_line(p, at + json_first_of(mask));
    at += len;
    if (other)
      return at;
  }
  for (; at < p->end && is_space(*at); at++)
    if (places && *at == '\n')
      note_line(p, at);
  return at;
}

#else

INLINE const char *skip_space_run(struct parser *p, const char *at, const bool places)
{
  for (; at < p->end && is_space(*at); at++)
    if (places && *at == '\n')
      note_line(p, at);
  return at;
}

#endif

static __attribute__((noinline)) const char *skip_space_plain(struct parser *p, const char *at)
{
  return skip_space_run(p, at, false);
}

static __attribute__((noinline)) const char *skip_space_placed(struct parser *p, const char *at)
{
  return skip_space_run(p, at, true);
}

INLINE const char *skip_space(struct parser *p, const char *at, const bool places)
{
  if (at < p->end && (unsigned char)*at > ' ')
    return at;
  if (p->end - at >= 2 && *at == ' ' && (unsigned char)at[1] > ' ')
    return at + 1;
  return places ? skip_space_placed(p, at) : skip_space_plain(p, at);
}

/* The byte at a place; 0, which JSON has no use for, at the end. */
INLINE char peek(const struct parser *p, const char *at)
{
  return at < p->end ? *at : '\0';
}

/* ---- strings */

/* The first eight bytes of a value, at once: parts written one by one stall the copy that follows. */
INLINE void set_value(struct value *v, uint8_t type, uint8_t flags, uint16_t symbol, uint32_t len,
                      const void *payload)
{
  *v = (struct value){.type = type, .flags = flags, .symbol = symbol, .len = len, .text = payload};
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The unit of a \u escape at a backslash; -1 if there is none. */
static int32_t read_unit(const char *at, const char *end)
{
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
    return -1;
  int32_t unit = 0;
  for (int i = 2; i < 6; i++) {
    int digit = hex_digit(at[i]);
    if (digit < 0)
      return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

/* What a one-letter escape stands for; 0: there is no such. */
static const char escapes[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                  ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

/* Checks the escape at a backslash; what is behind it, or NULL. */
static const char *skip_escape(const char *at, const char *end)
{
  if (end - at < 2)
    return NULL;
  if (at[1] == 'u')
    return read_unit(at, end) < 0 ? NULL : at + 6;
  return (unsigned char)at[1] < 128 && escapes[(unsigned char)at[1]] ? at + 2 : NULL;
}

/* Writes what a \u escape stands for, with the second half of a surrogate pair if it follows. A half
 * without the other becomes U+FFFD, as in the API server's decoder. */
static const char *decode_unit(const char *at, const char *end, char **out)
{
  int32_t unit = read_unit(at, end);
  at += 6;
  uint32_t point = (uint32_t)unit;
  if (unit >= 0xD800 && unit <= 0xDFFF) {
    int32_t low = unit < 0xDC00 ? read_unit(at, end) : -1;
    point = UTF8_REPLACEMENT;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
      at += 6;
    }
  }
  *out += utf8_encode(point, *out);
  return at;
}

/* Copies up to the next backslash, in whole blocks where both sides have room for them (`out` has a
 * block's room more than the text needs). */
INLINE const char *copy_run(const char *at, const char *end, char **out)
{
#ifdef JSON_SCAN_SSE2
  while (end - at >= JSON_SCAN_BLOCK) {
    json_block block = json_load_block(at);
    memcpy(*out, &block, sizeof block);
    unsigned mask = json_block_mask((json_block)(block == '\\'));
    unsigned len = mask ? json_first_of(mask) : JSON_SCAN_BLOCK;
    at += len;
    *out += len;
    if (mask)
      return at;
  }
#endif
  while (at < end && *at != '\\')
    *(*out)++ = *at++;
  return at;
}

/* Text between quotes that has been checked, without its escapes. */
static struct str decode_string(struct arena *a, const char *at, const char *end)
{
  char *text = arena_alloc(a, (size_t)(end - at) + JSON_SCAN_BLOCK), *out = text;
  while ((at = copy_run(at, end, &out)) < end) {
    if (at[1] == 'u') {
      at = decode_unit(at, end, &out);
    } else {
      *out++ = escapes[(unsigned char)at[1]];
      at += 2;
    }
  }
  return str_make(text, (size_t)(out - text));
}

/* A sequence beyond ASCII, which counts as one column. */
INLINE const char *skip_sequence(struct parser *p, const char *at)
{
  uint32_t point;
  unsigned len = utf8_decode(str_make(at, (size_t)(p->end - at)), 0, &point);
  if (len == 0)
    return NULL;
  p->line_begin += len - 1;
  return at + len;
}

/* The rest of a string that is not plain, from its first such byte. */
static __attribute__((noinline)) const char *read_string_slow(struct parser *p, const char *begin,
                                                              const char *at, struct value *out)
{
  bool has_escapes = false;
  for (;; at = json_skip_plain(at, p->end)) {
    if (at >= p->end)
      return fail_in_string(p, begin, at);
    const char *next;
    if (*at == '"') {
      break;
    } else if (*at == '\\') {
      has_escapes = true;
      next = skip_escape(at, p->end);
      if (!next)
        return fail_escape(p, begin, at);
    } else if ((unsigned char)*at < 0x80 || !(next = skip_sequence(p, at))) {
      return fail_in_string(p, begin, at);
    }
    at = next;
  }
  struct str text = str_make(begin, (size_t)(at - begin));
  if (has_escapes)
    text = decode_string(p->arena, begin, at);
  set_value(out, VALUE_STRING, 0, 0, (uint32_t)text.len, text.data);
  return at + 1;
}

/* From behind the opening quote to behind the closing one. */
INLINE const char *read_string(struct parser *p, const char *begin, struct value *out)
{
  const char *at = json_skip_plain(begin, p->end);
  if (at >= p->end || *at != '"')
    return read_string_slow(p, begin, at, out);
  set_value(out, VALUE_STRING, 0, 0, (uint32_t)(at - begin), begin);
  return at + 1;
}

/* ---- numbers and constants */

INLINE bool is_digit(char c)
{
  return (unsigned char)(c - '0') < 10;
}

static const char *skip_digits(const struct parser *p, const char *at)
{
  while (at < p->end && is_digit(*at))
    at++;
  return at;
}

/* Fraction and exponent; NULL after an error. */
static const char *skip_fraction(struct parser *p, const char *at)
{
  if (peek(p, at) == '.') {
    const char *digits = at + 1;
    at = skip_digits(p, digits);
    if (at == digits)
      return fail_expected(p, at, "a digit behind the decimal point");
  }
  if (peek(p, at) == 'e' || peek(p, at) == 'E') {
    at++;
    if (peek(p, at) == '+' || peek(p, at) == '-')
      at++;
    const char *digits = at;
    at = skip_digits(p, digits);
    if (at == digits)
      return fail_expected(p, at, "a digit of the exponent");
  }
  return at;
}

/* What may not follow a number at once. A fraction is no such thing in itself, but it has been read
 * when this is asked. */
static const bool runs_on[256] = {
    ['+'] = true,         ['-'] = true,         ['.'] = true,         ['_'] = true,
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
};

/* Any number, from its first byte: checked by the grammar of RFC 8259, section 6. */
static __attribute__((noinline)) const char *read_number_slow(struct parser *p, const char *begin,
                                                              struct value *out)
{
  const char *digits = begin + (*begin == '-');
  const char *at = skip_digits(p, digits);
  if (at == digits)
    return fail_expected(p, at, "a digit behind '-'");
  if (*digits == '0' && at - digits > 1)
    return fail(p, begin, SW_EINVAL, "a number begins with a 0 that another digit follows");
  at = skip_fraction(p, at);
  if (!at)
    return NULL;
  if (at < p->end && runs_on[(unsigned char)*at])
    return fail_expected(p, at, "the end of the number");
  set_value(out, VALUE_NUMBER, VALUE_TEXT, 0, (uint32_t)(at - begin), begin);
  return at;
}

/* Up to 18 digits fit without a look; 19 may. */
INLINE const char *read_number(struct parser *p, const char *begin, struct value *out)
{
  bool is_negative = *begin == '-';
  const char *digits = begin + is_negative, *at = digits;
  uint64_t number = 0;
  while (at < p->end && is_digit(*at))
    number = number * 10 + (uint64_t)(*at++ - '0');
  size_t count = (size_t)(at - digits);
  bool is_odd = count - 1 > 17 || (*digits == '0' && (count > 1 || is_negative)) ||
                runs_on[(unsigned char)peek(p, at)];
  if (__builtin_expect(is_odd, 0)) {
    bool fits = count == 19 && number <= (uint64_t)INT64_MAX + is_negative && *digits != '0';
    at = read_number_slow(p, begin, out);
    if (!fits || !at || out->len != count + is_negative)
      return at;
  }
  *out = value_int((int64_t)(is_negative ? 0 - number : number));
  return at;
}

INLINE bool is_word(const struct parser *p, const char *at, const char word[4])
{
  return p->end - at >= 4 && memcmp(at, word, 4) == 0;
}

/* A value that is no container. */
INLINE const char *read_scalar(struct parser *p, const char *at, struct value *out)
{
  char c = peek(p, at);
  if (c == '"')
    return read_string(p, at + 1, out);
  if (is_digit(c) || c == '-')
    return read_number(p, at, out);
  if (c == 't' && is_word(p, at, "true")) {
    *out = value_bool(true);
    return at + 4;
  }
  if (c == 'f' && is_word(p, at + 1, "alse")) {
    *out = value_bool(false);
    return at + 5;
  }
  if (c == 'n' && is_word(p, at, "null")) {
    *out = value_null();
    return at + 4;
  }
  return fail_value(p, at);
}

/* ---- the stack */

/* Twice the room. What is on the stack will be in the arena, so it counts towards its limit. */
static COLD bool grow_stack(struct parser *p, struct cursor *c)
{
  if (p->room >= VALUE_CHILDREN_MAX) {
    fail(p, c->at, SW_ELIMIT, "more than %d values in arrays and objects that are open at once",
         VALUE_CHILDREN_MAX);
    return false;
  }
  size_t used = (size_t)(c->top - p->slots), children = (size_t)(c->children - p->slots);
  size_t limit = p->arena->limit;
  if (limit && arena_used(p->arena) + used * sizeof *p->slots > limit) {
    fail(p, c->at, SW_ELIMIT, "reading takes more memory than the %zu bytes that are allowed",
         limit);
    return false;
  }
  struct value *old = p->slots == p->first_slots ? NULL : p->slots;
  struct value *grown = mem_resize(old, p->room * 2, sizeof *grown);
  if (!old)
    memcpy(grown, p->first_slots, used * sizeof *grown);
  if (p->places)
    p->places = mem_resize(p->places, p->room * 2, sizeof *p->places);
  p->slots = grown;
  p->room *= 2;
  c->top = grown + used;
  c->children = grown + children;
  return true;
}

/* Room for one more slot. */
INLINE bool reserve(struct parser *p, struct cursor *c)
{
  if (__builtin_expect((size_t)(c->top - p->slots) < p->room, 1))
    return true;
  struct cursor copy = *c;
  bool is_grown = grow_stack(p, &copy);
  *c = copy;
  return is_grown;
}

INLINE void note_place(struct parser *p, struct cursor *c, const bool places)
{
  if (places)
    p->places[c->top - p->slots] =
        (struct value_position){p->line, (uint32_t)((size_t)(c->at - p->begin) - p->line_begin)};
}

INLINE bool open_container(struct parser *p, struct cursor *c, enum value_type type)
{
  if (c->depth == p->depth_max) {
    fail(p, c->at, SW_ELIMIT, "more than %u arrays and objects inside each other", p->depth_max);
    return false;
  }
  c->depth++;
  set_value(c->top, (uint8_t)type, 0, 0, (uint32_t)(c->children - p->slots), c->at);
  c->at++;
  c->children = ++c->top;
  return true;
}

/* The container that has been made takes the place of its open one. */
INLINE void close_container(struct parser *p, struct cursor *c, struct value made)
{
  struct value *slot = c->children - 1;
  c->children = p->slots + slot->len;
  *slot = made;
  c->top = slot + 1;
  c->depth--;
  c->at++;
}

static const struct value_position *places_of(const struct parser *p, const struct value *slot)
{
  return p->places + (slot - p->slots);
}

static COLD const char *fail_memory(struct parser *p, const char *at)
{
  return fail(p, at, SW_ELIMIT, "reading takes more memory than the %zu bytes that are allowed",
              p->arena->limit);
}

INLINE bool end_array(struct parser *p, struct cursor *c, const bool places)
{
  struct value made = value_array_make(p->arena, c->children,
                                       places ? places_of(p, c->children) : NULL,
                                       (uint32_t)(c->top - c->children));
  if (arena_over(p->arena))
    return fail_memory(p, c->at);
  close_container(p, c, made);
  return true;
}

/* Without positions nobody knows where the key stood: the text is read again with them. */
static COLD bool fail_duplicate(struct parser *p, struct cursor c, uint32_t i)
{
  if (!p->places) {
    p->wants_places = true;
    p->code = SW_EINVAL;
    return false;
  }
  const struct value_member *members = (const struct value_member *)(const void *)c.children;
  uint32_t first = 0;
  while (!str_eq(value_str(members[first].key), value_str(members[i].key)))
    first++;
  const struct value_position *places = places_of(p, c.children);
  struct value_position place = places[2 * (size_t)i], first_place = places[2 * (size_t)first];
  struct str key = value_str(members[i].key);
  p->code = error_set_at(p->err, SW_EINVAL, place.line, place.column,
                         "key \"%.*s\" occurs twice in an object; first at line %u, column %u",
                         STR_FMT(str_sub(key, 0, 200)), first_place.line, first_place.column);
  return false;
}

INLINE bool end_object(struct parser *p, struct cursor *c, const bool places)
{
  struct value made = VALUE_NONE;
  uint32_t duplicate = 0;
  if (!value_object_make(p->arena, (const struct value_member *)(const void *)c->children,
                         places ? places_of(p, c->children) : NULL,
                         (uint32_t)(c->top - c->children) / 2, p->duplicates, &duplicate, &made))
    return fail_duplicate(p, *c, duplicate);
  if (arena_over(p->arena))
    return fail_memory(p, c->at);
  close_container(p, c, made);
  return true;
}

/* ---- the loop */

/* A key that is a view has the rest of the text behind it, as a rule. */
INLINE uint16_t find_symbol(const struct parser *p, const char *begin, struct str key)
{
  if (key.data == begin && p->end - begin >= 16)
    return symbols_find_readable(p->symbols, key);
  return symbols_find(p->symbols, key);
}

/* A key and the colon behind it; afterwards the cursor is at the value. */
INLINE bool read_key(struct parser *p, struct cursor *c, const bool places)
{
  if (!reserve(p, c))
    return false;
  note_place(p, c, places);
  if (peek(p, c->at) != '"')
    return fail_key(p, *c);
  const char *at = read_string(p, c->at + 1, c->top);
  if (!at)
    return false;
  if (p->symbols)
    c->top->symbol = find_symbol(p, c->at + 1, value_str(*c->top));
  c->top++;
  c->at = peek(p, at) == ':' ? at : skip_space(p, at, places);
  if (peek(p, c->at) != ':')
    return fail_in_container(p, *c, "':' behind a key");
  c->at = skip_space(p, c->at + 1, places);
  return true;
}

/* A value at the cursor: a scalar is read, a container opened. */
enum opened { OPENED_FAILED, OPENED_NOTHING, OPENED_OBJECT, OPENED_ARRAY };

INLINE enum opened read_value(struct parser *p, struct cursor *c, const bool places)
{
  if (!reserve(p, c))
    return OPENED_FAILED;
  note_place(p, c, places);
  char first = peek(p, c->at);
  if (first == '{')
    return open_container(p, c, VALUE_OBJECT) ? OPENED_OBJECT : OPENED_FAILED;
  if (first == '[')
    return open_container(p, c, VALUE_ARRAY) ? OPENED_ARRAY : OPENED_FAILED;
  const char *at = read_scalar(p, c->at, c->top);
  if (!at)
    return OPENED_FAILED;
  c->at = at;
  c->top++;
  return OPENED_NOTHING;
}

/* The value at c->at, in the first slot. c->at is behind it afterwards. */
INLINE bool read_tree(struct parser *p, struct cursor *c, const bool places)
{
  switch (read_value(p, c, places)) {
  case OPENED_OBJECT:
    goto object;
  case OPENED_ARRAY:
    goto array;
  default:
    return p->code == 0;
  }

object:
  c->at = skip_space(p, c->at, places);
  if (peek(p, c->at) == '}')
    goto object_end;
member:
  if (!read_key(p, c, places))
    return false;
  switch (read_value(p, c, places)) {
  case OPENED_OBJECT:
    goto object;
  case OPENED_ARRAY:
    goto array;
  case OPENED_FAILED:
    return false;
  case OPENED_NOTHING:
    break;
  }
after_member:
  if (peek(p, c->at) != ',')
    c->at = skip_space(p, c->at, places);
  if (peek(p, c->at) == ',') {
    c->at = skip_space(p, c->at + 1, places);
    goto member;
  }
  if (peek(p, c->at) != '}')
    return fail_in_container(p, *c, "',' or '}' behind a member of an object");
object_end:
  if (!end_object(p, c, places))
    return false;
  goto after_container;

array:
  c->at = skip_space(p, c->at, places);
  if (peek(p, c->at) == ']')
    goto array_end;
element:
  switch (read_value(p, c, places)) {
  case OPENED_OBJECT:
    goto object;
  case OPENED_ARRAY:
    goto array;
  case OPENED_FAILED:
    return false;
  case OPENED_NOTHING:
    break;
  }
after_element:
  if (peek(p, c->at) != ',')
    c->at = skip_space(p, c->at, places);
  if (peek(p, c->at) == ',') {
    c->at = skip_space(p, c->at + 1, places);
    goto element;
  }
  if (peek(p, c->at) != ']')
    return fail_in_container(p, *c, "',' or ']' behind an element of an array");
array_end:
  if (!end_array(p, c, places))
    return false;

after_container:
  if (c->depth == 0)
    return true;
  if (c->children[-1].type == VALUE_OBJECT)
    goto after_member;
  goto after_element;
}

static __attribute__((noinline)) const char *read_plain(struct parser *p, const char *at)
{
  struct cursor c = {.at = at, .top = p->slots, .children = p->slots};
  return read_tree(p, &c, false) ? c.at : NULL;
}

static __attribute__((noinline)) const char *read_placed(struct parser *p, const char *at)
{
  struct cursor c = {.at = at, .top = p->slots, .children = p->slots};
  return read_tree(p, &c, true) ? c.at : NULL;
}

/* ---- texts */

static void start(struct parser *p, struct arena *a, struct json_cursor from,
                  const struct json_options *options, struct error *err)
{
  p->arena = a;
  p->symbols = options->symbols;
  p->begin = from.rest.len ? from.rest.data : "";
  p->end = p->begin + from.rest.len;
  p->origin = from.position;
  p->depth_max = options->depth_max ? options->depth_max : JSON_DEPTH_DEFAULT;
  if (p->depth_max > JSON_DEPTH_MAX)
    p->depth_max = JSON_DEPTH_MAX;
  p->duplicates = options->duplicates;
  p->slots = p->first_slots;
  p->room = INLINE_SLOTS;
  p->places = NULL;
  p->line = p->origin.line;
  p->line_begin = 0 - (size_t)p->origin.column;
  p->wants_places = false;
  p->err = err;
  p->code = 0;
}

static void finish(struct parser *p)
{
  if (p->slots != p->first_slots)
    mem_free(p->slots);
  mem_free(p->places);
}

static int check_text(const struct parser *p, size_t size_max)
{
  size_t size = (size_t)(p->end - p->begin);
  if (size_max == 0)
    size_max = JSON_SIZE_DEFAULT;
  if (size_max > UINT32_MAX)
    size_max = UINT32_MAX;
  if (size > size_max)
    return error_set(p->err, SW_ELIMIT, "the text has %zu bytes; %zu are allowed", size, size_max);
  if (str_starts(str_make(p->begin, size), STR("\xEF\xBB\xBF")))
    return error_set_at(p->err, SW_EINVAL, p->origin.line, p->origin.column,
                        "the text begins with a byte order mark, which JSON does not have: save it "
                        "as UTF-8 without one");
  return 0;
}

/* The value behind white space; *ret_begin and *ret_end are its ends. */
static bool read_value_at(struct parser *p, bool places, const char **ret_begin,
                          const char **ret_end)
{
  const char *begin = places ? skip_space_placed(p, p->begin) : skip_space_plain(p, p->begin);
  if (places)
    p->places = mem_resize(NULL, p->room, sizeof *p->places);
  const char *end = places ? read_placed(p, begin) : read_plain(p, begin);
  if (!end)
    return false;
  *ret_begin = begin;
  *ret_end = end;
  return true;
}

/* One value from the cursor's text. Where an error could only be placed by positions that were not
 * kept, the text is read once more with them. */
static int read_text(struct parser *p, struct arena *a, struct json_cursor from,
                     const struct json_options *options, const char **ret_begin,
                     const char **ret_end, struct error *err)
{
  start(p, a, from, options, err);
  int r = check_text(p, options->size_max);
  if (r < 0)
    return r;
  if (read_value_at(p, options->positions, ret_begin, ret_end))
    return 0;
  if (p->wants_places) {
    finish(p);
    start(p, a, from, options, err);
    read_value_at(p, true, ret_begin, ret_end);
  }
  return p->code;
}

static const struct json_options defaults;

int json_parse(struct arena *a, struct str text, const struct json_options *options,
               struct value *ret_root, struct error *err)
{
  struct parser p;
  const char *begin = NULL, *end = NULL;
  int r =
      read_text(&p, a, json_cursor_start(text), options ? options : &defaults, &begin, &end, err);
  if (r == 0) {
    end = skip_space_plain(&p, end);
    if (end < p.end)
      fail_rest(&p, end);
    r = p.code;
  }
  if (r == 0)
    *ret_root = p.slots[0];
  finish(&p);
  return r;
}

int json_parse_next(struct arena *a, struct json_cursor *io_cursor,
                    const struct json_options *options, struct value *ret_root,
                    struct value_position *ret_position, struct error *err)
{
  struct str rest = io_cursor->rest;
  size_t at = 0;
  while (at < rest.len && is_space(rest.data[at]))
    at++;
  struct parser p;
  const char *begin = NULL, *end = NULL;
  int r = 0;
  start(&p, a, *io_cursor, &defaults, err);
  if (at < rest.len)
    r = read_text(&p, a, *io_cursor, options ? options : &defaults, &begin, &end, err);
  else
    begin = end = p.end;
  if (r == 0) {
    struct value_position place = position_of(&p, begin);
    if (begin < end) {
      *ret_root = p.slots[0];
      if (ret_position)
        *ret_position = place;
      r = 1;
    }
    io_cursor->position = advance(place, begin, end);
    io_cursor->rest = str_make(end, (size_t)(p.end - end));
  }
  finish(&p);
  return r;
}
