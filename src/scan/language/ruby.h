/*
 * ruby.h - packages of Ruby.
 *
 *     if (ruby_wants(path, list.flags))
 *       rc = ruby_read(path, layer, bytes, &list, &err);
 *
 * Installed gems: the gemspecs in folders specifications and specifications/default, as RubyGems writes them. They are
 * programs; the lines that set name, version and licence to plain texts are read, and nothing is run. With
 * PACKAGE_LIST_LOCK_FILES: Gemfile.lock and gems.locked; a platform behind the version ("1.2-x86_64-linux") is dropped.
 *
 * Ownership: as package_list_add. Errors: SW_EINVAL, SW_ELIMIT; of an entry that is wrong, the others are there
 * nevertheless. Limits: LOCK_SIZE_MAX bytes, and those of scan/language/lock.h.
 */
#ifndef SEAWALL_SCAN_LANGUAGE_RUBY_H
#define SEAWALL_SCAN_LANGUAGE_RUBY_H

#include "scan/package.h"

bool ruby_wants(struct str path, unsigned flags);
int ruby_read(struct str path, uint32_t layer, struct str bytes, struct package_list *list,
              struct error *err);

#endif
