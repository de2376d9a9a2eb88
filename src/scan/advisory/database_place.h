/*
 * database_place.h - where the database of advisories is, if nobody says so.
 *
 *     struct buf path = {0};
 *     if (advisory_database_place(&path, &err) < 0) ...
 *
 * $SEAWALL_DB; else, if it is there, /var/lib/seawall/advisories.db; else seawall/advisories.db in $XDG_CACHE_HOME or
 * ~/.cache. For root it is the second even if it is not there yet.
 *
 * Thread safety: reads the environment.
 */
#ifndef SEAWALL_SCAN_ADVISORY_DATABASE_PLACE_H
#define SEAWALL_SCAN_ADVISORY_DATABASE_PLACE_H

#include "base/buf.h"
#include "base/error.h"

#define ADVISORY_DATABASE_SYSTEM "/var/lib/seawall/advisories.db"

/* Appends the path. SW_ENOENT: there is no home directory. */
int advisory_database_place(struct buf *path, struct error *err);

#endif
