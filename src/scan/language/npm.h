/*
 * npm.h - packages of npm, Yarn, pnpm and Bun.
 *
 *     if (npm_wants(path, list.flags))
 *       rc = npm_read(path, layer, bytes, &list, &err);
 *
 * Installed packages: package.json of the folders of node_modules (those deeper in a package are not packages),
 * and of folders yarn-v*, as Yarn is unpacked beside Node.js. One without a name or a version is no package, and no error.
 *
 * With PACKAGE_LIST_LOCK_FILES, outside node_modules:
 *   package-lock.json, npm-shrinkwrap.json   versions 1 to 3
 *   yarn.lock                                Yarn 1 and Berry; what package.json asks for is put to it by project.h
 *   pnpm-lock.yaml                           versions 5, 6 and 9; of several documents the project's
 *   bun.lock
 *   package.json                             as notes for project.h
 * Folders of a workspace are packages where the lock file gives their version.
 *
 * An alias ("npm:real@1") is the package that it stands for.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL with a place where it is known, SW_ELIMIT; of an entry that is
 * wrong, the others are there nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_NPM_H
#define SEAWALL_SCAN_LANGUAGE_NPM_H

#include "scan/package.h"

bool npm_wants(struct str path, unsigned flags);
int npm_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
             struct error *err);

#endif
