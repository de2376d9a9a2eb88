/*
 * database_int.h - the tables of the database, and how rows come out of it.
 *
 *   meta       what the database is: key and value
 *   source     a row for each source, in the order of their import
 *   ecosystem  names and their numbers, and whether its packages go by the names of source packages (1), of binary
 *              ones (2), or both (3)
 *   package    by ecosystem and name: the first and last of its rows in
 *   records    by number: records of scan/advisory/record.h one behind another, in rows of about ADVISORY_CHUNK bytes.
 *              They stand apart so that the tree of names is low
 *   advisory   by number: head and texts, the texts packed with zstd and the dictionary in meta
 *   cve        what is known of a CVE by itself: its scores, that it is exploited, which advisories have words that
 *              others may use
 *
 * CVEs are numbers of advisory_cve_number.
 */
#ifndef SEAWALL_SCAN_ADVISORY_DATABASE_INT_H
#define SEAWALL_SCAN_ADVISORY_DATABASE_INT_H

#include "scan/advisory/database.h"
#include "scan/advisory/record.h"

#include <sqlite3.h>

enum {
  ADVISORY_APPLICATION_ID = 0x53574456, /* "SWDV" in SQLite's header */
  ADVISORY_CHUNK = 32 * 1024,
  ADVISORY_CHUNKS_MAX = 100000, /* rows of one package */
  ADVISORY_RECORD_BYTES_MAX =
      8 << 20, /* of any row; read into memory some thirty times as large at most */
  ADVISORY_TEXT_BYTES_MAX = 1 << 20, /* of texts of an advisory */
  ADVISORY_DICTIONARY_MAX = 64 * 1024,
  ADVISORY_ECOSYSTEM_COUNT_MAX = 100000,
};

/* The statements that make the tables, of which nothing but these is read. */
struct advisory_table {
  const char *name, *sql;
};
extern const struct advisory_table advisory_tables[];
extern const size_t advisory_table_count;

/* Reads rows; belongs to one thread from take to give. */
struct advisory_reader;

int advisory_reader_take(struct advisory_database *db, struct advisory_reader **ret,
                         struct error *err);
void advisory_reader_give(struct advisory_database *db, struct advisory_reader *reader);

/* Calls found for each ecosystem of a pattern (scan/advisory/ecosystem.h). */
struct advisory_ecosystem_row {
  struct str name;
  uint64_t number;
  bool by_source, by_binary;
};

int advisory_reader_ecosystems(struct advisory_reader *reader, struct str pattern,
                               void (*found)(void *ctx, const struct advisory_ecosystem_row *row),
                               void *ctx, struct error *err);

/* Calls row for each row of records of a package, whose bytes are valid during the call. */
int advisory_reader_package(struct advisory_reader *reader, uint64_t ecosystem, struct str name,
                            int (*row)(void *ctx, struct str bytes, struct error *err), void *ctx,
                            struct error *err);

/* What follows is kept by the reader, since the same is asked again and again, and valid until it is given back. */

/* SW_EINVAL: there is no advisory of that number, or it is damaged. */
int advisory_reader_head(struct advisory_reader *reader, uint64_t number,
                         const struct advisory_record_head **ret, struct error *err);
int advisory_reader_text(struct advisory_reader *reader, uint64_t number,
                         const struct advisory_record_text **ret, struct error *err);

/* Name of a source; empty: there is none of that number. */
int advisory_reader_source(struct advisory_reader *reader, uint64_t number, struct str *ret_name,
                           struct error *err);

struct advisory_cve {
  bool scored; /* by EPSS */
  uint32_t score, percentile;
  struct str exploited; /* date of the listing; empty: not listed */
  bool listed, ransomware;
  const uint64_t *advisories; /* that have words about it */
  size_t advisory_count;
};

/* All zero: nothing is known. */
int advisory_reader_cve(struct advisory_reader *reader, uint64_t cve,
                        const struct advisory_cve **ret, struct error *err);

#endif
