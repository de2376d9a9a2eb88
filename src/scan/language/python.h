/*
 * python.h - packages of Python.
 *
 *     if (python_wants(path, list.flags))
 *       rc = python_read(path, layer, bytes, &list, &err);
 *
 * Installed packages: *.dist-info/METADATA, *.egg-info as a file or with PKG-INFO or METADATA in it,
 * EGG-INFO/PKG-INFO, also in *.egg that is a zip file. The licence is License-Expression, or the classifiers, or License if it is not a whole text.
 *
 * With PACKAGE_LIST_LOCK_FILES:
 *   requirements.txt and the like   what is pinned with "=="; for development if the name of the file says so ("-dev")
 *   Pipfile.lock, poetry.lock, pdm.lock, uv.lock, pylock.toml and pylock.*.toml
 *   pyproject.toml                  as notes for project.h
 * Names in lock files are normalised as PEP 503 says; those of installed packages and in requirements are as they
 * are written. Package URLs are alike.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL with a place where it is known, SW_ELIMIT; of an entry that is
 * wrong, the others are there nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_PYTHON_H
#define SEAWALL_SCAN_LANGUAGE_PYTHON_H

#include "scan/package.h"

bool python_wants(struct str path, unsigned flags);
int python_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                struct error *err);

#endif
