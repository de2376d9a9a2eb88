/*
 * license_int.h - what the parts of license share: the lists of SPDX, and names made into identifiers.
 */
#ifndef SEAWALL_SCAN_LICENSE_INT_H
#define SEAWALL_SCAN_LICENSE_INT_H

#include "base/arena.h"
#include "base/str.h"
#include "scan/license.h"

#include <stdbool.h>
#include <stddef.h>

/* license_ids.c: sorted without regard to case. */
extern const char *const license_ids[];
extern const size_t license_ids_count;
extern const char *const license_exceptions[];
extern const size_t license_exceptions_count;

/* The identifier in a list, spelled as the list does; NULL if it is not in it. */
const char *license_find(const char *const *list, size_t count, struct str id);

/* license_names.c: the licence of a name, in the arena; false if none is known by it. */
bool license_name(struct arena *arena, struct str name, struct str *ret_id);

/* The exception that a text behind "with" means; false if none is known by it. */
bool license_exception(struct arena *arena, struct str name, struct str *ret_id);

/* license.c: the category of an identifier. */
enum license_category license_category_of(struct str id);

/* license_expression.c: leaves and steps of a text that is not empty. */
void license_parse(struct arena *arena, struct str text, struct license *ret);

#endif
