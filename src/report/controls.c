#include "report/controls.h"

#include "report/report_int.h"

enum { STATES = CONTROL_FAIL + 1 };

static void count_states(const struct framework_summary *summary, size_t counts[STATES])
{
  memset(counts, 0, STATES * sizeof *counts);
  for (size_t i = 0; i < summary->framework->control_count; i++)
    counts[summary->results[i].state]++;
}

void controls_counts(struct buf *out, const struct framework_summary *summary)
{
  static const enum control_state order[] = {CONTROL_PASS, CONTROL_FAIL, CONTROL_NOT_APPLICABLE,
                                             CONTROL_NOT_COVERED};
  size_t counts[STATES];
  count_states(summary, counts);
  for (int i = 0; i < STATES; i++)
    buf_printf(out, "%s%zu %.*s", i ? ", " : "", counts[order[i]],
               STR_FMT(control_state_name(order[i])));
}

static void add_lines(struct buf *out, const struct framework_summary *summary,
                      enum control_state state)
{
  for (size_t i = 0; i < summary->framework->control_count; i++) {
    const struct control_result *r = &summary->results[i];
    if (r->state != state)
      continue;
    buf_printf(out, "  %-14.*s  ", STR_FMT(control_state_name(state)));
    /* Standards whose controls have no numbers are known by their titles. */
    if (!str_eq(r->control->id, r->control->title))
      buf_printf(out, "%-7.*s ", STR_FMT(r->control->id));
    buf_add(out, r->control->title);
    if (r->open) {
      buf_add_text(out, ": ");
      report_plural(out, r->open, "finding", "findings");
    }
    if (r->excepted)
      buf_printf(out, ", %llu excepted", (unsigned long long)r->excepted);
    buf_add_byte(out, '\n');
  }
}

void controls_text(struct buf *out, const struct framework_summary *summary)
{
  static const enum control_state order[] = {CONTROL_FAIL, CONTROL_PASS, CONTROL_NOT_APPLICABLE,
                                             CONTROL_NOT_COVERED};
  buf_printf(out, "%.*s: ", STR_FMT(summary->framework->title));
  controls_counts(out, summary);
  buf_add_text(out, "\n\n");
  for (int i = 0; i < STATES; i++)
    add_lines(out, summary, order[i]);
}

void controls_markdown(struct buf *out, const struct framework_summary *summary)
{
  buf_printf(out, "\n### %.*s\n\n", STR_FMT(summary->framework->title));
  controls_counts(out, summary);
  buf_add_text(out, ".\n\n| control | | state | findings |\n|---|---|---|--:|\n");
  for (size_t i = 0; i < summary->framework->control_count; i++) {
    const struct control_result *r = &summary->results[i];
    buf_printf(out, "| %.*s | %.*s | %.*s | ", STR_FMT(r->control->id), STR_FMT(r->control->title),
               STR_FMT(control_state_name(r->state)));
    if (r->open)
      buf_add_u64(out, r->open);
    buf_add_text(out, " |\n");
  }
}

static void add_control(struct json_writer *w, const struct control_result *r)
{
  json_begin_object(w);
  json_member_string(w, STR("id"), r->control->id);
  json_member_string(w, STR("title"), r->control->title);
  json_member_string(w, STR("state"), control_state_name(r->state));
  json_member_int(w, STR("open"), (int64_t)r->open);
  json_member_int(w, STR("excepted"), (int64_t)r->excepted);
  json_end_object(w);
}

void controls_json(struct json_writer *w, const struct report_summary *summary)
{
  if (!summary->framework_count)
    return;
  json_key(w, STR("frameworks"));
  json_begin_array(w);
  for (size_t f = 0; f < summary->framework_count; f++) {
    const struct framework_summary *s = &summary->frameworks[f];
    json_begin_object(w);
    json_member_string(w, STR("id"), s->framework->id);
    json_member_string(w, STR("title"), s->framework->title);
    json_key(w, STR("controls"));
    json_begin_array(w);
    for (size_t i = 0; i < s->framework->control_count; i++)
      add_control(w, &s->results[i]);
    json_end_array(w);
    json_end_object(w);
  }
  json_end_array(w);
}
