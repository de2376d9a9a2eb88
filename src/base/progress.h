/*
 * progress.h - how far the work has come, told to whoever waits.
 *
 *     struct progress p;
 *     progress_init(&p, progress_mode_for(isatty(2), ci, term), 2, columns, clock);
 *     progress_start(&p, "scanning", PROGRESS_COUNT, total);
 *     for each file: progress_add(&p, 1);
 *     progress_end(&p);
 *
 * On a terminal: one line drawn over and over, at most ten times a second,
 * erased at the end. In a log of a CI system: a line every few seconds.
 * Otherwise nothing. progress_add is cheap: it looks at the clock about every
 * hundredth of a second, however fast the calls come.
 *
 * The line is written with one write, errors ignored: progress is a courtesy.
 * Before other text is written to the same terminal, progress_hide takes the
 * line away; the next progress_add draws it again.
 *
 * Thread safety: one thread (the one that consumes results).
 */
#ifndef SEAWALL_BASE_PROGRESS_H
#define SEAWALL_BASE_PROGRESS_H

#include "base/clock.h"
#include "base/str.h"

#include <stdint.h>

enum progress_mode { PROGRESS_OFF, PROGRESS_BAR, PROGRESS_LINES };
enum progress_unit { PROGRESS_COUNT, PROGRESS_BYTES };

struct progress {
  enum progress_mode mode;
  enum progress_unit unit;
  int fd;
  unsigned columns; /* of the terminal */
  const struct clock *clock;
  struct str label;
  uint64_t total, done;         /* in units; total 0: unknown */
  uint64_t started_ns, told_ns; /* when started, when last drawn */
  uint64_t looked_ns;           /* when the clock was last looked at */
  uint32_t skip, skipped;       /* calls between looks at the clock */
  bool drawn;                   /* a line is on the terminal */
  bool told;                    /* something has been drawn or written since the start */
};

/* Which mode suits: a bar on a terminal that can move its cursor (term: $TERM, not "dumb"), lines
 * in a CI system's log (ci: $CI, set and not "false" or "0"), else off. NULL: not set. */
enum progress_mode progress_mode_for(bool is_terminal, const char *ci, const char *term);

/* columns: width of the terminal, 0 for 80. clock: NULL for the system's. */
void progress_init(struct progress *p, enum progress_mode mode, int fd, unsigned columns,
                   const struct clock *clock);

/* Begins a task; label is a view that outlives it. total 0: unknown, neither bar nor time left.
 * Nothing is shown for tasks that take less than half a second. */
void progress_start(struct progress *p, const char *label, enum progress_unit unit, uint64_t total);

void progress_draw_if_due(struct progress *p);

/* So many units more are done. */
static inline void progress_add(struct progress *p, uint64_t units)
{
  p->done += units;
  if (p->mode != PROGRESS_OFF && ++p->skipped > p->skip)
    progress_draw_if_due(p);
}

/* The total has become known, or has changed. */
static inline void progress_set_total(struct progress *p, uint64_t total)
{
  p->total = total;
}

/* Takes the line off the terminal until the next progress_add that is due. */
void progress_hide(struct progress *p);

/* Ends the task: the bar is erased; a log that has seen lines gets a last one. */
void progress_end(struct progress *p);

#endif
