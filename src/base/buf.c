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
  while (room < cap && room - b->len < more)
    room = room > cap / 2 ? cap : room * 2;
  if (room > cap)
    room = cap;
  if (room == SIZE_MAX)
    mem_exhausted(room);
  b->data = mem_resize(b->data, room + 1, 1); /* buf_text's end mark never lacks room */
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
  if (b->failed)
    return;
  va_list args;
  va_start(args, format);
  size_t size = b->data ? b->room - b->len + 1 : 0;
  int wanted = vsnprintf(size ? b->data + b->len : NULL, size, format, args);
  va_end(args);
  if (wanted < 0) {
    b->failed = true;
    return;
  }
  if ((size_t)wanted >= size) {
    if (wanted == 0 || !buf_reserve(b, (size_t)wanted))
      return;
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)wanted + 1, format, args);
    va_end(args);
  }
  b->len += (size_t)wanted;
}

const char *buf_text(struct buf *b)
{
  if (!b->data)
    return "";
  b->data[b->len] = '\0';
  return b->data;
}
