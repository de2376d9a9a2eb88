#include "base/mem.h"
#include "base/utf8.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "policy/rego_test_int.h"

enum {
  SHOWN_MAX = 100,
  DEPTH_MAX = 64,
  ALIGN_MAX = 1 << 18, /* comparisons of elements to find out which moved */
};

struct str rego_test_text(struct arena *a, struct value v, size_t most)
{
  struct builtin_cache *cache = builtin_cache_new();
  struct builtin_context context = {.arena = a, .cache = cache};
  struct str text;
  if (builtin_term_text(&context, v, &text) != BUILTIN_VALUE)
    text = STR("(too large to show)");
  builtin_cache_free(cache);
  if (text.len <= most)
    return text;
  while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80)
    most--;
  return arena_printf(a, "%.*s...", (int)most, text.data);
}

struct str rego_test_value_text(struct arena *a, struct value v)
{
  return rego_test_text(a, v, REGO_TEST_VALUE_MAX);
}

struct differ {
  struct buf *out;
  struct buf place;
  struct arena arena; /* of texts, emptied for each line */
  unsigned indent;
  size_t most, count;
};

static void add_side(struct differ *d, struct value v)
{
  if (v.type == VALUE_ABSENT)
    buf_add_byte(d->out, '-');
  else
    buf_add(d->out, rego_test_text(&d->arena, v, SHOWN_MAX));
}

static void differ_here(struct differ *d, struct value left, struct value right)
{
  if (d->count++ >= d->most)
    return;
  buf_add_repeat(d->out, ' ', d->indent);
  if (d->place.len) {
    buf_add(d->out, buf_str(&d->place));
    buf_add_text(d->out, ": ");
  }
  add_side(d, left);
  buf_add_text(d->out, " | ");
  add_side(d, right);
  buf_add_byte(d->out, '\n');
  arena_reset(&d->arena);
}

static bool is_identifier(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    bool letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(i > 0 && c >= '0' && c <= '9'))
      return false;
  }
  return s.len > 0;
}

static void add_key(struct differ *d, struct value key)
{
  struct str name = value_str_or_empty(key);
  if (is_identifier(name)) {
    buf_add_byte(&d->place, '.');
    buf_add(&d->place, name);
    return;
  }
  buf_add_byte(&d->place, '[');
  buf_add(&d->place, rego_test_text(&d->arena, key, SHOWN_MAX));
  buf_add_byte(&d->place, ']');
}

static void compare_values(struct differ *d, struct value left, struct value right, unsigned depth);

/* Members in the order of their keys, those of both sides in one pass. */
static void compare_objects(struct differ *d, struct value left, struct value right, unsigned depth)
{
  uint32_t *order = mem_alloc(((size_t)left.len + right.len + 1) * sizeof *order);
  uint32_t *other = order + left.len;
  value_sort_keys(left, order);
  value_sort_keys(right, other);
  size_t length = d->place.len;
  for (uint32_t i = 0, j = 0; i < left.len || j < right.len;) {
    const struct value_member *a = i < left.len ? &left.members[order[i]] : NULL;
    const struct value_member *b = j < right.len ? &right.members[other[j]] : NULL;
    int which = !a ? 1 : !b ? -1 : value_compare(a->key, b->key);
    add_key(d, which <= 0 ? a->key : b->key);
    compare_values(d, which <= 0 ? a->value : VALUE_NONE, which >= 0 ? b->value : VALUE_NONE,
                   depth + 1);
    d->place.len = length;
    i += which <= 0;
    j += which >= 0;
  }
  mem_free(order);
}

static void compare_at(struct differ *d, uint32_t index, struct value left, struct value right,
                       unsigned depth)
{
  size_t length = d->place.len;
  buf_printf(&d->place, "[%u]", index);
  compare_values(d, left, right, depth + 1);
  d->place.len = length;
}

/* What lies between the elements that two arrays have in common at their ends. */
struct middle {
  const struct value *left, *right;
  uint32_t start, rows, columns;
};

/* common[i][j]: how many elements the rests of both from there on have in common, in order. */
static uint32_t *count_common(const struct middle *m)
{
  uint32_t width = m->columns + 1;
  uint32_t *common = mem_zalloc((size_t)(m->rows + 1) * width, sizeof *common);
  for (uint32_t i = m->rows; i-- > 0;)
    for (uint32_t j = m->columns; j-- > 0;) {
      uint32_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];
      uint32_t most = down > right ? down : right;
      if (value_equal(m->left[i], m->right[j]))
        most = common[(i + 1) * width + j + 1] + 1;
      common[i * width + j] = most;
    }
  return common;
}

/* Elements that are on one side only, each with its number on that side. */
static void tell_moved(struct differ *d, const struct middle *m, const uint32_t *common,
                       unsigned depth)
{
  uint32_t i = 0, j = 0, width = m->columns + 1;
  while (i < m->rows || j < m->columns) {
    if (i < m->rows && j < m->columns && value_equal(m->left[i], m->right[j])) {
      i++, j++;
    } else if (j == m->columns ||
               (i < m->rows && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      compare_at(d, m->start + i, m->left[i], VALUE_NONE, depth);
      i++;
    } else {
      compare_at(d, m->start + j, VALUE_NONE, m->right[j], depth);
      j++;
    }
  }
}

/* Number by number, or, if fewer lines say it, by what was put in and what is missing. */
static void compare_arrays(struct differ *d, struct value left, struct value right, unsigned depth)
{
  uint32_t start = 0, end = 0, least = left.len < right.len ? left.len : right.len;
  while (start < least && value_equal(left.items[start], right.items[start]))
    start++;
  while (end < least - start &&
         value_equal(left.items[left.len - 1 - end], right.items[right.len - 1 - end]))
    end++;
  struct middle m = {left.items + start, right.items + start, start, left.len - start - end,
                     right.len - start - end};
  uint32_t most = m.rows > m.columns ? m.rows : m.columns, differing = most;
  for (uint32_t i = 0; i < m.rows && i < m.columns; i++)
    differing -= value_equal(m.left[i], m.right[i]);
  if ((uint64_t)(m.rows + 1) * (m.columns + 1) <= ALIGN_MAX) {
    _cleanup_(mem_freep) uint32_t *common = count_common(&m);
    if (m.rows + m.columns - 2 * common[0] < differing) {
      tell_moved(d, &m, common, depth);
      return;
    }
  }
  for (uint32_t i = start; i < start + most; i++)
    compare_at(d, i, i < start + m.rows ? left.items[i] : VALUE_NONE,
               i < start + m.columns ? right.items[i] : VALUE_NONE, depth);
}

static void compare_sets(struct differ *d, struct value left, struct value right)
{
  for (uint32_t i = 0, j = 0; i < left.len || j < right.len;) {
    int which = i == left.len    ? 1
                : j == right.len ? -1
                                 : value_compare(left.items[i], right.items[j]);
    if (which < 0)
      differ_here(d, left.items[i], VALUE_NONE);
    else if (which > 0)
      differ_here(d, VALUE_NONE, right.items[j]);
    i += which <= 0;
    j += which >= 0;
  }
}

static void compare_values(struct differ *d, struct value left, struct value right, unsigned depth)
{
  if (value_equal(left, right))
    return;
  bool same = left.type == right.type && depth < DEPTH_MAX;
  if (same && left.type == VALUE_OBJECT)
    compare_objects(d, left, right, depth);
  else if (same && left.type == VALUE_ARRAY)
    compare_arrays(d, left, right, depth);
  else if (same && left.type == VALUE_SET)
    compare_sets(d, left, right);
  else
    differ_here(d, left, right);
}

size_t rego_test_differences(struct buf *out, struct value left, struct value right,
                             unsigned indent, size_t most)
{
  struct differ d = {.out = out, .indent = indent, .most = most};
  arena_init(&d.arena, 0);
  compare_values(&d, left, right, 0);
  if (d.count > most) {
    buf_add_repeat(out, ' ', indent);
    buf_printf(out, "and %zu more\n", d.count - most);
  }
  arena_free(&d.arena);
  buf_free(&d.place);
  return d.count;
}
