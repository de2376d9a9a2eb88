#include "base/str.h"

#include <strings.h>

int str_compare(struct str a, struct str b)
{
  size_t shared = a.len < b.len ? a.len : b.len;
  int order = shared ? memcmp(a.data, b.data, shared) : 0;
  if (order == 0)
    order = (a.len > b.len) - (a.len < b.len);
  return (order > 0) - (order < 0);
}

static unsigned char lower(char c)
{
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool str_eq_nocase(struct str a, struct str b)
{
  if (a.len != b.len)
    return false;
  for (size_t i = 0; i < a.len; i++)
    if (lower(a.data[i]) != lower(b.data[i]))
      return false;
  return true;
}

ptrdiff_t str_find(struct str s, size_t from, struct str needle)
{
  if (from > s.len)
    return -1;
  if (needle.len == 0)
    return (ptrdiff_t)from;
  if (needle.len > s.len - from)
    return -1; /* also keeps data that is NULL out of memmem */
  const char *at = memmem(s.data + from, s.len - from, needle.data, needle.len);
  return at ? at - s.data : -1;
}

ptrdiff_t str_find_byte(struct str s, size_t from, char byte)
{
  if (from >= s.len)
    return -1;
  const char *at = memchr(s.data + from, byte, s.len - from);
  return at ? at - s.data : -1;
}

ptrdiff_t str_find_last_byte(struct str s, char byte)
{
  if (s.len == 0)
    return -1;
  const char *at = memrchr(s.data, byte, s.len);
  return at ? at - s.data : -1;
}

static bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
  while (s.len && is_space(s.data[0])) {
    s.data++;
    s.len--;
  }
  while (s.len && is_space(s.data[s.len - 1]))
    s.len--;
  return s;
}

struct str str_cut(struct str s, char separator, struct str *rest)
{
  ptrdiff_t at = str_find_byte(s, 0, separator);
  if (at < 0) {
    *rest = (struct str){NULL, 0};
    return s;
  }
  *rest = str_make(s.data + at + 1, s.len - (size_t)at - 1);
  return str_make(s.data, (size_t)at);
}

/* Optimal string alignment: Levenshtein's distance with swaps of neighbours. */
unsigned str_distance(struct str a, struct str b)
{
  enum { MAX = 64 };
  if (a.len > MAX || b.len > MAX)
    return 100;
  unsigned char rows[3][MAX + 1];
  unsigned char *before = rows[0], *last = rows[1], *row = rows[2];
  for (size_t j = 0; j <= b.len; j++)
    last[j] = (unsigned char)j;
  for (size_t i = 1; i <= a.len; i++) {
    row[0] = (unsigned char)i;
    for (size_t j = 1; j <= b.len; j++) {
      unsigned replace = last[j - 1] + (a.data[i - 1] != b.data[j - 1]);
      unsigned best = last[j] + 1U;
      if (row[j - 1] + 1U < best)
        best = row[j - 1] + 1U;
      if (replace < best)
        best = replace;
      bool swapped = i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                     a.data[i - 2] == b.data[j - 1];
      if (swapped && before[j - 2] + 1U < best)
        best = before[j - 2] + 1U;
      row[j] = (unsigned char)best;
    }
    unsigned char *free_row = before;
    before = last;
    last = row;
    row = free_row;
  }
  return last[b.len];
}

bool str_to_u64(struct str s, unsigned long long max, unsigned long long *ret)
{
  if (s.len == 0 || s.len > 20)
    return false;
  unsigned long long number = 0;
  for (size_t i = 0; i < s.len; i++) {
    if (s.data[i] < '0' || s.data[i] > '9')
      return false;
    if (__builtin_mul_overflow(number, 10ULL, &number) ||
        __builtin_add_overflow(number, (unsigned long long)(s.data[i] - '0'), &number))
      return false;
  }
  if (number > max)
    return false;
  *ret = number;
  return true;
}
