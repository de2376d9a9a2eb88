/*
 * composer.h - packages of PHP's Composer.
 *
 *     if (composer_wants(path, list.flags))
 *       rc = composer_read(path, layer, bytes, &list, &err);
 *
 * Installed packages: installed.json, which Composer 1 and 2 keep in vendor/composer. With PACKAGE_LIST_LOCK_FILES: composer.lock, outside vendor, and composer.json as notes for project.h. Versions are as they are written,
 * with a "v" in front or without.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL with a place, SW_ELIMIT; of an entry that is wrong, the others
 * are there nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_COMPOSER_H
#define SEAWALL_SCAN_LANGUAGE_COMPOSER_H

#include "scan/package.h"

bool composer_wants(struct str path, unsigned flags);
int composer_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                  struct error *err);

#endif
