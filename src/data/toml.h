/*
 * toml.h - reading TOML files (TOML 1.0.0): lock files, rule files of other tools.
 *
 *     struct toml_options options = {.positions = true};
 *     struct value root;
 *     if (toml_read(text, &arena, &options, &root, &err) < 0)
 *         return error_wrap(&err, "%s", name);
 *     struct value packages = value_get(root, value_from("package"));
 *
 * The root is an object, tables are objects, arrays and arrays of tables are arrays. Members stand in the
 * order in which they first occur. What JSON's model lacks:
 *  - dates and times are strings, as they are written ("1979-05-27 07:32:00Z"), after a check that there is
 *    such a date;
 *  - infinities and NaN are the strings "inf", "-inf" and "nan";
 *  - integers beyond 64 bits are an error, as the specification says; other floats are VALUE_TEXT, as they are
 *    written but without "_" and a leading "+".
 *
 * CR LF in strings of several lines becomes LF. A byte order mark at the beginning is passed over.
 *
 * Errors: SW_EINVAL (not TOML; a key or table that is defined twice) and SW_ELIMIT (too large, too deep, too
 * many values, the arena's limit), with line and column (from 1, columns in characters).
 *
 * Limits: those of the options; time is linear in the text times the depth. Recursion is bounded by depth_max.
 *
 * Ownership: the tree lies in the arena; strings and keys without escapes are views of the text, which
 * has to outlive the tree. What an arena holds after an error is garbage until its reset.
 * Thread safety: any number of threads, each with its own arena; a symbol table is only read.
 */
#ifndef SEAWALL_DATA_TOML_H
#define SEAWALL_DATA_TOML_H

#include "base/arena.h"
#include "base/error.h"
#include "base/symbols.h"
#include "data/value.h"

enum {
  TOML_SIZE_DEFAULT = 64 << 20, /* bytes */
  TOML_SIZE_MAX = 1 << 30,      /* bytes, whatever the options say */
  TOML_DEPTH_DEFAULT = 100,     /* tables and arrays inside each other, the root among them */
  TOML_DEPTH_MAX = 1000,
  TOML_VALUES_DEFAULT = 2000000, /* tables, arrays and what is in them, each counted once */
};

/* All zero is a good default. */
struct toml_options {
  size_t size_max;     /* 0: TOML_SIZE_DEFAULT; at most TOML_SIZE_MAX whatever it says */
  uint32_t depth_max;  /* 0: TOML_DEPTH_DEFAULT; at most TOML_DEPTH_MAX whatever it says */
  uint32_t values_max; /* 0: TOML_VALUES_DEFAULT */
  bool positions;      /* keep line and column of every key and value */
  const struct symbols *symbols; /* keys get their numbers from here; NULL: none */
};

/* The document that the text is. options NULL: defaults. A table's place is that of its first header. */
int toml_read(struct str text, struct arena *arena, const struct toml_options *options,
              struct value *ret_root, struct error *err);

#endif
