/*
 * license.h - under which terms a package may be used: what it states, in SPDX's words, and what that asks of
 * whoever uses it.
 *
 *     struct license license;
 *     license_read(&arena, STR("GPLv2+ and (MIT or ASL 2.0)"), &license);
 *     license.expression          GPL-2.0-or-later AND (MIT OR Apache-2.0)
 *     license.category            LICENSE_RESTRICTED
 *     if (!license_allowed(&license, &policy, &leaf))
 *         tell(leaf->id);
 *
 * Read are SPDX license expressions (SPDX 2.3, annex D) and what package managers have instead: names with
 * and without versions ("The Apache Software License, Version 2.0", "GPLv2+"), Fedora's and Debian's short
 * names, classifiers of PyPI ("License :: OSI Approved :: MIT License"), URLs of licences, lists with commas,
 * "/" as Cargo once used it, words in a row as apk once did. A name without a version becomes the licence
 * that is meant by it as a rule ("BSD" is BSD-3-Clause; "GPL" is GPL-1.0-or-later, which is what the GPL
 * itself says). What is not known stays as it was written, is no SPDX identifier, and has no category.
 *
 * Identifiers are those of the SPDX License List 3.28; GNU licences come out with "-only" or "-or-later".
 * Categories are those of Google's licenseclassifier, which other scanners use too. Of "OR" the mildest side
 * counts, of "AND" the strictest; if one of them is unknown, so is the whole.
 *
 * Ownership: results live in the arena; the text may go away. Limits: LICENSE_LEAVES_MAX licences in an
 * expression, parentheses LICENSE_DEPTH_MAX deep; a text beyond that, or one that is no expression (the text
 * of a licence, for example), is taken as one unknown name of at most LICENSE_NAME_MAX bytes.
 *
 * Thread safety: all functions may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_SCAN_LICENSE_H
#define SEAWALL_SCAN_LICENSE_H

#include "base/arena.h"
#include "base/str.h"
#include "finding/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LICENSE_LEAVES_MAX = 1000, LICENSE_DEPTH_MAX = 64, LICENSE_NAME_MAX = 120 };

/* What a licence asks, from nothing to too much. */
enum license_category {
  LICENSE_UNKNOWN,
  LICENSE_UNENCUMBERED, /* free for any use: CC0-1.0, Unlicense */
  LICENSE_PERMISSIVE,   /* milder than a notice; none is known */
  LICENSE_NOTICE,       /* the notice goes along: MIT, Apache-2.0 */
  LICENSE_RECIPROCAL,   /* changes to it are published: MPL-2.0, EPL-2.0 */
  LICENSE_RESTRICTED,   /* what is shipped with it is published: GPL, LGPL */
  LICENSE_FORBIDDEN, /* use over a network, or any commercial one, is restricted: AGPL, CC-BY-NC */
  LICENSE_CATEGORIES,
};

/* "unknown", "unencumbered", "permissive", "notice", "reciprocal", "restricted", "forbidden". */
struct str license_category_name(enum license_category category);

/* The category of a name, without regard to case; false if it is none. */
bool license_category_named(struct str name, enum license_category *ret);

/* Forbidden is critical, restricted high, reciprocal medium, the others low, unknown unknown. */
enum severity license_category_severity(enum license_category category);

/* One licence of an expression. */
struct license_leaf {
  struct str
      id;    /* "GPL-2.0-or-later", "Apache-2.0 WITH LLVM-exception"; else the name as written */
  bool spdx; /* it is of the SPDX list, or a LicenseRef */
  enum license_category category;
};

enum license_operator { LICENSE_LEAF, LICENSE_AND, LICENSE_OR };

/* An expression in reverse Polish notation: leaves, and operators behind the two they join. */
struct license_step {
  enum license_operator operator;
  uint32_t leaf; /* LICENSE_LEAF: number in leaves */
};

struct license {
  struct str
      expression; /* canonical; empty: nothing was stated ("", "NONE", "NOASSERTION", "UNKNOWN") */
  bool spdx;      /* it is a valid SPDX expression: all its leaves are */
  enum license_category category;
  const struct license_leaf *leaves; /* as they are written */
  size_t leaf_count;
  const struct license_step *steps;
  size_t step_count;
};

/* Never fails: what cannot be read is one unknown name. */
void license_read(struct arena *arena, struct str stated, struct license *ret);

/*
 * A valid SPDX expression whatever was stated: names that are no identifiers are written as
 * license_reference gives them. Empty if nothing was stated.
 */
struct str license_spdx(struct arena *arena, const struct license *license);

/* "LicenseRef-" and a name's letters, digits, "." and "-", anything else as "-". */
struct str license_reference(struct arena *arena, struct str name);

/* Lists of licences: ids ("MIT"; "GPL-2.0" means -only and -or-later), patterns of them ("GPL-*") or
 * categories ("restricted"). Without regard to case. */
struct license_policy {
  const struct str *allowed; /* not empty: nothing else is */
  size_t allowed_count;
  const struct str *denied; /* whatever `allowed` says */
  size_t denied_count;
};

/*
 * Whether a package may be used under a policy: of "OR" one side is enough, of "AND" both are needed. If not,
 * *ret_leaf (may be NULL) is the first licence in the way. Nothing stated is allowed unless
 * `allowed` lists something, and "unknown" is not among it; the leaf is NULL then.
 */
bool license_allowed(const struct license *license, const struct license_policy *policy,
                     const struct license_leaf **ret_leaf);

#endif
