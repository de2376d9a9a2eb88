/*
 * registry_text.h - what registries say beside images: challenges, links to the next page, tokens, errors.
 *
 *     struct oci_challenge challenge;
 *     if (oci_challenge_choose(buf_str(&response.head), &arena, &challenge)) ...
 *
 * Specifications: RFC 9110, section 11.6.1 (WWW-Authenticate) and 14.4 (Content-Range); RFC 8288 (Link); RFC
 * 6750, and the token server of Distribution's documentation (auth/token.md, auth/oauth.md); the error format
 * of the OCI distribution specification.
 *
 * Ownership: everything lives in the arena or is a view of the text. Thread safety: any number of threads, each
 * with its own arena.
 */
#ifndef SEAWALL_OCI_REGISTRY_TEXT_H
#define SEAWALL_OCI_REGISTRY_TEXT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  OCI_TOKEN_MAX = 64 << 10, /* bytes of a token, and of a challenge's realm, service, scope */
  OCI_REASON_MAX = 160,     /* bytes of what a registry gives as its reason */
};

struct oci_challenge {
  bool bearer; /* else basic */
  struct str realm, service, scope;
};

/*
 * The challenge to answer, of all WWW-Authenticate headers of an answer's head: Bearer with a realm, else
 * Basic. False: there is none of them. Texts that are not said, too long, or could be no header are empty.
 */
bool oci_challenge_choose(struct str head, struct arena *arena, struct oci_challenge *ret);

/* The target of the link with rel "next" in the head of an answer: a URL reference as it stands there. */
bool oci_link_next(struct str head, struct str *ret_target);

struct oci_token {
  struct str text;
  uint64_t seconds; /* that it is valid; 60 where that is not said */
};

/* What a token server answers. SW_EINVAL: no JSON, no token, or one that cannot be sent. */
int oci_token_read(struct str text, struct arena *arena, struct oci_token *ret, struct error *err);

/* "CODE: message" of the first error of an answer's body, made fit to be shown; empty: there is none. */
struct str oci_reason_read(struct str text, struct arena *arena);

/* "bytes 0-1023/4096"; the total may be "*", which leaves *ret_total alone. */
bool oci_content_range_read(struct str value, uint64_t *ret_first, uint64_t *ret_last,
                            uint64_t *ret_total);

#endif
