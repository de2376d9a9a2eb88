/*
 * unpack.h - a stream of bytes, unpacked while it flows and digested on both sides.
 *
 *     struct oci_unpack *u;
 *     const struct oci_unpack_options options = {.packed = &descriptor, .diff_id = diff_id};
 *     if (oci_unpack_new(input, &options, &u, &err) < 0) ...
 *     while ((rc = oci_unpack_next(u, &piece, &err)) > 0)
 *         use(piece);
 *     rc = rc < 0 ? rc : oci_unpack_end(u, &err);       only now is what was used known to be right
 *     oci_unpack_free(u);
 *
 * What packs is known by its first bytes, as container runtimes do it: gzip (RFC 1952, any number of
 * members; ISA-L), zstd (RFC 8878, any number of frames, skippable ones too), or nothing. bzip2 and xz, which
 * only archives of very old tools have, are refused by name.
 *
 * A bomb is stopped by limits in bytes and in ratio. Memory: two buffers, and the window of zstd, at most
 * 128 MiB, which is that format's own default limit.
 *
 * Ownership: the unpacker is owned by its holder and borrows the input. A piece is valid until the next call.
 * Thread safety: an unpacker belongs to one thread.
 */
#ifndef SEAWALL_OCI_UNPACK_H
#define SEAWALL_OCI_UNPACK_H

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "oci/descriptor.h"

#include <stdint.h>

/* Where bytes come from. read: at least one byte and at most room into `to`; 0 in *ret_got at the end. */
struct oci_input {
  int (*read)(void *ctx, void *to, size_t room, size_t *ret_got, struct error *err);
  void *ctx;
};

enum {
  OCI_UNPACK_PIECE_MAX = 256 << 10, /* bytes of a piece */
  OCI_UNPACK_RATIO = 1000, /* bytes for one packed byte, once more than OCI_UNPACK_FREE came */
  OCI_UNPACK_FREE = 1 << 30,
};
#define OCI_UNPACK_MAX (UINT64_C(1) << 40) /* bytes of a stream, unpacked */

struct oci_unpack_options {
  const struct oci_descriptor
      *packed;         /* size and digest of the bytes that come in; NULL: unknown */
  struct str diff_id;  /* digest of what goes out; empty: unknown */
  uint64_t bytes_max;  /* unpacked; 0: OCI_UNPACK_MAX */
  uint32_t ratio_max;  /* 0: OCI_UNPACK_RATIO */
  uint64_t free_bytes; /* from where the ratio counts; 0: OCI_UNPACK_FREE */
};

struct oci_unpack;

/* Reads nothing yet. SW_EINVAL: a digest that is none. */
int oci_unpack_new(struct oci_input input, const struct oci_unpack_options *options,
                   struct oci_unpack **ret, struct error *err);

/*
 * The next piece: 1, 0 at the end, or an error. Errors name the place in bytes: SW_EINVAL (damaged, cut off,
 * more bytes than the descriptor says), SW_ELIMIT (larger than it may be), SW_EUNSUPPORTED (packed otherwise),
 * and the input's own. After an error the same error comes again.
 */
int oci_unpack_next(struct oci_unpack *u, struct str *ret_piece, struct error *err);

/* What is left is read, unpacked, counted and thrown away; then size and digests are compared. */
int oci_unpack_end(struct oci_unpack *u, struct error *err);

/* Bytes that came in, and that went out, so far. */
uint64_t oci_unpack_in(const struct oci_unpack *u);
uint64_t oci_unpack_out(const struct oci_unpack *u);

/* "gzip", "zstd", "none"; "" before the first piece. */
const char *oci_unpack_name(const struct oci_unpack *u);

void oci_unpack_free(struct oci_unpack *u);
MEM_DEFINE_CLEANUP(struct oci_unpack, oci_unpack_free)

#endif
