/*
 * hash.h - keyed hashing of bytes (SipHash, Aumasson and Bernstein 2012).
 *
 * hash_bytes uses a key drawn at random when the process starts, so that whoever
 * writes the input cannot choose keys that collide; its results differ from run
 * to run and never leave the process. hash_stable is for fingerprints: the same
 * on every machine, 128 bits, not for secrets or signatures.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_BASE_HASH_H
#define SEAWALL_BASE_HASH_H

#include "base/str.h"

#include <stdint.h>

/* SipHash-1-3 under the process key. */
uint64_t hash_bytes(struct str bytes);

/* Mixes a number into a hash (for keys made of several parts), under the process key. */
uint64_t hash_mix(uint64_t hash, uint64_t number);

struct hash128 {
  uint64_t low, high;
};

/* SipHash-2-4-128 of the bytes under a fixed key. */
struct hash128 hash_stable(struct str bytes);

/* SipHash-2-4 under a given key: the published function, for its test vectors. */
uint64_t hash_siphash24(const uint8_t key[16], struct str bytes);

#endif
