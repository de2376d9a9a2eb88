/*
 * random.h - random bytes for keys, nonces and identifiers, behind a seam.
 *
 * Whoever needs randomness takes a `const struct random_source *`: random_system() in the
 * program, a struct random_test in tests.
 *
 *     uint8_t id[16];
 *     if (random_bytes(source, id, sizeof id, &err) < 0)
 *
 * The system's source is the kernel's (getrandom(2)), which waits until it has been seeded once
 * after start-up, and knows nothing of forks. It does not call OpenSSL, so that making an
 * identifier does not load libcrypto.
 *
 * Thread safety: random_system() and random_bytes from it may be used from any thread; a
 * struct random_test belongs to one.
 */
#ifndef SEAWALL_CRYPTO_RANDOM_H
#define SEAWALL_CRYPTO_RANDOM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct random_source;

struct random_ops {
  int (*fill)(const struct random_source *source, uint8_t *bytes, size_t len, struct error *err);
};

struct random_source {
  const struct random_ops *ops;
};

const struct random_source *random_system(void);

/* Fills all of len bytes, or fails (SW_EIO; the bytes are zero then). */
int random_bytes(const struct random_source *source, void *bytes, size_t len, struct error *err);

/* A number from 0 to below - 1, each as likely; below must not be 0. */
int random_below(const struct random_source *source, uint64_t below, uint64_t *ret,
                 struct error *err);

/* Not random at all: counts up from a byte, then from what it has come to; fails once `left` bytes
 * have been given. Pass &test.source. */
struct random_test {
  struct random_source source;
  uint8_t *next; /* the next byte */
  size_t *left;
  uint8_t next_byte;
  size_t left_bytes;
};

void random_test_init(struct random_test *test, uint8_t first, size_t left);

#endif
