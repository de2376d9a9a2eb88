/*
 * json_scan_int.h - finding the next byte of interest in JSON text, many bytes at
 * a time: 16 with SSE2 (every x86-64 has it), else 8 in a general register.
 *
 * Nothing is read at or behind `end`.
 */
#ifndef SEAWALL_DATA_JSON_SCAN_INT_H
#define SEAWALL_DATA_JSON_SCAN_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* JSON_SCAN_PORTABLE forces the portable way where SSE2 is there, so that tests can run it. */
#if defined(__SSE2__) && !defined(JSON_SCAN_PORTABLE)
#define JSON_SCAN_SSE2 1
#endif

/* A byte of a string that stands for itself and is ASCII. */
static inline bool json_is_plain(char c)
{
  unsigned char byte = (unsigned char)c;
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

#ifdef JSON_SCAN_SSE2

enum { JSON_SCAN_BLOCK = 16 };

/* The compilers' own vectors: the intrinsics' headers pull in functions that banned.h bans. */
typedef signed char json_block __attribute__((vector_size(16)));
typedef char json_block_of_char __attribute__((vector_size(16)));

static inline json_block json_load_block(const char *at)
{
  json_block block;
  memcpy(&block, at, sizeof block);
  return block;
}

/* Bit i is set where byte i of a comparison's result is. */
static inline unsigned json_block_mask(json_block block)
{
  return (unsigned)__builtin_ia32_pmovmskb128((json_block_of_char)block);
}

/* Bit i is set where byte i of the 16 at `at` is not plain. */
static inline unsigned json_not_plain_mask(const char *at)
{
  json_block block = json_load_block(at);
  /* signed: bytes from 0x80 are negative and so below 0x20 as well */
  return json_block_mask((json_block)((block < 0x20) | (block == '"') | (block == '\\')));
}

static inline unsigned json_first_of(unsigned mask)
{
  return (unsigned)__builtin_ctz(mask);
}

#else

enum { JSON_SCAN_BLOCK = 8 };

/* Bit 7 of each byte that is zero in `word`, and of some that follow a zero one; none if no byte is
 * zero. The first is always right. */
static inline uint64_t json_zero_bytes(uint64_t word)
{
  return (word - 0x0101010101010101ULL) & ~word & 0x8080808080808080ULL;
}

static inline uint64_t json_not_plain_mask(const char *at)
{
  uint64_t word;
  memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  const uint64_t ones = 0x0101010101010101ULL;
  uint64_t below_space = (word - ones * 0x20) & ~word & (ones * 0x80);
  return below_space | (word & (ones * 0x80)) | json_zero_bytes(word ^ (ones * '"')) |
         json_zero_bytes(word ^ (ones * '\\'));
}

static inline unsigned json_first_of(uint64_t mask)
{
  return (unsigned)__builtin_ctzll(mask) / 8;
}

#endif

/* The first byte from `at` that is not plain, or end. */
static inline const char *json_skip_plain(const char *at, const char *end)
{
  while (end - at >= JSON_SCAN_BLOCK) {
    __typeof__(json_not_plain_mask(at)) mask = json_not_plain_mask(at);
    if (mask)
      return at + json_first_of(mask);
    at += JSON_SCAN_BLOCK;
  }
  while (at < end && json_is_plain(*at))
    at++;
  return at;
}

#endif
