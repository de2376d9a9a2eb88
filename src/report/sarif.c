/*
 * SARIF 2.1.0 (OASIS), for code scanning. Results come first in the file and rules behind them, in
 * the order of their first appearance, so that nothing but the rules has to be kept.
 */
#include "data/json_write.h"
#include "report/report_int.h"
#include "report/source.h"

/* A copy: the rule of a vulnerability lives no longer than the findings about its image. */
struct kept_rule {
  struct rule rule;
  const char *tag;        /* what its findings are about */
  enum severity severity; /* the worst of its findings, if they are about packages */
  uint32_t cvss_tenths;
  bool vulnerability;
};

struct sarif_state {
  struct json_writer w;
  struct held errors, skips;
  struct arena arena; /* of rules */
  VEC(struct kept_rule) rules;
  struct map numbers; /* rule id to index in rules */
};

#define SARIF_SCHEMA                                                                               \
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static const struct {
  const char *level, *problem;
  uint32_t score, least, most; /* in tenths */
} severities[SEVERITY_COUNT] = {
    /* GitHub takes scores above 9 for critical, from 7 for high, from 4 for medium, the rest for
     * low. */
    [SEVERITY_UNKNOWN] = {"note", "recommendation", 0, 0, 0},
    [SEVERITY_INFO] = {"note", "recommendation", 0, 0, 0},
    [SEVERITY_LOW] = {"note", "recommendation", 20, 1, 39},
    [SEVERITY_MEDIUM] = {"warning", "warning", 55, 40, 69},
    [SEVERITY_HIGH] = {"error", "error", 80, 70, 89},
    [SEVERITY_CRITICAL] = {"error", "error", 95, 90, 100},
};

static void add_text_object(struct json_writer *w, struct str key, struct str text)
{
  json_key(w, key);
  json_begin_object(w);
  json_member_string(w, STR("text"), text);
  json_end_object(w);
}

static void add_member(struct json_writer *w, struct str key, const char *text)
{
  json_member_string(w, key, str_from(text));
}

static void sarif_begin(void *state, struct sink *out, const struct report_options *options)
{
  struct sarif_state *s = state;
  struct json_writer *w = &s->w;
  arena_init(&s->arena, 0);
  map_init(&s->numbers, &s->arena);
  *w = json_writer_start(&out->buf, 2);
  json_begin_object(w);
  add_member(w, STR("$schema"), SARIF_SCHEMA);
  add_member(w, STR("version"), "2.1.0");
  json_key(w, STR("runs"));
  json_begin_array(w);
  json_begin_object(w);
  add_member(w, STR("columnKind"), "unicodeCodePoints");
  json_key(w, STR("results"));
  json_begin_array(w);
}

/* A path as a relative URI reference; a whole path as a file URI. RFC 3986, section 2. */
static void path_to_uri(struct buf *out, struct str path)
{
  path = report_path(path);
  if (str_eq(path, STR("-")))
    path = STR("stdin");
  if (path.len && path.data[0] == '/')
    buf_add_text(out, "file://");
  for (size_t i = 0; i < path.len; i++) {
    char c = path.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 (c && strchr("-._~/", c));
    if (plain)
      buf_add_byte(out, c);
    else
      buf_printf(out, "%%%02X", (unsigned char)c);
  }
}

#define IN_SOURCES "%SRCROOT%"
#define IN_IMAGE "%IMAGEROOT%"

static void add_artifact(struct json_writer *w, struct str file, const char *base)
{
  _cleanup_(buf_free) struct buf uri = {0};
  path_to_uri(&uri, file);
  json_key(w, STR("artifactLocation"));
  json_begin_object(w);
  json_member_string(w, STR("uri"), buf_str(&uri));
  if (!str_starts(buf_str(&uri), STR("file://")))
    add_member(w, STR("uriBaseId"), base);
  json_end_object(w);
}

struct region {
  uint32_t line, column, end_column; /* 0: unknown */
};

static void add_region(struct json_writer *w, struct region r)
{
  if (r.line == 0)
    return;
  json_key(w, STR("region"));
  json_begin_object(w);
  json_member_int(w, STR("startLine"), r.line);
  if (r.column)
    json_member_int(w, STR("startColumn"), r.column);
  if (r.column && r.end_column > r.column)
    json_member_int(w, STR("endColumn"), r.end_column);
  json_end_object(w);
}

static void add_physical_location(struct json_writer *w, struct str file, const char *base,
                                  struct region r)
{
  if (file.len == 0)
    return;
  json_key(w, STR("physicalLocation"));
  json_begin_object(w);
  add_artifact(w, file, base);
  add_region(w, r);
  json_end_object(w);
}

static void add_logical(struct json_writer *w, struct str name, struct str qualified,
                        const char *kind)
{
  if (qualified.len == 0)
    return;
  json_begin_object(w);
  if (name.len)
    json_member_string(w, STR("name"), name);
  json_member_string(w, STR("fullyQualifiedName"), qualified);
  add_member(w, STR("kind"), kind);
  json_end_object(w);
}

/* The object, as what a place is within besides a file, and the package. */
static void add_logical_locations(struct json_writer *w, const struct finding *f)
{
  const struct finding_package *p = f->package;
  _cleanup_(buf_free) struct buf name = {0};
  report_subject(&name, &f->subject);
  if (name.len == 0 && !p)
    return;
  json_key(w, STR("logicalLocations"));
  json_begin_array(w);
  add_logical(w, f->subject.name, buf_str(&name), "resource");
  if (p)
    add_logical(w, p->name, p->purl.len ? p->purl : p->name, "module");
  json_end_array(w);
}

static struct region region_of(struct source *source, const struct finding *f)
{
  struct region r = {f->location.line, f->location.column, 0};
  size_t at;
  if (r.column && source_find(source, r.line, r.column, &at)) {
    size_t len = source_token(source, at, f->evidence);
    r.end_column = r.column + (uint32_t)source_columns(source, at, len);
  }
  return r;
}

static void copy_rule(struct rule *to, const struct rule *from, struct arena *arena)
{
  struct str *references = arena_array(arena, struct str, from->reference_count + 1);
  struct control *controls = arena_array(arena, struct control, from->control_count + 1);
  *to = *from;
  to->id = arena_copy(arena, from->id);
  to->title = arena_copy(arena, from->title);
  to->why = arena_copy(arena, from->why);
  to->remedy = arena_copy(arena, from->remedy);
  for (size_t i = 0; i < from->reference_count; i++)
    references[i] = arena_copy(arena, from->references[i]);
  for (size_t i = 0; i < from->control_count; i++)
    controls[i] = (struct control){arena_copy(arena, from->controls[i].framework),
                                   arena_copy(arena, from->controls[i].id)};
  to->references = references;
  to->controls = controls;
}

static const char *tag_of(const struct finding *f)
{
  if (f->package)
    return report_is_license(f) ? "license" : "vulnerability";
  bool container = report_in_image(f) || str_starts(f->rule->id, STR("dockerfile-"));
  return container ? "container" : "kubernetes";
}

static uint64_t rule_index(struct sarif_state *s, const struct finding *f)
{
  bool added;
  union map_value *value = map_put(&s->numbers, f->rule->id, &added);
  if (added) {
    value->number = s->rules.count;
    struct kept_rule kept = {.tag = tag_of(f), .severity = f->rule->severity};
    kept.vulnerability = f->package && !report_is_license(f);
    copy_rule(&kept.rule, f->rule, &s->arena);
    vec_push(&s->rules, kept);
  }
  struct kept_rule *kept = &s->rules.items[value->number];
  if (f->package && f->severity > kept->severity)
    kept->severity = f->severity;
  if (f->package && f->package->cvss_tenths > kept->cvss_tenths)
    kept->cvss_tenths = f->package->cvss_tenths;
  return value->number;
}

static void add_fingerprints(struct json_writer *w, const struct finding *f)
{
  if (!f->fingerprint[0])
    return;
  json_key(w, STR("partialFingerprints"));
  json_begin_object(w);
  json_member_string(w, STR("seawall/v1"), str_from(f->fingerprint));
  /* The one that GitHub goes by; it would hash the line otherwise, and lose track when it moves. */
  json_member_string(w, STR("primaryLocationLineHash"), str_from(f->fingerprint));
  json_end_object(w);
}

/* Either all results of a run have suppressions or none (section 3.27.23). */
static void add_suppressions(struct json_writer *w, const struct finding *f)
{
  json_key(w, STR("suppressions"));
  json_begin_array(w);
  if (f->state == FINDING_EXCEPTED) {
    json_begin_object(w);
    add_member(w, STR("kind"), "external");
    add_member(w, STR("status"), "accepted");
    json_member_string(w, STR("justification"), f->exception_reason);
    json_end_object(w);
  }
  json_end_array(w);
}

static void add_known(struct json_writer *w, struct str key, struct str text)
{
  if (text.len)
    json_member_string(w, key, text);
}

static void add_package_properties(struct json_writer *w, const struct finding_package *p)
{
  json_member_string(w, STR("package"), p->name);
  json_member_string(w, STR("installedVersion"), p->version);
  add_known(w, STR("fixedVersion"), p->fixed);
  add_known(w, STR("status"), p->status);
  add_known(w, STR("source"), p->source);
  add_known(w, STR("ecosystem"), p->ecosystem);
  add_known(w, STR("purl"), p->purl);
  add_known(w, STR("layer"), p->layer);
  add_known(w, STR("license"), p->license);
  add_known(w, STR("cvss"), p->cvss);
  if (p->exploited)
    json_member_string(w, STR("knownExploitedSince"), p->exploited_since);
  if (p->has_epss) {
    json_key(w, STR("epss"));
    json_double(w, p->epss / 1e6);
  }
}

static void add_result_properties(struct json_writer *w, const struct finding *f)
{
  json_key(w, STR("properties"));
  json_begin_object(w);
  json_member_string(w, STR("severity"), severity_name(f->severity));
  if (f->location.pointer.len)
    json_member_string(w, STR("pointer"), f->location.pointer);
  if (finding_remedy(f).len)
    json_member_string(w, STR("remedy"), finding_remedy(f));
  if (!value_is(f->fix, VALUE_ABSENT))
    json_member_value(w, STR("jsonPatch"), f->fix);
  if (f->state == FINDING_EXCEPTED && f->exception_until.len)
    json_member_string(w, STR("exceptedUntil"), f->exception_until);
  if (f->package)
    add_package_properties(w, f->package);
  json_end_object(w);
}

static void result_message(struct buf *text, const struct finding *f)
{
  report_subject(text, &f->subject);
  if (text->len)
    buf_add_text(text, ": ");
  buf_add(text, f->message.len ? f->message : f->rule->title);
}

static void add_result(struct sarif_state *s, struct source *source, const struct finding *f)
{
  struct json_writer *w = &s->w;
  _cleanup_(buf_free) struct buf text = {0};
  result_message(&text, f);
  json_begin_object(w);
  json_member_string(w, STR("ruleId"), f->rule->id);
  json_member_int(w, STR("ruleIndex"), (int64_t)rule_index(s, f));
  add_member(w, STR("level"), severities[f->severity].level);
  add_text_object(w, STR("message"), buf_str(&text));
  json_key(w, STR("locations"));
  json_begin_array(w);
  json_begin_object(w);
  bool inside = report_in_image(f) && !str_eq(f->location.file, f->subject.name);
  add_physical_location(w, f->location.file, inside ? IN_IMAGE : IN_SOURCES, region_of(source, f));
  add_logical_locations(w, f);
  json_end_object(w);
  json_end_array(w);
  add_fingerprints(w, f);
  add_suppressions(w, f);
  add_result_properties(w, f);
  json_end_object(w);
}

static void sarif_file(void *state, struct sink *out, const struct report_options *options,
                       const struct report_file *file)
{
  struct sarif_state *s = state;
  struct source source;
  source_init(&source, file->text);
  for (size_t i = 0; file->findings && i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    if (f->state == FINDING_MENDED || !report_shows(options, f))
      continue;
    add_result(s, &source, f);
    sink_settle(out);
  }
  source_free(&source);
  report_hold(&s->errors, &s->skips, file);
}

/* "PssHostNamespaces" from "pss-host-namespaces": what SARIF asks of a name for people. */
static void add_name(struct json_writer *w, struct str id)
{
  _cleanup_(buf_free) struct buf name = {0};
  bool upper = true;
  for (size_t i = 0; i < id.len; i++) {
    char c = id.data[i];
    if (c == '-' || c == '_' || c == '.' || c == '/' || c == ' ') {
      upper = true;
      continue;
    }
    buf_add_byte(&name, upper && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    upper = false;
  }
  json_member_string(w, STR("name"), buf_str(&name));
}

/* Indented lines are YAML to be copied: in Markdown a block of code. */
static void add_remedy(struct buf *text, struct str remedy, bool markdown)
{
  bool code = false;
  struct str rest = remedy;
  while (rest.data) {
    struct str line = str_cut(rest, '\n', &rest);
    bool indented = line.len && (line.data[0] == ' ' || line.data[0] == '\t');
    if (markdown && indented != code)
      buf_add_text(text, code ? "```\n" : "\n```yaml\n");
    code = indented;
    buf_add(text, line);
    if (rest.data)
      buf_add_byte(text, '\n');
  }
  if (markdown && code)
    buf_add_text(text, "\n```");
}

static void help_text(struct buf *text, const struct rule *rule, bool markdown)
{
  buf_add(text, rule->why);
  if (rule->remedy.len) {
    buf_add_text(text, text->len ? "\n\n" : "");
    buf_add_text(text, markdown ? "**Fix:** " : "Fix: ");
    add_remedy(text, rule->remedy, markdown);
  }
  for (size_t i = 0; i < rule->reference_count; i++) {
    buf_add_text(text, i ? "\n" : "\n\n");
    buf_add_text(text, markdown ? "- <" : "");
    buf_add(text, rule->references[i]);
    buf_add_text(text, markdown ? ">" : "");
  }
  if (text->len == 0)
    buf_add(text, rule->title);
}

static void add_help(struct json_writer *w, const struct rule *rule)
{
  _cleanup_(buf_free) struct buf text = {0}, markdown = {0};
  help_text(&text, rule, false);
  help_text(&markdown, rule, true);
  json_key(w, STR("help"));
  json_begin_object(w);
  json_member_string(w, STR("text"), buf_str(&text));
  json_member_string(w, STR("markdown"), buf_str(&markdown));
  json_end_object(w);
}

/* The score by which code scanning ranks: the CVSS base score, kept within what the severity allows, so that a
 * vulnerability is not critical there which the distribution has rated low. */
static void add_score(struct json_writer *w, const struct kept_rule *kept)
{
  _cleanup_(buf_free) struct buf text = {0};
  uint32_t tenths = kept->cvss_tenths, least = severities[kept->severity].least,
           most = severities[kept->severity].most;
  if (kept->severity == SEVERITY_UNKNOWN)
    return;
  tenths = !tenths          ? severities[kept->severity].score
           : tenths < least ? least
           : tenths > most  ? most
                            : tenths;
  buf_printf(&text, "%u.%u", tenths / 10, tenths % 10);
  json_member_string(w, STR("security-severity"), buf_str(&text));
}

static void add_rule_properties(struct json_writer *w, const struct kept_rule *kept)
{
  const struct rule *rule = &kept->rule;
  json_key(w, STR("properties"));
  json_begin_object(w);
  json_key(w, STR("tags"));
  json_begin_array(w);
  json_string(w, STR("security"));
  json_string(w, str_from(kept->tag));
  for (size_t i = 0; i < rule->control_count; i++) {
    _cleanup_(buf_free) struct buf tag = {0};
    buf_add(&tag, rule->controls[i].framework);
    buf_add_byte(&tag, '/');
    buf_add(&tag, rule->controls[i].id);
    json_string(w, buf_str(&tag));
  }
  json_end_array(w);
  add_member(w, STR("precision"), "very-high");
  add_member(w, STR("problem.severity"), severities[kept->severity].problem);
  add_score(w, kept);
  json_end_object(w);
}

static void add_rule(struct json_writer *w, const struct kept_rule *kept)
{
  const struct rule *rule = &kept->rule;
  _cleanup_(buf_free) struct buf url = {0};
  json_begin_object(w);
  json_member_string(w, STR("id"), rule->id);
  if (kept->vulnerability)
    add_member(w, STR("name"), "VulnerablePackage");
  else
    add_name(w, rule->id);
  add_text_object(w, STR("shortDescription"), rule->title.len ? rule->title : rule->id);
  add_text_object(w, STR("fullDescription"), rule->why.len ? rule->why : rule->title);
  add_help(w, rule);
  if (report_rule_url(&url, rule, kept->vulnerability))
    json_member_string(w, STR("helpUri"), buf_str(&url));
  json_key(w, STR("defaultConfiguration"));
  json_begin_object(w);
  add_member(w, STR("level"), severities[kept->severity].level);
  json_end_object(w);
  add_rule_properties(w, kept);
  json_end_object(w);
}

static void add_tool(struct sarif_state *s, struct sink *out, const struct report_options *options)
{
  struct json_writer *w = &s->w;
  json_key(w, STR("tool"));
  json_begin_object(w);
  json_key(w, STR("driver"));
  json_begin_object(w);
  add_member(w, STR("name"), "seawall");
  if (options->tool_version.len)
    json_member_string(w, STR("version"), options->tool_version);
  add_member(w, STR("informationUri"), "https://seawall.dev");
  json_key(w, STR("rules"));
  json_begin_array(w);
  for (size_t i = 0; i < s->rules.count; i++) {
    add_rule(w, &s->rules.items[i]);
    sink_settle(out);
  }
  json_end_array(w);
  json_end_object(w);
  json_end_object(w);
}

static void add_notifications(struct json_writer *w, struct sink *out, const char *level,
                              const struct held *held)
{
  struct held_reader it = held_read(held);
  struct held_record r;
  while (held_next(&it, &r)) {
    json_begin_object(w);
    add_member(w, STR("level"), level);
    add_text_object(w, STR("message"), r.text);
    if (r.file.len) {
      json_key(w, STR("locations"));
      json_begin_array(w);
      json_begin_object(w);
      add_physical_location(w, r.file, IN_SOURCES, (struct region){r.line, r.column, 0});
      json_end_object(w);
      json_end_array(w);
    }
    json_end_object(w);
    sink_settle(out);
  }
  held_read_end(&it);
}

static void add_invocation(struct sarif_state *s, struct sink *out,
                           const struct report_options *options,
                           const struct report_summary *summary)
{
  struct json_writer *w = &s->w;
  json_key(w, STR("invocations"));
  json_begin_array(w);
  json_begin_object(w);
  json_member_bool(w, STR("executionSuccessful"), summary->errors == 0);
  if (options->started.len)
    json_member_string(w, STR("startTimeUtc"), options->started);
  json_key(w, STR("toolExecutionNotifications"));
  json_begin_array(w);
  add_notifications(w, out, "error", &s->errors);
  add_notifications(w, out, "note", &s->skips);
  json_end_array(w);
  json_end_object(w);
  json_end_array(w);
}

static void sarif_end(void *state, struct sink *out, const struct report_options *options,
                      const struct report_summary *summary)
{
  struct sarif_state *s = state;
  struct json_writer *w = &s->w;
  json_end_array(w);
  add_tool(s, out, options);
  add_invocation(s, out, options, summary);
  json_key(w, STR("properties"));
  json_begin_object(w);
  json_member_string(w, STR("target"), options->target);
  json_member_string(w, STR("policy"), options->policy);
  json_end_object(w);
  json_end_object(w);
  json_end_array(w);
  json_end_object(w);
  sink_add(out, STR("\n"));
}

static void sarif_release(void *state)
{
  struct sarif_state *s = state;
  held_free(&s->errors);
  held_free(&s->skips);
  vec_free(&s->rules);
  map_free(&s->numbers);
  arena_free(&s->arena);
}

const struct report_format report_format_sarif = {
    .name = "sarif",
    .description = "SARIF 2.1.0, for code scanning",
    .size = sizeof(struct sarif_state),
    .begin = sarif_begin,
    .file = sarif_file,
    .end = sarif_end,
    .release = sarif_release,
};
