/*
 * descriptor.h - what a piece of an image is, and whether bytes are that piece.
 *
 * A descriptor (OCI image specification, descriptor.md) names content by media type, size and digest. No
 * byte that a descriptor stands for is believed before it has been counted and digested:
 *
 *     _cleanup_(oci_check_freep) struct oci_check *check = NULL;
 *     if (oci_check_new(&descriptor, &check, &err) < 0) ...
 *     oci_check_add(check, piece, &err)    each piece, in order; more bytes than the size: an error at once
 *     oci_check_end(check, &err)           after the last one
 *
 * A descriptor without a digest (a layer in an archive of `docker save`, where none is known) is counted
 * only; its bytes are held against what else is known of them (oci/layer.h).
 *
 * Ownership: a descriptor's texts live in the arena it was read into, or in the text that was read. A
 * check is owned by its holder, and copies what it needs. Thread safety: any number of threads, a check
 * by one.
 */
#ifndef SEAWALL_OCI_DESCRIPTOR_H
#define SEAWALL_OCI_DESCRIPTOR_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"
#include "oci/platform.h"

#include <stdint.h>

enum {
  OCI_MEDIA_TYPE_MAX =
      255, /* bytes of a media type (RFC 6838, section 4.2: 127 twice, and the '/') */
  OCI_DIGEST_TEXT_MAX = 135, /* "sha512:" and 128 digits */
};

/* A size that is not known. */
#define OCI_SIZE_UNKNOWN UINT64_MAX

struct oci_descriptor {
  struct str media_type;    /* empty: not said */
  struct str digest;        /* "sha256:..."; empty: not known */
  uint64_t size;            /* bytes, or OCI_SIZE_UNKNOWN */
  struct str artifact_type; /* empty: none */
  struct str path;          /* where a source has it, if not by its digest; empty else */
  struct oci_platform platform;
  bool has_platform;
  bool foreign;             /* "urls": kept elsewhere, mostly not in the source */
  struct value annotations; /* an object of strings, or absent */
};

/*
 * From the JSON value of one. SW_EINVAL: not an object, a member of the wrong type, no digest or one that
 * is none (oci/reference.h, image_digest_valid), a size that is negative or no integer; the message names
 * the member. SW_ELIMIT: a media type that is too long.
 */
int oci_descriptor_read(struct value value, struct oci_descriptor *ret, struct error *err);

/* The string under a key of the annotations; empty if there is none. */
struct str oci_descriptor_annotation(const struct oci_descriptor *descriptor, struct str key);

/* For messages: the digest, cut to 19 bytes ("sha256:0123456789ab"), or the path. A view. */
struct str oci_descriptor_short(const struct oci_descriptor *descriptor);

struct oci_check;

/* SW_EUNSUPPORTED: a digest of an algorithm that this system refuses. */
int oci_check_new(const struct oci_descriptor *descriptor, struct oci_check **ret,
                  struct error *err);

/* SW_EINVAL: more bytes than the descriptor says. */
int oci_check_add(struct oci_check *check, struct str piece, struct error *err);

/* SW_EINVAL: fewer bytes than the descriptor says, or other ones. */
int oci_check_end(struct oci_check *check, struct error *err);

/* Bytes so far. */
uint64_t oci_check_count(const struct oci_check *check);

void oci_check_free(struct oci_check *check);
MEM_DEFINE_CLEANUP(struct oci_check, oci_check_free)

/* All at once. */
int oci_check_bytes(const struct oci_descriptor *descriptor, struct str bytes, struct error *err);

#endif
