/*
 * apk.h - what Alpine's package manager (and Wolfi's, and Chainguard's) wrote down about what is installed.
 *
 *     if (apk_wants(path))
 *         apk_read(path, layer, bytes, &list, err);
 *
 * lib/apk/db/installed, or usr/lib/apk/db/installed: paragraphs of lines "X:value", one paragraph a package
 * (apk-package(5) for the letters). The source is the origin, at the package's own version.
 *
 * Errors: a paragraph without name or version is SW_EINVAL with its line (several: the first, and how many);
 * all others are in the list nevertheless. APK_SIZE_MAX bytes, else SW_ELIMIT. Thread safety: as the list's.
 */
#ifndef SEAWALL_SCAN_APK_H
#define SEAWALL_SCAN_APK_H

#include "scan/package.h"

enum { APK_SIZE_MAX = 128 * 1024 * 1024 };

bool apk_wants(struct str path);

/* Reads the database into the list; owned files too if the list asks for them. */
int apk_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err);

#endif
