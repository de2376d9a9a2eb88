/*
 * dpkg.h - what Debian's package manager wrote down about what is installed.
 *
 *     if (dpkg_wants(path))
 *         dpkg_read(path, layer, bytes, &list, err);
 *
 * Files (paths without the leading "/"):
 *
 *     var/lib/dpkg/status               the database, deb822(5) and dpkg(1)
 *     var/lib/dpkg/status.d/NAME        one package of an image without dpkg ("distroless")
 *     var/lib/dpkg/status.d/NAME.md5sums  the files it owns
 *     var/lib/dpkg/info/NAME[:ARCH].list  the files a package owns, if the list asks for files
 *     usr/share/doc/NAME/copyright      its licence, where it is machine-readable (DEP 5)
 *
 * A package counts if it is there: status installed, unpacked, half-configured, half-installed or with
 * triggers to run; not if only its configuration is left. That is what dpkg-query -W lists as installed.
 * Without a status (distroless) it counts.
 *
 * The licence of a copyright file is the SPDX expression of all licences that its paragraphs name, joined by
 * AND; short names that have no SPDX form stay as they are.
 *
 * Errors: a paragraph that lacks name or version, or holds what cannot be one, is SW_EINVAL with its line
 * (several: the first, and how many); all others are in the list nevertheless. DPKG_SIZE_MAX bytes a file,
 * else SW_ELIMIT. Thread safety: as the list's.
 */
#ifndef SEAWALL_SCAN_DPKG_H
#define SEAWALL_SCAN_DPKG_H

#include "scan/package.h"

enum { DPKG_SIZE_MAX = 128 * 1024 * 1024, DPKG_LICENSES_MAX = 64 };

/* flags of enum package_list_flags: files that only tell who owns what are wanted only with
 * PACKAGE_LIST_FILES. */
bool dpkg_wants(struct str path, unsigned flags);

/* Reads one of those files into the list. */
int dpkg_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
              struct error *err);

/* The SPDX expression of a copyright file; empty if it is not machine-readable or names no licence. */
struct str dpkg_license(struct arena *arena, struct str copyright);

#endif
