/*
 * controls.h - how a scan stands against frameworks, for the formats that tell it.
 *
 * Every control is pass, fail (with the number of open findings), not applicable (none of its rules met
 * anything to judge) or not covered (no rule serves it; no claim is made).
 */
#ifndef SEAWALL_REPORT_CONTROLS_H
#define SEAWALL_REPORT_CONTROLS_H

#include "base/buf.h"
#include "data/json_write.h"
#include "report/report.h"

/* "12 pass, 3 fail, 4 not applicable, 15 not covered" */
void controls_counts(struct buf *out, const struct framework_summary *summary);

/* Plain lines for terminals: the framework, its counts, the controls that fail, then the others. */
void controls_text(struct buf *out, const struct framework_summary *summary);

/* A heading and a table. */
void controls_markdown(struct buf *out, const struct framework_summary *summary);

/* The member "frameworks" of an object that is being written; nothing if there are none. */
void controls_json(struct json_writer *w, const struct report_summary *summary);

#endif
