/*
 * conda.h - packages of conda.
 *
 *     if (conda_wants(path, list.flags))
 *       rc = conda_read(path, layer, bytes, &list, &err);
 *
 * Installed packages: JSON files in a folder conda-meta (history and the like have other names). With
 * PACKAGE_LIST_LOCK_FILES: environment.yml and environment.yaml, of which those entries are packages that say an exact
 * version ("name=1.2=build"); entries for pip, pinned by "==", are packages of Python.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL, SW_ELIMIT. Limits: LOCK_SIZE_MAX bytes, and those of
 * scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_CONDA_H
#define SEAWALL_SCAN_LANGUAGE_CONDA_H

#include "scan/package.h"

bool conda_wants(struct str path, unsigned flags);
int conda_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
               struct error *err);

#endif
