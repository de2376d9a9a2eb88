#include "base/progress.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"

#include <stdio.h>
#include <unistd.h>

enum {
  BAR_WIDTH_MAX = 30, /* columns */
  COLUMNS_DEFAULT = 80,
  LINE_MAX_BYTES = 2048,
};

#define SECOND_NS 1000000000ULL
static const uint64_t first_after_ns = SECOND_NS / 2;
static const uint64_t bar_every_ns = SECOND_NS / 10;
static const uint64_t line_every_ns = 5 * SECOND_NS;

enum progress_mode progress_mode_for(bool is_terminal, const char *ci, const char *term)
{
  if (ci && *ci && strcmp(ci, "false") != 0 && strcmp(ci, "0") != 0)
    return PROGRESS_LINES;
  if (is_terminal && term && *term && strcmp(term, "dumb") != 0)
    return PROGRESS_BAR;
  return PROGRESS_OFF;
}

void progress_init(struct progress *p, enum progress_mode mode, int fd, unsigned columns,
                   const struct clock *clock)
{
  *p = (struct progress){.mode = mode,
                         .fd = fd,
                         .columns = columns ? columns : COLUMNS_DEFAULT,
                         .clock = clock ? clock : clock_system()};
}

void progress_start(struct progress *p, const char *label, enum progress_unit unit, uint64_t total)
{
  progress_hide(p);
  p->label = str_from(label);
  p->unit = unit;
  p->total = total;
  p->done = 0;
  p->skip = p->skipped = 0;
  p->told = false;
  p->started_ns = p->told_ns = p->mode == PROGRESS_OFF ? 0 : clock_monotonic_ns(p->clock);
  p->looked_ns = p->started_ns;
}

static void add_amount(struct buf *out, enum progress_unit unit, uint64_t amount)
{
  char text[FILE_SIZE_TEXT];
  if (unit == PROGRESS_BYTES)
    buf_add_text(out, file_size_text(amount, text));
  else
    buf_add_u64(out, amount);
}

/* Rounded up, so that "0 s" is never left. */
static void add_duration(struct buf *out, uint64_t seconds)
{
  if (seconds < 60)
    buf_printf(out, "%u s", (unsigned)seconds);
  else if (seconds < 3600)
    buf_printf(out, "%u min %02u s", (unsigned)(seconds / 60), (unsigned)(seconds % 60));
  else if (seconds < 360000)
    buf_printf(out, "%u h %02u min", (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60));
  else
    buf_add_text(out, "more than 100 h");
}

/* "1,200 of 3,400" in other words: amounts, rate and time left. */
static void add_facts(struct buf *out, const struct progress *p, uint64_t now)
{
  add_amount(out, p->unit, p->done);
  if (p->total) {
    buf_add_text(out, " of ");
    add_amount(out, p->unit, p->total);
  }
  double seconds = (double)(now - p->started_ns) / 1e9;
  double rate = seconds > 0 ? (double)p->done / seconds : 0;
  if (rate < 0.05)
    return;
  buf_add_text(out, ", ");
  if (p->unit == PROGRESS_COUNT && rate < 10)
    buf_printf(out, "%.1f", rate);
  else
    add_amount(out, p->unit, (uint64_t)rate);
  buf_add_text(out, "/s");
  if (p->total <= p->done)
    return;
  double left = (double)(p->total - p->done) / rate;
  buf_add_text(out, ", ");
  add_duration(out, left < 1e9 ? (uint64_t)left + 1 : 1000000000);
  buf_add_text(out, " left");
}

static void add_bar(struct buf *out, const struct progress *p, unsigned width)
{
  double share = (double)p->done / (double)p->total;
  unsigned filled = share < 1 ? (unsigned)(share * width) : width;
  buf_add_byte(out, '[');
  buf_add_repeat(out, '=', filled);
  buf_add_repeat(out, ' ', width - filled);
  buf_add_text(out, "] ");
}

/* A lost write is no reason to stop the work. */
static void put(const struct progress *p, const struct buf *line)
{
  ssize_t put = write(p->fd, line->data, line->len);
  (void)put;
}

static void draw(struct progress *p, uint64_t now)
{
  _cleanup_(buf_free) struct buf facts = {.cap = LINE_MAX_BYTES};
  _cleanup_(buf_free) struct buf line = {.cap = LINE_MAX_BYTES};
  _cleanup_(buf_free) struct buf out = {.cap = LINE_MAX_BYTES};
  add_facts(&facts, p, now);
  buf_add(&line, p->label);
  buf_add_byte(&line, ' ');
  /* The last column stays free: some terminals go to the next line when it is written. */
  unsigned columns = p->columns - 1;
  size_t taken = utf8_width(buf_str(&line)) + utf8_width(buf_str(&facts)) + 3;
  if (p->total && taken + 5 <= columns) {
    size_t width = columns - taken;
    add_bar(&line, p, width < BAR_WIDTH_MAX ? (unsigned)width : BAR_WIDTH_MAX);
  }
  buf_add(&line, buf_str(&facts));
  buf_add_byte(&out, '\r');
  buf_add(&out, utf8_cut_columns(buf_str(&line), columns));
  buf_add_text(&out, "\033[K"); /* what is left of a longer line before */
  put(p, &out);
  p->drawn = true;
}

static void write_line(const struct progress *p, uint64_t now)
{
  _cleanup_(buf_free) struct buf line = {.cap = LINE_MAX_BYTES};
  buf_add(&line, p->label);
  buf_add_text(&line, ": ");
  add_facts(&line, p, now);
  buf_add_byte(&line, '\n');
  put(p, &line);
}

/* Looks at the clock are to be about a hundredth of a second apart, whatever the pace of the
 * calls; the number of calls between them at most doubles at a time, so a pace that slows down
 * is noticed soon. */
static void adjust_skip(struct progress *p, uint64_t now)
{
  uint64_t passed = now - p->looked_ns;
  p->looked_ns = now;
  p->skipped = 0;
  if (passed < SECOND_NS / 200 && p->skip < 1 << 20)
    p->skip = p->skip * 2 + 1;
  else if (passed > SECOND_NS / 50)
    p->skip /= 4;
}

void progress_draw_if_due(struct progress *p)
{
  uint64_t now = clock_monotonic_ns(p->clock);
  adjust_skip(p, now);
  bool bar = p->mode == PROGRESS_BAR;
  uint64_t wait = !bar ? line_every_ns : p->told ? bar_every_ns : first_after_ns;
  if (now - p->told_ns < wait)
    return;
  if (bar)
    draw(p, now);
  else
    write_line(p, now);
  p->told = true;
  p->told_ns = now;
}

void progress_hide(struct progress *p)
{
  if (!p->drawn)
    return;
  static const char erase[] = "\r\033[K";
  ssize_t put = write(p->fd, erase, sizeof erase - 1);
  (void)put;
  p->drawn = false;
}

void progress_end(struct progress *p)
{
  progress_hide(p);
  if (p->mode == PROGRESS_LINES && p->told)
    write_line(p, clock_monotonic_ns(p->clock));
  p->told = false;
}
