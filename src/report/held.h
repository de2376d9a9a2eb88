/*
 * held.h - what is told only at the end of a report, kept small until then.
 *
 * Errors and left-out files stand behind the findings in most formats, and a tree
 * may hold a million files that are no manifests. A record keeps only what differs
 * from the one before: paths come in the order of a walk and share their
 * beginnings, reasons repeat. 20 to 30 bytes a record is usual.
 *
 *     held_add(&held, file, line, column, text);
 *     struct held_reader it = held_read(&held);
 *     struct held_record r;
 *     while (held_next(&it, &r))
 *         use(r.file, r.line, r.text);
 *
 * A struct held starts as {0} and owns its memory (held_free). Texts given are
 * copied; texts read are valid until the next held_next or held_read_end.
 *
 * Thread safety: belongs to one thread.
 */
#ifndef SEAWALL_REPORT_HELD_H
#define SEAWALL_REPORT_HELD_H

#include "base/buf.h"
#include "base/map.h"

#include <stdint.h>

enum {
  HELD_TEXTS_MAX = 4096, /* different texts that are kept once; further ones are written out */
};

struct held {
  struct buf records;
  struct buf last_file;
  struct arena texts_arena;
  struct map texts; /* text to number, from 1 */
  uint64_t count;
};

struct held_record {
  struct str file;
  uint32_t line, column;
  struct str text;
};

struct held_reader {
  const struct held *held;
  size_t at;
  struct buf file;
};

void held_add(struct held *held, struct str file, uint32_t line, uint32_t column, struct str text);

/* The records in the order in which they were added. Nothing may be added while reading. */
struct held_reader held_read(const struct held *held);
bool held_next(struct held_reader *it, struct held_record *ret);
void held_read_end(struct held_reader *it);

void held_free(struct held *held);

#endif
