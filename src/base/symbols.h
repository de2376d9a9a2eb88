/*
 * symbols.h - interned names with small numbers.
 *
 * Object keys that a loaded policy or a built-in check asks for are put into a
 * table when it is loaded; readers look every key they meet up in it, and from
 * then on following a path compares numbers instead of texts. Keys that nobody
 * asks for get no number (0) and cost nothing.
 *
 * Fill, then share: symbols_add needs the table for itself; once it is shared
 * between threads it is only read. Numbers of two tables have nothing to do with
 * each other, so values read with one table are not held against keys of
 * another. A table begins with a fixed list (the keys that compiled-in checks
 * know), whose numbers are therefore constants: the first is 1.
 */
#ifndef SEAWALL_BASE_SYMBOLS_H
#define SEAWALL_BASE_SYMBOLS_H

#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>

enum { SYMBOLS_MAX = 65535 };

struct symbols;

/* A table that begins with these texts as 1, 2, 3 ... They must differ, and outlive the table. */
struct symbols *symbols_new(const struct str *first, size_t count);
void symbols_free(struct symbols *table);
MEM_DEFINE_CLEANUP(struct symbols, symbols_free)

/* The number of a text, added (and copied) if new. 0 if the table is full: still correct, only
 * slower. */
uint16_t symbols_add(struct symbols *table, struct str text);

/* The number of a text; 0 if it has none. */
uint16_t symbols_find(const struct symbols *table, struct str text);

/* As symbols_find, faster, where 16 bytes from text.data on can be read, however short the text. */
uint16_t symbols_find_readable(const struct symbols *table, struct str text);

/* The text of a number; empty for 0 and unknown ones. */
struct str symbols_text(const struct symbols *table, uint16_t number);

size_t symbols_count(const struct symbols *table);

#endif
