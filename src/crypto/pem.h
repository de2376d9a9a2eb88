/*
 * pem.h - the blocks of a PEM text (RFC 7468, and RFC 1421's header lines).
 *
 *     struct pem_reader reader = pem_reader(text);
 *     _cleanup_(pem_block_free) struct pem_block block = {0};
 *     while ((rc = pem_next(&reader, &block, &err)) == 0)
 *         ... block.label, block.der ...
 *     if (rc != SW_ENOTFOUND)
 *         return rc;
 *
 * Text before, between and behind blocks is skipped. A block that has begun must end, with the same
 * label, and hold base64 with padding: what is broken is told with its line, never skipped. Lines may
 * have any length, and end in LF or CRLF; white space at their ends does not count.
 *
 * Ownership: the block's bytes are its own, since they may be a private key: pem_block_free, and the
 * next pem_next into the same block, overwrite them before they give them back. Label and headers
 * are views of the text.
 *
 * Limits: PEM_BLOCK_MAX decoded bytes a block (SW_ELIMIT). Errors: SW_EINVAL with the line.
 *
 * Thread safety: a reader and a block belong to one thread.
 */
#ifndef SEAWALL_CRYPTO_PEM_H
#define SEAWALL_CRYPTO_PEM_H

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

enum { PEM_BLOCK_MAX = 1 << 20 };

struct pem_reader {
  struct str text;
  size_t at;
  uint32_t line; /* lines before `at` */
};

struct pem_block {
  struct str label;   /* "CERTIFICATE" */
  struct str headers; /* the header lines, empty if there are none */
  struct str der;     /* decoded; owned */
  uint32_t line;      /* of "-----BEGIN", from 1 */
};

static inline struct pem_reader pem_reader(struct str text)
{
  return (struct pem_reader){.text = text};
}

/* The next block; SW_ENOTFOUND (and nothing in err) behind the last. */
int pem_next(struct pem_reader *reader, struct pem_block *block, struct error *err);

void pem_block_free(struct pem_block *block);

/* Whether a line of the text begins a block. */
bool pem_is(struct str text);

#endif
