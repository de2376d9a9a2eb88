/*
 * rpm_header.h - one package of an rpm database: the header that describes it.
 *
 *     rpm_header_read(path, layer, blob, &list, err);
 *
 * A header is a table of tags and the data behind it (rpm's documentation, "RPM V4 package format", section
 * header structure): number of entries, number of bytes, entries of 16 bytes {tag, type, offset, count}, data;
 * all big-endian. In files a magic number of 8 bytes stands in front; databases leave it out. Both are read.
 * Where a tag stands twice, the later entry counts (rpm appends what it learns at installation).
 *
 * What is checked: that entries and their data are inside the blob, that texts end, that counts fit. An entry
 * that nobody asks for is not looked at.
 *
 * Limits: RPM_HEADER_SIZE_MAX bytes, RPM_HEADER_ENTRIES_MAX entries. Thread safety: as the list's.
 */
#ifndef SEAWALL_SCAN_RPM_HEADER_H
#define SEAWALL_SCAN_RPM_HEADER_H

#include "scan/package.h"

enum { RPM_HEADER_SIZE_MAX = 256 * 1024 * 1024, RPM_HEADER_ENTRIES_MAX = 65535 };

/* Adds the package to the list, with its files if the list asks for them. SW_EINVAL if it is no header, or
 * has no name, version or release. */
int rpm_header_read(struct str path, uint32_t layer, struct str blob, struct package_list *list,
                    struct error *err);

/* The name, version and release of a source package's file ("bash-5.1-2.src.rpm"); false if it is none. */
bool rpm_source_name(struct str file, struct str *ret_name, struct str *ret_version);

#endif
