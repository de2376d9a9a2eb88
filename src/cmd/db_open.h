/*
 * db_open.h - the database that a verb reads: the one that --db names, or the one where everybody looks.
 *
 *     _cleanup_(buf_free) struct buf path = {0};
 *     if (db_open(arguments_value(args, "db"), &path, &db, &err) < 0) ...
 *
 * Where there is none, the message says how to get one.
 */
#ifndef SEAWALL_CMD_DB_OPEN_H
#define SEAWALL_CMD_DB_OPEN_H

#include "base/buf.h"
#include "scan/advisory/database.h"

/*
 * given: a path; NULL: scan/advisory/database_place.h says. The path is appended to ret_path, also if it cannot be
 * opened. Errors: SW_ENOENT (there is none), and those of advisory_database_open.
 */
int db_open(const char *given, struct buf *ret_path, struct advisory_database **ret,
            struct error *err);

#endif
