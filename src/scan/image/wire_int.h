/*
 * wire_int.h - numbers and texts as bytes: LEB128, and a length in front. Reading takes nothing for granted: what is not
 * there, or is too long, sets `bad` and gives 0 or nothing from then on.
 */
#ifndef SEAWALL_SCAN_IMAGE_WIRE_INT_H
#define SEAWALL_SCAN_IMAGE_WIRE_INT_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct wire {
  struct str rest;
  bool bad;
};

static inline void wire_put_number(struct buf *out, uint64_t number)
{
  while (number >= 0x80) {
    buf_add_byte(out, (char)(number | 0x80));
    number >>= 7;
  }
  buf_add_byte(out, (char)number);
}

static inline void wire_put_text(struct buf *out, struct str text)
{
  wire_put_number(out, text.len);
  buf_add(out, text);
}

static inline uint64_t wire_number(struct wire *in)
{
  uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && in->rest.len && !in->bad; shift += 7) {
    unsigned char byte = (unsigned char)in->rest.data[0];
    in->rest = str_sub(in->rest, 1, SIZE_MAX);
    if (shift == 63 && byte > 1)
      break;
    number |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80)
      return number;
  }
  in->bad = true;
  return 0;
}

/* At most max. */
static inline uint64_t wire_number_to(struct wire *in, uint64_t max)
{
  uint64_t number = wire_number(in);
  if (number > max)
    in->bad = true;
  return in->bad ? 0 : number;
}

static inline uint32_t wire_u32(struct wire *in)
{
  return (uint32_t)wire_number_to(in, UINT32_MAX);
}

/* A view, of at most max bytes. */
static inline struct str wire_text(struct wire *in, size_t max)
{
  uint64_t len = wire_number_to(in, max);
  if (in->bad || len > in->rest.len) {
    in->bad = true;
    return STR_EMPTY;
  }
  struct str text = str_sub(in->rest, 0, (size_t)len);
  in->rest = str_sub(in->rest, (size_t)len, SIZE_MAX);
  return text;
}

#endif
