#include "cmd/policy_decide_write.h"

#include "data/json_write.h"
#include "report/text.h"

/* Of which kind it is decides how the answer looks. */
static bool is_image_review(const struct admission_decision *d)
{
  return d->request.kind.name.len == 0;
}

static const char *outcome_of(const struct admission_asked *a)
{
  return a->failed ? "failed" : a->denied ? "denied" : a->warned ? "warned" : "nothing to say";
}

/* ---- text */

static void add_line(struct buf *out, const char *word, const struct admission_reason *r,
                     bool unicode)
{
  buf_printf(out, "  %-6s  ", word);
  text_add_visible(out, r->policy, unicode);
  buf_add(out, STR(": "));
  text_add_visible(out, r->message, unicode);
  buf_add_byte(out, '\n');
}

static void add_subject(struct buf *out, const struct admission_decision *d, bool unicode)
{
  const struct admission_request *r = &d->request;
  if (is_image_review(d)) {
    buf_add(out, STR("ImageReview"));
  } else {
    buf_add(out, admission_operation_name(r->operation));
    buf_add_byte(out, ' ');
    text_add_visible(out, r->kind.name, unicode);
    buf_add_byte(out, ' ');
    text_add_visible(out, r->name, unicode);
    if (r->subresource.len) {
      buf_add_byte(out, '/');
      text_add_visible(out, r->subresource, unicode);
    }
  }
  if (r->namespace.len) {
    buf_add(out, STR(" in "));
    text_add_visible(out, r->namespace, unicode);
  }
}

static void add_patch(struct buf *out, struct value patch)
{
  if (!value_is(patch, VALUE_ARRAY))
    return;
  buf_add(out, STR("\npatch\n"));
  for (uint32_t i = 0; i < patch.len; i++) {
    buf_add(out, STR("  "));
    json_write(out, patch.items[i], 0);
    buf_add_byte(out, '\n');
  }
}

static void add_asked(struct buf *out, const struct admission_decision *d, bool unicode)
{
  buf_printf(out, "\n%zu policies in force; asked were\n", d->policies);
  for (size_t i = 0; i < d->asked_count; i++) {
    const struct admission_asked *a = &d->asked[i];
    buf_printf(out, "  %-14s  %4u looked  %8.1f %ss  %s", outcome_of(a), a->matched,
               (double)a->ns / 1000, unicode ? "\xc2\xb5" : "u", a->part ? "  " : "");
    text_add_visible(out, a->policy, unicode);
    buf_add_byte(out, '\n');
  }
}

void policy_decide_write_text(struct buf *out, const struct admission_decision *d, bool explain,
                              bool unicode)
{
  buf_add(out, d->allowed ? STR("allowed: ") : STR("denied: "));
  add_subject(out, d, unicode);
  buf_add_byte(out, '\n');
  for (unsigned action = ADMISSION_ACTION_DENY; action > ADMISSION_ACTION_OFF; action--)
    for (size_t i = 0; i < d->reason_count; i++)
      if (d->reasons[i].action == action)
        add_line(out, admission_action_name((enum admission_action)action).data, &d->reasons[i],
                 unicode);
  for (size_t i = 0; i < d->warning_count; i++) {
    /* What a policy says is above already; Pod Security's warnings are the API server's own. */
    if (d->warnings[i].len && d->warnings[i].data[0] == '[')
      continue;
    buf_add(out, STR("  warn    "));
    text_add_visible(out, d->warnings[i], unicode);
    buf_add_byte(out, '\n');
  }
  add_patch(out, d->patch);
  if (explain)
    add_asked(out, d, unicode);
}

/* ---- JSON */

static void write_reasons(struct json_writer *w, const struct admission_decision *d)
{
  json_key(w, STR("reasons"));
  json_begin_array(w);
  for (size_t i = 0; i < d->reason_count; i++) {
    const struct admission_reason *r = &d->reasons[i];
    json_begin_object(w);
    json_member_string(w, STR("policy"), r->policy);
    json_member_string(w, STR("rule"), r->rule);
    json_member_string(w, STR("action"), admission_action_name(r->action));
    json_member_bool(w, STR("failed"), r->failed);
    json_member_string(w, STR("message"), r->message);
    json_end_object(w);
  }
  json_end_array(w);
}

static void write_texts(struct json_writer *w, const struct admission_decision *d)
{
  json_key(w, STR("warnings"));
  json_begin_array(w);
  for (size_t i = 0; i < d->warning_count; i++)
    json_string(w, d->warnings[i]);
  json_end_array(w);
  json_key(w, STR("auditAnnotations"));
  json_begin_object(w);
  for (size_t i = 0; i < d->annotation_count; i++)
    json_member_string(w, d->annotations[i].key, d->annotations[i].value);
  json_end_object(w);
}

static void write_asked(struct json_writer *w, const struct admission_decision *d)
{
  json_member_int(w, STR("policies"), (int64_t)d->policies);
  json_key(w, STR("asked"));
  json_begin_array(w);
  for (size_t i = 0; i < d->asked_count; i++) {
    const struct admission_asked *a = &d->asked[i];
    json_begin_object(w);
    json_member_string(w, STR("policy"), a->policy);
    json_member_string(w, STR("outcome"), str_from(outcome_of(a)));
    json_member_bool(w, STR("part"), a->part);
    json_member_int(w, STR("matched"), a->matched);
    json_key(w, STR("microseconds"));
    json_double(w, (double)(a->ns / 100) / 10);
    json_end_object(w);
  }
  json_end_array(w);
}

void policy_decide_write_json(struct buf *out, const struct admission_decision *d, bool explain)
{
  struct json_writer w = json_writer_start(out, 2);
  json_begin_object(&w);
  json_member_bool(&w, STR("allowed"), d->allowed);
  write_reasons(&w, d);
  write_texts(&w, d);
  if (value_is(d->patch, VALUE_ARRAY))
    json_member_value(&w, STR("patch"), d->patch);
  if (explain)
    write_asked(&w, d);
  json_end_object(&w);
  buf_add_byte(out, '\n');
}

/* ---- the answer */

void policy_decide_write_review(struct buf *out, const struct admission_decision *d)
{
  if (is_image_review(d)) {
    const struct image_response r = {
        .allowed = d->allowed,
        .reason = d->message,
        .annotations = d->annotations,
        .annotation_count = d->annotation_count,
    };
    image_response_write(out, &r);
  } else {
    admission_decision_write(out, d->request.version, d->request.uid, d);
  }
  buf_add_byte(out, '\n');
}
