/*
 * statement.h - takes envelopes off signed documents: what a bill of materials or a VEX document that hangs
 * on an image is wrapped in.
 *
 *     if (statement_unwrap(&arena, json, &inner, &err) < 0) ...
 *     use(inner.document);
 *     if (value_is(inner.statement, VALUE_OBJECT))
 *         say("its signature was not verified");
 *
 * Known are in-toto statements (versions 0.1 and 1), DSSE envelopes around them, Sigstore bundles around
 * those, and the predicate with "Data" that cosign once wrote. Signatures are not looked at: what comes out
 * is no more trustworthy than what went in.
 *
 * Ownership: decoded texts and trees live in the arena. Limits: STATEMENT_WRAPPINGS_MAX envelopes around each
 * other. Errors: SW_EINVAL (a payload that is no base64, or no JSON), SW_ELIMIT.
 *
 * Thread safety: all functions may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_SCAN_STATEMENT_H
#define SEAWALL_SCAN_STATEMENT_H

#include "base/arena.h"
#include "base/error.h"
#include "data/value.h"

enum { STATEMENT_WRAPPINGS_MAX = 6 };

struct unwrapped_statement {
  struct value document;
  struct value statement; /* the in-toto statement around it; absent: there was none */
  struct str digest;      /* "sha256:..." of the statement's first subject; empty: none */
  struct str subject;     /* its name; empty: none */
};

/* A document that is not wrapped comes back as it is. */
int statement_unwrap(struct arena *arena, struct value json, struct unwrapped_statement *ret,
                     struct error *err);

#endif
