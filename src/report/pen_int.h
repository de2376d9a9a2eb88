/* pen_int.h - how the report for people draws: colours, and what the terminal can show. */
#ifndef SEAWALL_REPORT_PEN_INT_H
#define SEAWALL_REPORT_PEN_INT_H

#include "report/report.h"
#include "report/text.h"

/* What all the drawing functions need. */
struct pen {
  struct buf *b;
  const struct report_options *o;
  unsigned width; /* of running text; 0: not wrapped */
};

/* Colours are the terminal's own sixteen, so that they go with its background. */
static const char *const pen_severity_colors[SEVERITY_COUNT] = {
    [SEVERITY_UNKNOWN] = "1",   [SEVERITY_INFO] = "1;34", [SEVERITY_LOW] = "1;36",
    [SEVERITY_MEDIUM] = "1;33", [SEVERITY_HIGH] = "1;31", [SEVERITY_CRITICAL] = "1;35",
};

static inline void paint(const struct pen *p, const char *color)
{
  if (p->o->color) {
    buf_add_text(p->b, "\033[");
    buf_add_text(p->b, color);
    buf_add_byte(p->b, 'm');
  }
}

static inline void unpaint(const struct pen *p)
{
  paint(p, "0");
}

static inline void add_visible(const struct pen *p, struct str text)
{
  text_add_visible(p->b, text, p->o->unicode);
}

/* Open findings about packages that are shown, package by package, those with the worst first. columns: of the
 * terminal, 0: no limit. */
void report_packages(const struct pen *p, struct sink *out, const struct finding_list *findings,
                     unsigned columns);

#endif
