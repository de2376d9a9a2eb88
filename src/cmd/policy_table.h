/*
 * policy_table.h - tables for people: aligned columns, cut to the width there is.
 *
 *     struct policy_table table;
 *     policy_table_init(&table, 2);
 *     policy_table_head(&table, 0, "metric", false);
 *     policy_table_head(&table, 1, "value", true);          right-aligned
 *     policy_table_cell(&table, STR("steps"));
 *     policy_table_cell(&table, STR("1200"));
 *     policy_table_write(&table, &out, width, color, unicode);
 *     policy_table_free(&table);
 *
 * Columns are as wide as their widest cell. Where that is wider than `width` (columns of the terminal;
 * 0: as wide as needed), each row is written as a block instead, a line "name: value" for each cell, so
 * that nothing has to be cut in the middle; values that are still too long are wrapped. Text without a
 * terminal (a pipe) is never wrapped nor coloured.
 *
 * Cells are copied; control characters in them are written as \x1b and the like.
 * Thread safety: a table belongs to one thread.
 */
#ifndef SEAWALL_CMD_POLICY_TABLE_H
#define SEAWALL_CMD_POLICY_TABLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/vec.h"

enum { POLICY_TABLE_COLUMNS_MAX = 32 };

struct policy_table {
  struct arena arena;
  uint32_t columns;
  struct str heads[POLICY_TABLE_COLUMNS_MAX];
  bool right[POLICY_TABLE_COLUMNS_MAX];
  VEC(struct str) cells; /* row by row */
};

/* At most POLICY_TABLE_COLUMNS_MAX columns; what is beyond is dropped. */
void policy_table_init(struct policy_table *table, uint32_t columns);
void policy_table_free(struct policy_table *table);

void policy_table_head(struct policy_table *table, uint32_t column, const char *name, bool right);

/* The next cell, from left to right, row by row. */
void policy_table_cell(struct policy_table *table, struct str text);
void policy_table_cellf(struct policy_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void policy_table_write(const struct policy_table *table, struct buf *out, unsigned width,
                        bool color, bool unicode);

/* Nanoseconds for people: "812 ns", "1.50 µs", "23.4 ms", "1.2 s". */
enum { POLICY_TIME_TEXT = 24 };
const char *policy_time_text(uint64_t ns, bool unicode, char ret_text[static POLICY_TIME_TEXT]);

#endif
