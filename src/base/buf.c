#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

void buf_free(struct buf *b)
{
  mem_free(b->data);
  *b = (struct buf){.cap = b->cap};
}

bool buf_reserve_slow(struct buf *b, size_t more)
{
  size_t cap = b->cap ? b->cap : BUF_CAP_DEFAULT;
  if (b->failed || more > cap - b->len) {
    b->failed = true;
    return false;
  }
  size_t room = b->room ? b->room : 256;
  while (room - b->len < more)
    room *= 2;
  if (room > cap)
    room = cap;
  b->data = mem_resize(b->data, room, 1);
  b->room = room;
  return true;
}

void buf_add_repeat(struct buf *b, char c, size_t count)
{
  if (count && buf_reserve(b, count)) {
    memset(b->data + b->len, c, count);
    b->len += count;
  }
}

void buf_add_u64(struct buf *b, uint64_t number)
{
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number);
  buf_add(b, str_make(digits + at, sizeof digits - at));
}

void buf_add_i64(struct buf *b, int64_t number)
{
  if (number < 0)
    buf_add_byte(b, '-');
  buf_add_u64(b, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void buf_printf(struct buf *b, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  int wanted = vsnprintf(b->data ? b->data + b->len : NULL, b->room - b->len, format, args);
  va_end(args);
  if (wanted < 0) {
    b->failed = true;
    return;
  }
  if ((size_t)wanted >= b->room - b->len) {
    if (!buf_reserve(b, (size_t)wanted + 1))
      return;
    va_start(args, format);
    vsnprintf(b->data + b->len, b->room - b->len, format, args);
    va_end(args);
  }
  b->len += (size_t)wanted;
}

const char *buf_text(struct buf *b)
{
  if (b->room == b->len && !buf_reserve(b, 1)) {
    if (b->len == 0)
      return "";
    b->len--; /* marked as failed: a text that is too long loses its last byte to the end mark */
  }
  b->data[b->len] = '\0';
  return b->data;
}
