/*
 * db_import.h - sources of advisories on their way into a database: files, or whole folders of them.
 *
 *     struct db_import import;
 *     if (db_import_open(&import, output, &err) < 0 ||
 *         db_import_path(&import, path, NULL, &source, &err) < 0 || db_import_finish(&import, &err) < 0) ...
 *     db_import_close(&import);
 *
 * What could not be read is told on standard error, the first few records of each source by name.
 */
#ifndef SEAWALL_CMD_DB_IMPORT_H
#define SEAWALL_CMD_DB_IMPORT_H

#include "base/buf.h"
#include "base/vec.h"
#include "scan/advisory/database_writer.h"
#include "scan/advisory/import.h"

struct db_source_count {
  struct str name;
  uint64_t left_out, unreadable;
};

struct db_import {
  struct advisory_writer *writer;
  struct arena arena; /* as long as the import */
  struct str now;
  VEC(struct db_source_count) counts;
};

/* What a database says of a source; empty parts are found out. */
struct db_source {
  struct str name;    /* "Debian security tracker"; empty: by its format or file */
  struct str origin;  /* empty: the path */
  struct str fetched; /* empty: now */
};

/* Begins a database at a path; its folders are made. */
int db_import_open(struct db_import *import, const char *path, struct error *err);

/* Imports a file or all below a folder. format NULL: each file's own, and files of a folder that are of none are passed
 * over. "FORMAT=PATH" is for the caller to take apart (db_import_operand). */
int db_import_path(struct db_import *import, const char *path, const struct advisory_format *format,
                   const struct db_source *source, struct error *err);

/* "osv=all.zip": the format, and the path behind it; NULL where the operand is a path alone. SW_EUSAGE: there is no such
 * format. */
int db_import_operand(const char *operand, const struct advisory_format **ret_format,
                      const char **ret_path, struct error *err);

/* Whether the first bytes of a file that came from a URL are of a format; archives may be of any. */
bool db_import_fits(const char *path, struct str url, const struct advisory_format *format);

int db_import_finish(struct db_import *import, struct error *err);
void db_import_close(struct db_import *import);

/* Makes the folders above a path. */
int db_make_folders(const char *path, struct error *err);

#endif
