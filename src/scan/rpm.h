/*
 * rpm.h - what rpm wrote down about what is installed, in each of its databases.
 *
 *     if (rpm_wants(path))
 *         rpm_read(path, layer, bytes, &list, err);
 *
 * Under var/lib/rpm/, usr/lib/sysimage/rpm/ or usr/share/rpm/:
 *
 *     rpmdb.sqlite  SQLite, the table Packages(hnum, blob)
 *     Packages.db   rpm's own ("ndb"): pages of slots that point to blobs
 *     Packages      Berkeley DB 3 to 6, a hash; of either byte order
 *
 * and var/lib/rpmmanifest/container-manifest-2, the list of lines that images without rpm carry instead
 * (Azure Linux's distroless). Which database it is is seen by its first bytes, not by its name. Each blob is a
 * header: scan/rpm_header.h.
 *
 * A database is hostile. Chains of pages that run in circles or share pages, blobs that overlap, views in
 * place of tables are errors; no more bytes are looked at than the file has, and SQLite gets a bound on steps,
 * and may read that one table and nothing else.
 *
 * Errors: what can be read is in the list; then SW_EINVAL with the first fault, and how many there are.
 * RPM_SIZE_MAX bytes, else SW_ELIMIT. Changes that SQLite has put aside in rpmdb.sqlite-wal are not seen: rpm
 * leaves none when it ends.
 *
 * Memory: as the list's; SQLite works on a copy of the bytes. Thread safety: as the list's.
 */
#ifndef SEAWALL_SCAN_RPM_H
#define SEAWALL_SCAN_RPM_H

#include "scan/package.h"

enum { RPM_SIZE_MAX = 256 * 1024 * 1024 };

bool rpm_wants(struct str path);

int rpm_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err);

#endif
