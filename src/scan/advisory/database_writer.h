/*
 * database_writer.h - makes the database of advisories, and puts it in place at once or not at all.
 *
 *     advisory_writer_new(path, &writer, &err)
 *     for each source:
 *         advisory_writer_source(writer, &about, &err)
 *         import(..., advisory_writer_sink(writer), &err)
 *     advisory_writer_finish(writer, &err)      indexes, checks, syncs, renames over path
 *     advisory_writer_free(writer)              unfinished: nothing is left behind
 *
 * Versions are stored as keys (scan/version.h), ranges as steps, so that a look-up parses nothing. The same sources
 * in the same order give the same file, but for the times in it. A record that cannot be kept (a version without a place in its order, an
 * ecosystem that is not known) is counted as unreadable and told to `complain`, and does not end the import.
 *
 * Thread safety: a writer belongs to one thread.
 */
#ifndef SEAWALL_SCAN_ADVISORY_DATABASE_WRITER_H
#define SEAWALL_SCAN_ADVISORY_DATABASE_WRITER_H

#include "base/mem.h"
#include "scan/advisory/advisory.h"
#include "scan/advisory/database.h"

struct advisory_writer;

struct advisory_writer_options {
  /* Told of each record that is left out; NULL: nobody. */
  void (*complain)(void *ctx, struct str source, struct str id, const struct error *why);
  void *ctx;
  struct str now; /* RFC 3339 */
};

int advisory_writer_new(const char *path, const struct advisory_writer_options *options,
                        struct advisory_writer **ret, struct error *err);

/* What comes next is of this source: name, origin, date, fetched, digest are used. */
int advisory_writer_source(struct advisory_writer *w, const struct advisory_source_info *about,
                           struct error *err);
struct advisory_sink advisory_writer_sink(struct advisory_writer *w);

/* What was learnt about the source while it was read; empty texts change nothing. */
void advisory_writer_source_dated(struct advisory_writer *w, struct str date, struct str digest);

/* An importer met a record it could not read: counted, complained of. */
void advisory_writer_unreadable(struct advisory_writer *w, struct str id, const struct error *why);

int advisory_writer_finish(struct advisory_writer *w, struct error *err);
void advisory_writer_free(struct advisory_writer *w);
MEM_DEFINE_CLEANUP(struct advisory_writer, advisory_writer_free)

#endif
