/*
 * Whatever the bytes are: validity agrees with a validator that is slow and written down from the
 * table of well-formed sequences (Unicode, table 3-7), decoding and encoding are each other's
 * inverse, and counts, widths and cuts fit together.
 */
#include "base/utf8.h"

#include <assert.h>

/* A row of the table: the bytes that may stand at each place. */
struct row {
  unsigned len;
  uint8_t low[4], high[4];
};

static const struct row table[] = {
    {1, {0x00}, {0x7F}},
    {2, {0xC2, 0x80}, {0xDF, 0xBF}},
    {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
    {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
    {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
    {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
    {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
    {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
    {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
};

static unsigned well_formed(const uint8_t *data, size_t left)
{
  for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
    const struct row *row = &table[r];
    unsigned i = 0;
    while (i < row->len && i < left && data[i] >= row->low[i] && data[i] <= row->high[i])
      i++;
    if (i == row->len)
      return i;
  }
  return 0;
}

static void check_point(struct str s, size_t at, unsigned expected)
{
  uint32_t point;
  unsigned len = utf8_decode(s, at, &point);
  assert(len == expected);
  if (len == 0) {
    assert(point == UTF8_REPLACEMENT);
    return;
  }
  char bytes[4];
  assert(utf8_encode(point, bytes) == len);
  assert(memcmp(bytes, s.data + at, len) == 0);
  assert(utf8_point_width(point) <= 2);
}

static void check_cut(struct str s, size_t columns)
{
  struct str cut = utf8_cut_columns(s, columns);
  assert(cut.len <= s.len && (cut.len == 0 || cut.data == s.data));
  assert(utf8_width(cut) <= columns);
  if (cut.len < s.len) {
    uint32_t next;
    utf8_decode(s, cut.len, &next);
    assert(utf8_width(cut) + utf8_point_width(next) > columns);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct str s = str_make((const char *)data, size);
  size_t first_bad = size, count = 0;
  for (size_t at = 0; at < size; count++) {
    unsigned len = well_formed(data + at, size - at);
    check_point(s, at, len);
    if (len == 0 && first_bad == size)
      first_bad = at;
    at += len ? len : 1;
  }
  assert(utf8_valid_length(s) == first_bad);
  assert(utf8_valid(s) == (first_bad == size));
  assert(utf8_count(s) == count);
  size_t width = utf8_width(s);
  assert(width <= 2 * count);
  check_cut(s, width);
  check_cut(s, width / 2);
  check_cut(s, size ? data[0] : 0);
  return 0;
}
