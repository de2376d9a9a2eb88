/*
 * database.h - all advisories of all sources in one read-only SQLite file.
 *
 *     if (advisory_database_open(path, &db, &err) < 0) ...
 *     advisory_match(db, ...)                       scan/advisory/match.h
 *     advisory_database_info(db, &arena, &info, &err)
 *     advisory_database_free(db)
 *
 * Opening reads a header and no more; a look-up reads the rows of one package. The file is opened immutable and
 * mapped, may be on a read-only file system and shared by any number of processes, and is replaced by renaming a new
 * one over it: who has the old one open keeps it. (A file that is made
 * shorter in place while it is open ends the program, as every mapped file does.) An unknown schema version, a key format
 * (scan/version.h) of another program version or a damaged file is refused with what to do.
 *
 * Thread safety: a database may be used by any number of threads at once.
 */
#ifndef SEAWALL_SCAN_ADVISORY_DATABASE_H
#define SEAWALL_SCAN_ADVISORY_DATABASE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

enum { ADVISORY_DATABASE_SCHEMA = 1 };

struct advisory_database;

/* SW_ENOENT: there is no such file; SW_EINVAL: it is none, or of another schema. */
int advisory_database_open(const char *path, struct advisory_database **ret, struct error *err);
void advisory_database_free(struct advisory_database *db);
MEM_DEFINE_CLEANUP(struct advisory_database, advisory_database_free)

/* Where it came from: one row for each source that was imported. */
struct advisory_source_info {
  struct str name;                /* "Debian security tracker" */
  struct str origin;              /* URL or path that it was read from */
  struct str date;                /* RFC 3339: when the source says it was made; empty: unknown */
  struct str fetched;             /* RFC 3339: when it was read */
  struct str digest;              /* "sha256:..." of what was read */
  uint64_t advisories, affected;  /* records taken */
  uint64_t withdrawn, unreadable; /* records left out */
};

struct advisory_database_info {
  struct str built; /* RFC 3339 */
  struct str id;    /* changes whenever the contents do: "sha256:..." over the sources */
  const struct advisory_source_info *sources;
  size_t source_count;
  uint64_t advisories, affected, packages, exploited, epss;
  uint64_t bytes; /* of the file */
};

int advisory_database_info(struct advisory_database *db, struct arena *arena,
                           struct advisory_database_info *ret, struct error *err);

/* Whether it knows anything about an ecosystem ("Debian:12"). */
bool advisory_database_covers(struct advisory_database *db, struct str ecosystem);

#endif
