/*
 * database_writer_int.h - what the parts of the writer share: database_writer.c takes records in and stages them,
 * database_writer_tables.c sorts them into the tables that stay.
 */
#ifndef SEAWALL_SCAN_ADVISORY_DATABASE_WRITER_INT_H
#define SEAWALL_SCAN_ADVISORY_DATABASE_WRITER_INT_H

#include "base/buf.h"
#include "base/draft.h"
#include "base/map.h"
#include "base/vec.h"
#include "crypto/digest.h"
#include "scan/advisory/database_int.h"
#include "scan/advisory/database_writer.h"

enum statement {
  ADD_PACKAGE,
  ADD_ADVISORY,
  ADD_EXPLOITED,
  ADD_EPSS,
  STAGED_STATEMENTS,
};

/* By which names the packages of an ecosystem go; its number is above these bits. */
enum { BY_SOURCE = 1, BY_BINARY = 2, ECOSYSTEM_SHIFT = 2 };

struct source {
  struct advisory_source_info info; /* texts in the writer's arena */
};

struct advisory_writer {
  struct advisory_writer_options options;
  char *path;
  struct draft draft;
  sqlite3 *sql;
  sqlite3_stmt *statements[STAGED_STATEMENTS];
  struct arena arena;    /* for as long as the writer lives */
  struct arena scratch;  /* for one advisory */
  struct map ecosystems; /* name: number from 1, times 4, and by which names its packages go */
  struct map seen;       /* hash of an advisory's rows: its number */
  VEC(struct source) sources;
  struct digester *digester; /* of all that was added */
  uint64_t advisories, packages, affected, exploited, epss;
  uint64_t *numbers; /* the final ones, by that under which an advisory was staged */
  uint64_t numbered;
  struct buf head, text, record;
};

int writer_fault(struct advisory_writer *w, struct error *err);
int writer_execute(struct advisory_writer *w, const char *sql, struct error *err);
int writer_prepare(struct advisory_writer *w, const char *sql, sqlite3_stmt **ret,
                   struct error *err);
void writer_bind(sqlite3_stmt *statement, int at, struct str bytes, bool text);

/* Runs a statement that gives no rows, and makes it ready for the next values. */
int writer_run(struct advisory_writer *w, sqlite3_stmt *statement, struct error *err);

/* Fills the tables that stay, and closes the file. */
int writer_fill(struct advisory_writer *w, struct error *err);

#endif
