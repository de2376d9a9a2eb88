/* The report for programs: docs/report.md, docs/schemas/report-v1.schema.json. */
#include "data/json_write.h"
#include "report/controls.h"
#include "report/held.h"
#include "report/report_int.h"

struct json_state {
  struct json_writer w;
  struct held errors, skips;
};

static void add_known(struct json_writer *w, struct str key, struct str text)
{
  if (text.len)
    json_member_string(w, key, text);
}

static void add_number(struct json_writer *w, struct str key, uint64_t number)
{
  json_key(w, key);
  json_uint(w, number);
}

static void add_place_number(struct json_writer *w, struct str key, uint32_t number)
{
  if (number)
    add_number(w, key, number);
}

static void json_begin(void *state, struct sink *out, const struct report_options *options)
{
  struct json_state *s = state;
  s->w = json_writer_start(&out->buf, 2);
  struct json_writer *w = &s->w;
  json_begin_object(w);
  json_member_string(w, STR("apiVersion"), STR("seawall.dev/v1"));
  json_member_string(w, STR("kind"), STR("Report"));
  json_key(w, STR("tool"));
  json_begin_object(w);
  json_member_string(w, STR("name"), STR("seawall"));
  json_member_string(w, STR("version"), options->tool_version);
  json_end_object(w);
  json_member_string(w, STR("target"), options->target);
  json_member_string(w, STR("policy"), options->policy);
  json_member_string(w, STR("started"), options->started);
  json_key(w, STR("findings"));
  json_begin_array(w);
}

static void add_subject(struct json_writer *w, const struct subject *s)
{
  json_key(w, STR("subject"));
  json_begin_object(w);
  add_known(w, STR("apiVersion"), s->api_version);
  add_known(w, STR("kind"), s->kind);
  add_known(w, STR("namespace"), s->namespace);
  add_known(w, STR("name"), s->name);
  add_known(w, STR("container"), s->container);
  json_end_object(w);
}

static void add_location(struct json_writer *w, const struct location *l)
{
  json_key(w, STR("location"));
  json_begin_object(w);
  json_member_string(w, STR("file"), l->file);
  add_place_number(w, STR("line"), l->line);
  add_place_number(w, STR("column"), l->column);
  add_number(w, STR("document"), l->document);
  json_member_string(w, STR("pointer"), l->pointer);
  json_end_object(w);
}

static void add_rule_lists(struct json_writer *w, const struct rule *rule)
{
  json_key(w, STR("references"));
  json_begin_array(w);
  for (size_t i = 0; i < rule->reference_count; i++)
    json_string(w, rule->references[i]);
  json_end_array(w);
  json_key(w, STR("controls"));
  json_begin_array(w);
  for (size_t i = 0; i < rule->control_count; i++) {
    json_begin_object(w);
    json_member_string(w, STR("framework"), rule->controls[i].framework);
    json_member_string(w, STR("id"), rule->controls[i].id);
    json_end_object(w);
  }
  json_end_array(w);
}

static void add_exception(struct json_writer *w, const struct finding *f)
{
  if (f->state != FINDING_EXCEPTED)
    return;
  json_key(w, STR("exception"));
  json_begin_object(w);
  json_member_string(w, STR("reason"), f->exception_reason);
  add_known(w, STR("until"), f->exception_until);
  json_end_object(w);
}

static struct str state_name(enum finding_state state)
{
  return state == FINDING_EXCEPTED ? STR("excepted")
         : state == FINDING_MENDED ? STR("mended")
                                   : STR("open");
}

/* Millionths as a number between 0 and 1. */
static void add_millionths(struct json_writer *w, struct str name, uint32_t millionths)
{
  json_key(w, name);
  json_double(w, millionths / 1e6);
}

static void add_vulnerability(struct json_writer *w, const struct finding_package *p)
{
  add_known(w, STR("fixedVersion"), p->fixed);
  add_known(w, STR("status"), p->status);
  add_known(w, STR("advisorySource"), p->advisory_source);
  add_known(w, STR("severitySource"), p->severity_source);
  if (p->cvss.len) {
    json_member_string(w, STR("cvss"), p->cvss);
    json_key(w, STR("cvssScore"));
    json_double(w, p->cvss_tenths / 10.0);
  }
  if (p->exploited)
    json_member_string(w, STR("knownExploitedSince"), p->exploited_since);
  if (p->has_epss) {
    add_millionths(w, STR("epss"), p->epss);
    add_millionths(w, STR("epssPercentile"), p->epss_percentile);
  }
  add_known(w, STR("published"), p->published);
  add_known(w, STR("modified"), p->modified);
}

static void add_package(struct json_writer *w, const struct finding_package *p)
{
  json_key(w, STR("package"));
  json_begin_object(w);
  json_member_string(w, STR("type"), p->type);
  json_member_string(w, STR("name"), p->name);
  json_member_string(w, STR("version"), p->version);
  add_known(w, STR("source"), p->source);
  add_known(w, STR("ecosystem"), p->ecosystem);
  add_known(w, STR("purl"), p->purl);
  add_known(w, STR("path"), p->path);
  add_known(w, STR("layer"), p->layer);
  if (p->base)
    json_member_bool(w, STR("base"), true);
  add_known(w, STR("license"), p->license);
  if (p->alias_count) {
    json_key(w, STR("aliases"));
    json_begin_array(w);
    for (size_t i = 0; i < p->alias_count; i++)
      json_string(w, p->aliases[i]);
    json_end_array(w);
  }
  add_vulnerability(w, p);
  json_end_object(w);
}

static void add_finding(struct json_writer *w, const struct finding *f)
{
  json_begin_object(w);
  json_member_string(w, STR("rule"), f->rule->id);
  json_member_string(w, STR("title"), f->rule->title);
  json_member_string(w, STR("severity"), severity_name(f->severity));
  json_member_string(w, STR("state"), state_name(f->state));
  add_subject(w, &f->subject);
  add_location(w, &f->location);
  json_member_string(w, STR("message"), f->message);
  add_known(w, STR("evidence"), f->evidence);
  json_member_string(w, STR("remedy"), finding_remedy(f));
  add_rule_lists(w, f->rule);
  json_member_string(w, STR("fingerprint"), str_from(f->fingerprint));
  if (!value_is(f->fix, VALUE_ABSENT))
    json_member_value(w, STR("fix"), f->fix);
  if (f->package)
    add_package(w, f->package);
  add_exception(w, f);
  json_end_object(w);
}

static void json_file(void *state, struct sink *out, const struct report_options *options,
                      const struct report_file *file)
{
  struct json_state *s = state;
  for (size_t i = 0; file->findings && i < file->findings->count; i++) {
    if (!report_shows(options, &file->findings->items[i]))
      continue;
    add_finding(&s->w, &file->findings->items[i]);
    sink_settle(out);
  }
  report_hold(&s->errors, &s->skips, file);
}

static void add_held(struct json_writer *w, struct sink *out, struct str name, struct str text_key,
                     const struct held *held)
{
  json_key(w, name);
  json_begin_array(w);
  struct held_reader it = held_read(held);
  struct held_record r;
  while (held_next(&it, &r)) {
    json_begin_object(w);
    json_member_string(w, STR("file"), r.file);
    add_place_number(w, STR("line"), r.line);
    add_place_number(w, STR("column"), r.column);
    json_member_string(w, text_key, r.text);
    json_end_object(w);
    sink_settle(out);
  }
  held_read_end(&it);
  json_end_array(w);
}

static void add_counts(struct json_writer *w, struct str name, const uint64_t *counts)
{
  json_key(w, name);
  json_begin_object(w);
  for (int i = SEVERITY_COUNT - 1; i >= 0; i--)
    add_number(w, severity_name((enum severity)i), counts[i]);
  json_end_object(w);
}

static void json_end(void *state, struct sink *out, const struct report_options *options,
                     const struct report_summary *summary)
{
  struct json_state *s = state;
  struct json_writer *w = &s->w;
  json_end_array(w);
  add_held(w, out, STR("errors"), STR("message"), &s->errors);
  add_held(w, out, STR("skipped"), STR("reason"), &s->skips);
  json_key(w, STR("summary"));
  json_begin_object(w);
  add_counts(w, STR("open"), summary->counts.open);
  add_counts(w, STR("excepted"), summary->counts.excepted);
  add_number(w, STR("files"), summary->files);
  add_number(w, STR("documents"), summary->documents);
  add_number(w, STR("objects"), summary->objects);
  add_number(w, STR("judged"), summary->judged);
  add_number(w, STR("errors"), summary->errors);
  add_number(w, STR("skipped"), summary->skipped);
  add_number(w, STR("exceptionsUnused"), summary->exceptions_unused);
  json_member_string(w, STR("showFrom"), severity_name(options->show_from));
  json_member_string(w, STR("failOn"),
                     options->fail_never ? STR("never")
                     : options->fail_on_ignored || options->fail_exploited || options->fail_epss
                         ? options->fail_text
                         : severity_name(options->fail_on));
  add_number(w, STR("failing"), summary->failing);
  controls_json(w, summary);
  json_end_object(w);
  json_end_object(w);
  sink_add(out, STR("\n"));
}

static void json_release(void *state)
{
  struct json_state *s = state;
  held_free(&s->errors);
  held_free(&s->skips);
}

const struct report_format report_format_json = {
    .name = "json",
    .description = "everything, for programs (seawall.dev/v1 Report)",
    .size = sizeof(struct json_state),
    .begin = json_begin,
    .file = json_file,
    .end = json_end,
    .release = json_release,
};
