/*
 * bytes_int.h - numbers out of bytes that may not be there: reading beyond the end gives 0.
 */
#ifndef SEAWALL_SCAN_BYTES_INT_H
#define SEAWALL_SCAN_BYTES_INT_H

#include "base/str.h"

#include <stdint.h>

static inline uint32_t bytes_u32(struct str bytes, size_t at, bool big_endian)
{
  uint32_t number = 0;
  if (bytes.len < 4 || at > bytes.len - 4)
    return 0;
  memcpy(&number, bytes.data + at, 4);
  bool swap = big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
  return swap ? __builtin_bswap32(number) : number;
}

static inline uint16_t bytes_u16(struct str bytes, size_t at, bool big_endian)
{
  uint16_t number = 0;
  if (bytes.len < 2 || at > bytes.len - 2)
    return 0;
  memcpy(&number, bytes.data + at, 2);
  bool swap = big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
  return swap ? __builtin_bswap16(number) : number;
}

static inline uint8_t bytes_u8(struct str bytes, size_t at)
{
  return at < bytes.len ? (uint8_t)bytes.data[at] : 0;
}

#endif
