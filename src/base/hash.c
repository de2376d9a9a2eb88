#include "base/hash.h"

#include <errno.h>
#include <pthread.h>
#include <sys/random.h>
#include <unistd.h>

struct sip {
  uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
  return (x << bits) | (x >> (64 - bits));
}

static inline void sip_round(struct sip *s)
{
  s->v0 += s->v1;
  s->v1 = rotate(s->v1, 13) ^ s->v0;
  s->v0 = rotate(s->v0, 32);
  s->v2 += s->v3;
  s->v3 = rotate(s->v3, 16) ^ s->v2;
  s->v0 += s->v3;
  s->v3 = rotate(s->v3, 21) ^ s->v0;
  s->v2 += s->v1;
  s->v1 = rotate(s->v1, 17) ^ s->v2;
  s->v2 = rotate(s->v2, 32);
}

static uint64_t load64(const void *p)
{
  uint64_t x;
  memcpy(&x, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  x = __builtin_bswap64(x);
#endif
  return x;
}

static inline struct sip sip_start(uint64_t k0, uint64_t k1)
{
  return (struct sip){k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
                      k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL};
}

static inline void sip_word(struct sip *s, uint64_t word, int rounds)
{
  s->v3 ^= word;
  for (int i = 0; i < rounds; i++)
    sip_round(s);
  s->v0 ^= word;
}

static inline void sip_absorb(struct sip *s, struct str bytes, int rounds)
{
  size_t left = bytes.len;
  const char *at = bytes.data;
  for (; left >= 8; left -= 8, at += 8)
    sip_word(s, load64(at), rounds);
  uint64_t last = (uint64_t)bytes.len << 56;
  for (size_t i = 0; i < left; i++)
    last |= (uint64_t)(unsigned char)at[i] << (8 * i);
  sip_word(s, last, rounds);
}

static inline uint64_t sip_finish(struct sip *s, uint64_t mark, int rounds)
{
  s->v2 ^= mark;
  for (int i = 0; i < rounds; i++)
    sip_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static uint64_t process_key[2];
static pthread_once_t process_key_drawn = PTHREAD_ONCE_INIT;

static void draw_process_key(void)
{
  ssize_t got;
  do
    got = getrandom(process_key, sizeof process_key, 0);
  while (got < 0 && errno == EINTR);
  if (got == (ssize_t)sizeof process_key)
    return;
  /* No random source: an address and the process number are better than a constant. */
  process_key[0] = (uint64_t)(uintptr_t)&process_key ^ ((uint64_t)getpid() << 32);
  process_key[1] = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ULL;
}

uint64_t hash_bytes(struct str bytes)
{
  pthread_once(&process_key_drawn, draw_process_key);
  struct sip s = sip_start(process_key[0], process_key[1]);
  sip_absorb(&s, bytes, 1);
  return sip_finish(&s, 0xff, 3);
}

uint64_t hash_mix(uint64_t hash, uint64_t number)
{
  pthread_once(&process_key_drawn, draw_process_key);
  struct sip s = sip_start(process_key[0] ^ hash, process_key[1]);
  sip_word(&s, number, 1);
  return sip_finish(&s, 0xff, 3);
}

struct hash128 hash_stable(struct str bytes)
{
  struct sip s = sip_start(0x6c6c617761657321ULL, 0x2f32303236763121ULL);
  s.v1 ^= 0xee;
  sip_absorb(&s, bytes, 2);
  struct hash128 hash;
  hash.low = sip_finish(&s, 0xee, 4);
  s.v1 ^= 0xdd;
  for (int i = 0; i < 4; i++)
    sip_round(&s);
  hash.high = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
  return hash;
}

uint64_t hash_siphash24(const uint8_t key[16], struct str bytes)
{
  struct sip s = sip_start(load64(key), load64(key + 8));
  sip_absorb(&s, bytes, 2);
  return sip_finish(&s, 0xff, 4);
}
