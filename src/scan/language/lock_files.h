/*
 * lock_files.h - lock files of ecosystems that leave nothing readable in an image: Dart, Elixir and Erlang, Swift,
 * CocoaPods, Conan, Julia.
 *
 *     if (lock_files_wants(path, list.flags))
 *       rc = lock_files_read(path, layer, bytes, &list, &err);
 *
 *   pubspec.lock       Dart; packages of the SDK itself are left out, as they have no version
 *   mix.lock           Elixir, entries from Hex
 *   rebar.lock         Erlang, likewise
 *   Package.resolved   Swift, versions 1 to 3; a package is named by the place of its source, "github.com/a/b"
 *   Podfile.lock       CocoaPods, subspecs ("a/b") as entries of their own
 *   conan.lock         Conan 1 and 2
 *   Manifest.toml      Julia (also Manifest-v1.11.toml and JuliaManifest.toml); what belongs to Julia itself
 *                      has Julia's version. Project.toml beside it says what is asked for (project.h)
 * Nothing is wanted without PACKAGE_LIST_LOCK_FILES.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL with a place where it is known, SW_ELIMIT; of an entry that is
 * wrong, the others are there nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_LOCK_FILES_H
#define SEAWALL_SCAN_LANGUAGE_LOCK_FILES_H

#include "scan/package.h"

bool lock_files_wants(struct str path, unsigned flags);
int lock_files_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
                    struct error *err);

#endif
