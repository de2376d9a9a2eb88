/*
 * cargo.h - packages of Rust, from Cargo.lock (all of its versions).
 *
 *     if (cargo_wants(path, list.flags))
 *       rc = cargo_read(path, layer, bytes, &list, &err);
 *
 * Nothing is wanted without PACKAGE_LIST_LOCK_FILES: what a program was built of stands in the program. Cargo.lock does
 * not say what is for development; Cargo.toml does, and is kept as notes for project.h. Packages of the project itself
 * are in the list.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL with a place, SW_ELIMIT; of an entry that is wrong, the others are
 * there nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_CARGO_H
#define SEAWALL_SCAN_LANGUAGE_CARGO_H

#include "scan/package.h"

bool cargo_wants(struct str path, unsigned flags);
int cargo_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
               struct error *err);

#endif
