#include "data/json_write.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "data/compare.h"
#include "data/json_scan_int.h"
#include "data/number.h"

/* ---- strings */

static void add_escaped(struct buf *out, unsigned char c)
{
  static const char hex[] = "0123456789abcdef";
  static const char letters[0x20] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
  char escape[6] = {'\\', (char)c};
  size_t len = 2;
  if (c < 0x20 && letters[c]) {
    escape[1] = letters[c];
  } else if (c < 0x20) {
    escape[1] = 'u';
    escape[2] = escape[3] = '0';
    escape[4] = hex[c >> 4];
    escape[5] = hex[c & 15];
    len = 6;
  }
  buf_add(out, str_make(escape, len));
}

/* One byte or sequence that is not plain; its length in s. */
static size_t add_special(struct buf *out, struct str s, size_t at)
{
  unsigned char c = (unsigned char)s.data[at];
  if (c < 0x80) {
    add_escaped(out, c);
    return 1;
  }
  uint32_t point;
  unsigned len = utf8_decode(s, at, &point);
  buf_add(out, len ? str_make(s.data + at, len) : STR("\xEF\xBF\xBD"));
  return len ? len : 1;
}

static void add_content(struct buf *out, struct str s)
{
  size_t at = 0;
  while (at < s.len) {
    const char *begin = s.data + at;
    size_t plain = (size_t)(json_skip_plain(begin, s.data + s.len) - begin);
    buf_add(out, str_make(begin, plain));
    at += plain;
    if (at < s.len)
      at += add_special(out, s, at);
  }
}

void json_write_string(struct buf *out, struct str s)
{
  buf_add_byte(out, '"');
  add_content(out, s);
  buf_add_byte(out, '"');
}

/* ---- the writer */

static void new_line(struct json_writer *w)
{
  if (w->indent == 0)
    return;
  buf_add_byte(w->out, '\n');
  buf_add_repeat(w->out, ' ', (size_t)w->depth * w->indent);
}

/* What stands between the last thing written and the next key or value. */
static void begin_item(struct json_writer *w)
{
  if (w->after_key) {
    w->after_key = false;
    return;
  }
  if (!w->empty)
    buf_add_byte(w->out, ',');
  w->empty = false;
  if (w->depth)
    new_line(w);
}

static void begin_container(struct json_writer *w, char bracket)
{
  begin_item(w);
  buf_add_byte(w->out, bracket);
  w->depth++;
  w->empty = true;
}

static void end_container(struct json_writer *w, char bracket)
{
  w->depth--;
  if (!w->empty)
    new_line(w);
  w->empty = false;
  buf_add_byte(w->out, bracket);
}

void json_begin_object(struct json_writer *w)
{
  begin_container(w, '{');
}

void json_end_object(struct json_writer *w)
{
  end_container(w, '}');
}

void json_begin_array(struct json_writer *w)
{
  begin_container(w, '[');
}

void json_end_array(struct json_writer *w)
{
  end_container(w, ']');
}

static void after_key_text(struct json_writer *w)
{
  buf_add_byte(w->out, ':');
  if (w->indent)
    buf_add_byte(w->out, ' ');
  w->after_key = true;
}

void json_key(struct json_writer *w, struct str key)
{
  begin_item(w);
  json_write_string(w->out, key);
  after_key_text(w);
}

void json_string(struct json_writer *w, struct str s)
{
  begin_item(w);
  json_write_string(w->out, s);
}

void json_int(struct json_writer *w, int64_t number)
{
  begin_item(w);
  buf_add_i64(w->out, number);
}

void json_uint(struct json_writer *w, uint64_t number)
{
  begin_item(w);
  buf_add_u64(w->out, number);
}

void json_double(struct json_writer *w, double number)
{
  struct value v = number_from_double(number);
  if (v.type == VALUE_ABSENT) {
    json_null(w);
    return;
  }
  begin_item(w);
  number_write(w->out, v);
}

void json_bool(struct json_writer *w, bool b)
{
  begin_item(w);
  buf_add(w->out, b ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w)
{
  begin_item(w);
  buf_add(w->out, STR("null"));
}

void json_member_string(struct json_writer *w, struct str key, struct str s)
{
  json_key(w, key);
  json_string(w, s);
}

void json_member_int(struct json_writer *w, struct str key, int64_t number)
{
  json_key(w, key);
  json_int(w, number);
}

void json_member_bool(struct json_writer *w, struct str key, bool b)
{
  json_key(w, key);
  json_bool(w, b);
}

void json_member_value(struct json_writer *w, struct str key, struct value v)
{
  json_key(w, key);
  json_value(w, v);
}

/* ---- trees */

enum { INLINE_FRAMES = 32 };

/* A container that is being written. */
struct frame {
  struct value v;
  uint32_t at;
  uint32_t *order; /* canonical: the members' order; else NULL */
};

struct walk {
  struct json_writer *w;
  bool canonical;
  struct error *err; /* canonical */
  struct frame *frames;
  size_t depth, room;
  struct frame first[INLINE_FRAMES];
};

static uint32_t *utf16_order(struct value object);

static void enter(struct walk *walk, struct value v)
{
  if (walk->depth == walk->room) {
    struct frame *old = walk->frames == walk->first ? NULL : walk->frames;
    struct frame *grown = mem_resize(old, walk->room * 2, sizeof *grown);
    if (!old)
      memcpy(grown, walk->first, sizeof walk->first);
    walk->frames = grown;
    walk->room *= 2;
  }
  bool is_object = v.type == VALUE_OBJECT;
  begin_container(walk->w, is_object ? '{' : '[');
  walk->frames[walk->depth++] = (struct frame){
      .v = v, .order = is_object && walk->canonical && v.len > 1 ? utf16_order(v) : NULL};
}

static void leave(struct walk *walk)
{
  struct frame *f = &walk->frames[--walk->depth];
  end_container(walk->w, f->v.type == VALUE_OBJECT ? '}' : ']');
  mem_free(f->order);
}

static void write_key(struct json_writer *w, struct value key)
{
  if (key.type == VALUE_STRING) {
    json_key(w, value_str(key));
    return;
  }
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, key, 0);
  json_key(w, buf_str(&text));
}

/*
 * RFC 8785, section 3.2.2.3. An integer has to come through unchanged: fractions are measurements,
 * which rounding leaves what they are, but integers are identifiers and counters.
 */
static int write_canonical_number(struct buf *out, struct value v, struct error *err)
{
  double rounded;
  char text[NUMBER_TEXT_MAX];
  if (!number_to_double(v, &rounded))
    return error_set(err, SW_EINVAL,
                     "a number is beyond the range of IEEE 754 doubles, so that it "
                     "has no canonical form (RFC 8785)");
  struct str written = str_make(text, number_format_double(rounded, text));
  if (number_is_integer(v) && !number_equal(v, number_from_literal(written)))
    return error_set(err, SW_EINVAL,
                     "an integer needs more than the 53 bits of an IEEE 754 double, "
                     "so that it has no canonical form (RFC 8785): write it as a "
                     "string, or as %s if that is meant",
                     text);
  buf_add(out, written);
  return 0;
}

static int write_scalar(struct walk *walk, struct value v)
{
  struct json_writer *w = walk->w;
  switch (v.type) {
  case VALUE_BOOL:
    json_bool(w, v.boolean);
    return 0;
  case VALUE_STRING:
    json_string(w, value_str(v));
    return 0;
  case VALUE_NUMBER:
    begin_item(w);
    if (walk->canonical)
      return write_canonical_number(w->out, v, walk->err);
    number_write(w->out, v);
    return 0;
  default:
    json_null(w);
    return 0;
  }
}

static int write_one(struct walk *walk, struct value v)
{
  if (v.type < VALUE_ARRAY)
    return write_scalar(walk, v);
  enter(walk, v);
  return 0;
}

static int write_next_child(struct walk *walk)
{
  struct frame *f = &walk->frames[walk->depth - 1];
  uint32_t i = f->at++;
  if (f->v.type != VALUE_OBJECT)
    return write_one(walk, f->v.items[i]);
  const struct value_member *member = &f->v.members[f->order ? f->order[i] : i];
  write_key(walk->w, member->key);
  return write_one(walk, member->value);
}

static int write_tree(struct json_writer *w, struct value v, bool canonical, struct error *err)
{
  struct walk walk;
  walk.w = w;
  walk.canonical = canonical;
  walk.err = err;
  walk.frames = walk.first;
  walk.depth = 0;
  walk.room = INLINE_FRAMES;
  int r = write_one(&walk, v);
  while (r == 0 && walk.depth) {
    const struct frame *f = &walk.frames[walk.depth - 1];
    if (f->at < f->v.len)
      r = write_next_child(&walk);
    else
      leave(&walk);
  }
  while (walk.depth)
    mem_free(walk.frames[--walk.depth].order);
  if (walk.frames != walk.first)
    mem_free(walk.frames);
  return r;
}

void json_value(struct json_writer *w, struct value v)
{
  write_tree(w, v, false, NULL);
}

void json_write(struct buf *out, struct value v, unsigned indent)
{
  struct json_writer w = json_writer_start(out, indent);
  write_tree(&w, v, false, NULL);
}

int json_write_canonical(struct buf *out, struct value v, struct error *err)
{
  size_t len = out->len;
  struct json_writer w = json_writer_start(out, 0);
  int r = write_tree(&w, v, true, err);
  if (r < 0)
    out->len = len;
  return r;
}

/* ---- canonical order of keys */

/*
 * UTF-8 sorts by code points, UTF-16 by units, in which code points from U+10000 begin with a
 * surrogate (D800..DBFF) and so come before U+E000..U+FFFF. In UTF-8 those two groups differ in the
 * first byte: F0..F4 and EE, EF.
 */
static int compare_utf16(struct str a, struct str b)
{
  size_t shared = a.len < b.len ? a.len : b.len;
  size_t at = 0;
  while (at < shared && a.data[at] == b.data[at])
    at++;
  if (at == shared)
    return (a.len > b.len) - (a.len < b.len);
  unsigned char x = (unsigned char)a.data[at], y = (unsigned char)b.data[at];
  bool x_long = x >= 0xF0, y_long = y >= 0xF0;
  if (x >= 0xEE && y >= 0xEE && x_long != y_long)
    return x_long ? -1 : 1;
  return x < y ? -1 : 1;
}

struct sort_key {
  struct str text;
  char *made; /* the text of a key that is not a string */
  uint32_t index;
};

static int compare_sort_keys(const void *a, const void *b)
{
  const struct sort_key *x = a, *y = b;
  int order = compare_utf16(x->text, y->text);
  return order ? order : (x->index > y->index) - (x->index < y->index);
}

static struct sort_key sort_key_of(struct value key, uint32_t index)
{
  if (key.type == VALUE_STRING)
    return (struct sort_key){.text = value_str(key), .index = index};
  struct buf text = {0};
  json_write(&text, key, 0);
  return (struct sort_key){.text = buf_str(&text), .made = text.data, .index = index};
}

/* Indices of the members in canonical order; the caller frees them. */
static uint32_t *utf16_order(struct value object)
{
  _cleanup_(mem_freep) struct sort_key *keys = mem_zalloc(object.len, sizeof *keys);
  for (uint32_t i = 0; i < object.len; i++)
    keys[i] = sort_key_of(object.members[i].key, i);
  qsort(keys, object.len, sizeof *keys, compare_sort_keys);
  uint32_t *order = mem_zalloc(object.len, sizeof *order);
  for (uint32_t i = 0; i < object.len; i++) {
    order[i] = keys[i].index;
    mem_free(keys[i].made);
  }
  return order;
}
