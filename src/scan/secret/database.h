/*
 * database.h - the patterns of a set of rules as one database of Vectorscan.
 *
 *     if (secret_database_compile(rules, count, SECRET_DATABASE_HERE, &database, &err) < 0) ...
 *     hs_scan(secret_database_hs(database), ...)           match number = number of the rule
 *     secret_database_save(database, &bytes);              later: secret_database_restore(bytes, ...)
 *
 * Vectorscan reads PCRE's syntax and knows bytes, RE2 knows UTF-8: what it reports is a candidate, which RE2
 * confirms. A pattern that it takes only approximately is compiled so (HS_FLAG_PREFILTER); for one that it
 * does not take at all, or that is too large, the rule's keywords stand in. It reports where matches end, not where they start,
 * since many patterns are too large for that; secret_database_reach says how far before the end one begins at
 * most.
 *
 * Errors: SW_EINVAL: a pattern that can be neither compiled nor replaced; SW_EUNSUPPORTED: a processor that
 * Vectorscan does not run on, or bytes of another version of it or for another processor.
 *
 * Ownership: a database is owned. Thread safety: it is immutable.
 */
#ifndef SEAWALL_SCAN_SECRET_DATABASE_H
#define SEAWALL_SCAN_SECRET_DATABASE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "scan/secret/rules.h"

struct hs_database;
struct secret_database;

enum secret_database_target {
  SECRET_DATABASE_HERE,     /* for this processor */
  SECRET_DATABASE_PORTABLE, /* for any of its kind */
};

int secret_database_compile(const struct secret_rule *rules, size_t count,
                            enum secret_database_target target, struct secret_database **ret,
                            struct error *err);
void secret_database_free(struct secret_database *database);
MEM_DEFINE_CLEANUP(struct secret_database, secret_database_free)

/* NULL: no rule has a pattern. */
const struct hs_database *secret_database_hs(const struct secret_database *database);

/* Bytes before the end of a candidate of this rule that have to be looked at; at most `cap`. */
uint32_t secret_database_reach(const struct secret_database *database, size_t rule, uint32_t cap);

/* Appends the database as bytes; restore trusts them, but for version and processor. `count` is that of the rules. */
void secret_database_save(const struct secret_database *database, struct buf *out);
int secret_database_restore(struct str bytes, size_t count, struct secret_database **ret,
                            struct error *err);

/* The same through a directory of files that are named by what they were compiled from. A file is used only if it
 * is this user's, nobody else may write it, and its digest is right; if there is none, the database is compiled, and kept if that is possible. */
int secret_database_cached(const struct secret_rule *rules, size_t count, const char *directory,
                           struct secret_database **ret, struct error *err);

#endif
