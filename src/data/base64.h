/*
 * base64.h - base64 (RFC 4648): standard and URL alphabets, with padding or without.
 *
 * Decoding is strict: only the chosen alphabet, padding exactly where it belongs
 * (or not at all), no line breaks, unused bits zero; so a text that decodes is the
 * one that encoding gives. BASE64_AS_GO loosens two points to what Go's standard
 * decoder (and with it Kubernetes, for the data of a Secret) takes: CR and LF are
 * skipped, and unused bits may be set.
 *
 *     struct str bytes;
 *     if (base64_decode(&arena, text, BASE64_STANDARD, &bytes, &err) < 0)
 *
 * Results live in the arena; they take 3/4 (4/3) of the input, and the input has no
 * cap of its own. Errors: SW_EINVAL, with the offset in bytes in the message and
 * as column (from 1) on line 1.
 *
 * Thread safety: all functions may be called from any thread, with an arena of
 * its own.
 */
#ifndef SEAWALL_DATA_BASE64_H
#define SEAWALL_DATA_BASE64_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum base64_flag {
  BASE64_STANDARD = 0, /* '+', '/', padded */
  BASE64_URL = 1,      /* '-', '_' instead */
  BASE64_RAW = 2,      /* no padding */
  BASE64_AS_GO = 4,    /* decoding only */
};

int base64_decode(struct arena *a, struct str text, unsigned flags, struct str *ret_bytes,
                  struct error *err);

struct str base64_encode(struct arena *a, struct str bytes, unsigned flags);

#endif
