/* Verbs "policy list" and "policy explain": the rules of the library, and one of them in full. */
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_table.h"
#include "cmd/rule_options.h"
#include "data/json_write.h"
#include "report/text.h"

#include <unistd.h>

static const char *const severity_values[] = {"info", "low", "medium", "high", "critical", NULL};
static const char *const format_values[] = {"table", "json", "markdown", NULL};

static const struct option list_options[] = {
    {.name = "severity",
     .argument = "SEVERITY",
     .help = "rules from this severity up (default: all)",
     .values = severity_values},
    {.name = "framework",
     .argument = "NAME",
     .help = "rules that serve this framework; may be repeated",
     .values = rule_framework_values,
     .repeatable = true},
    {.name = "rules",
     .argument = "PATH",
     .help = "rules of your own as well: Rego files, or a folder of them; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "no-builtin-rules", .help = "leave out the rule library (Pod Security stays)"},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "table (default), json or markdown",
     .values = format_values},
    {0},
};

static const struct option explain_options[] = {
    {.name = "rules",
     .argument = "PATH",
     .help = "rules of your own as well: Rego files, or a folder of them; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {0},
};

/* What both verbs need. */
struct view {
  struct rule_options options;
  struct rule_library *library;
  struct buf out;
  bool unicode;
};

static int open_view(struct view *v, const struct arguments *args, struct error *err)
{
  static const struct config no_config = {0};
  rule_options_read(&v->options, args, &no_config);
  v->options.library.target.level = PODSECURITY_PRIVILEGED; /* no check takes a rule's word */
  v->unicode = console_unicode();
  return rule_library_new(&v->options.library, &v->library, err);
}

static int close_view(struct view *v, int rc, struct error *err)
{
  if (rc == 0)
    rc = fd_write_all(STDOUT_FILENO, v->out.data, v->out.len, err);
  if (rc < 0)
    console_error(err);
  rule_library_free(v->library);
  rule_options_free(&v->options);
  buf_free(&v->out);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

/* "nsa, pss-baseline": each framework once, in the order of the rule's controls. */
static void add_frameworks(struct buf *out, const struct rule *rule)
{
  bool first = true;
  for (size_t i = 0; i < rule->control_count; i++) {
    size_t k = 0;
    while (!str_eq(rule->controls[k].framework, rule->controls[i].framework))
      k++;
    if (k < i)
      continue;
    buf_add_text(out, first ? "" : ", ");
    buf_add(out, rule->controls[i].framework);
    first = false;
  }
}

/* ---- policy list */

struct chosen {
  VEC(size_t) rules;
};

static void choose(const struct view *v, enum severity from, struct chosen *chosen)
{
  for (size_t i = 0; i < rule_library_count(v->library); i++)
    if (rule_library_active(v->library, i) && rule_library_rule(v->library, i)->severity >= from)
      vec_push(&chosen->rules, i);
}

static void write_table(struct view *v, const struct chosen *chosen)
{
  struct policy_table table;
  policy_table_init(&table, 4);
  policy_table_head(&table, 0, "rule", false);
  policy_table_head(&table, 1, "severity", false);
  policy_table_head(&table, 2, "title", false);
  policy_table_head(&table, 3, "frameworks", false);
  for (size_t i = 0; i < chosen->rules.count; i++) {
    const struct rule *r = rule_library_rule(v->library, chosen->rules.items[i]);
    _cleanup_(buf_free) struct buf frameworks = {0};
    add_frameworks(&frameworks, r);
    policy_table_cell(&table, r->id);
    policy_table_cell(&table, severity_name(r->severity));
    policy_table_cell(&table, r->title);
    policy_table_cell(&table, buf_str(&frameworks));
  }
  policy_table_write(&table, &v->out, console_width(STDOUT_FILENO), console_color(STDOUT_FILENO),
                     v->unicode);
  policy_table_free(&table);
  buf_printf(&v->out, "\n%zu rules\n", chosen->rules.count);
}

static void write_markdown(struct view *v, const struct chosen *chosen)
{
  buf_add_text(&v->out, "| rule | severity | what it finds | frameworks |\n|---|---|---|---|\n");
  for (size_t i = 0; i < chosen->rules.count; i++) {
    const struct rule *r = rule_library_rule(v->library, chosen->rules.items[i]);
    buf_printf(&v->out, "| `%.*s` | %.*s | %.*s | ", STR_FMT(r->id),
               STR_FMT(severity_name(r->severity)), STR_FMT(r->title));
    add_frameworks(&v->out, r);
    buf_add_text(&v->out, " |\n");
  }
}

static void write_strings(struct json_writer *w, struct str key, const struct str *list,
                          size_t count)
{
  json_key(w, key);
  json_begin_array(w);
  for (size_t i = 0; i < count; i++)
    json_string(w, list[i]);
  json_end_array(w);
}

static void write_json_kinds(struct json_writer *w, const struct library_rule *d)
{
  json_key(w, STR("kinds"));
  json_begin_array(w);
  if (d->every_kind)
    json_string(w, STR("*"));
  if (d->workload)
    json_string(w, STR("workload"));
  for (size_t i = 0; i < d->kind_count; i++) {
    _cleanup_(buf_free) struct buf text = {0};
    buf_add(&text, d->kinds[i].group);
    buf_add_text(&text, d->kinds[i].group.len ? "/" : "");
    buf_add(&text, d->kinds[i].kind);
    json_string(w, buf_str(&text));
  }
  json_end_array(w);
}

static void write_json_details(struct json_writer *w, const struct library_rule *d)
{
  write_json_kinds(w, d);
  json_member_string(w, STR("scope"), d->is_set ? STR("set") : STR("object"));
  write_strings(w, STR("parameters"), d->parameters, d->parameter_count);
  json_key(w, STR("aliases"));
  json_begin_array(w);
  for (size_t i = 0; i < d->alias_count; i++) {
    json_begin_object(w);
    json_member_string(w, STR("tool"), d->aliases[i].tool);
    json_member_string(w, STR("id"), d->aliases[i].id);
    json_end_object(w);
  }
  json_end_array(w);
}

static void write_json_rule(struct json_writer *w, const struct rule *r,
                            const struct library_rule *d)
{
  json_begin_object(w);
  json_member_string(w, STR("id"), r->id);
  json_member_string(w, STR("severity"), severity_name(r->severity));
  json_member_string(w, STR("title"), r->title);
  json_member_string(w, STR("why"), r->why);
  json_member_string(w, STR("remedy"), r->remedy);
  write_strings(w, STR("references"), r->references, r->reference_count);
  json_key(w, STR("controls"));
  json_begin_array(w);
  for (size_t i = 0; i < r->control_count; i++) {
    json_begin_object(w);
    json_member_string(w, STR("framework"), r->controls[i].framework);
    json_member_string(w, STR("id"), r->controls[i].id);
    json_end_object(w);
  }
  json_end_array(w);
  if (d)
    write_json_details(w, d);
  json_end_object(w);
}

static void write_json(struct view *v, const struct chosen *chosen)
{
  struct json_writer w = json_writer_start(&v->out, 2);
  json_begin_array(&w);
  for (size_t i = 0; i < chosen->rules.count; i++) {
    size_t number = chosen->rules.items[i];
    write_json_rule(&w, rule_library_rule(v->library, number),
                    rule_library_details(v->library, number));
  }
  json_end_array(&w);
  buf_add_byte(&v->out, '\n');
}

static int list(struct view *v, const struct arguments *args, struct error *err)
{
  const char *severity = arguments_value(args, "severity");
  const char *format = arguments_value(args, "format");
  enum severity from = SEVERITY_UNKNOWN;
  if (severity && !severity_from_name(str_from(severity), &from))
    return error_set(err, SW_EUSAGE,
                     "--severity \"%s\" is not one of info, low, medium, high, "
                     "critical",
                     severity);
  int rc = open_view(v, args, err);
  if (rc < 0)
    return rc;
  struct chosen chosen = {0};
  choose(v, from, &chosen);
  if (format && strcmp(format, "json") == 0)
    write_json(v, &chosen);
  else if (format && strcmp(format, "markdown") == 0)
    write_markdown(v, &chosen);
  else
    write_table(v, &chosen);
  vec_free(&chosen.rules);
  return 0;
}

static int list_run(const struct arguments *args)
{
  struct view v = {0};
  struct error err;
  return close_view(&v, list(&v, args, &err), &err);
}

const struct verb verb_policy_list = {
    .name = "policy list",
    .summary = "list the rules that scans ask",
    .details =
        "Lists the rule library, the rules of the Pod Security Standards, and, with --rules,\n"
        "your own: id, severity, what each finds, and the frameworks that it serves.\n",
    .example = "  seawall policy list --severity high\n"
               "  seawall policy list --framework nsa --format json\n",
    .options = list_options,
    .run = list_run,
};

/* ---- policy explain */

/* A paragraph under a heading, wrapped. */
static void add_part(struct view *v, const char *heading, struct str text)
{
  unsigned width = console_width(STDOUT_FILENO);
  if (!text.len)
    return;
  buf_printf(&v->out, "\n%s\n  ", heading);
  text_add_wrapped(&v->out, text, 2, width, v->unicode);
  buf_add_byte(&v->out, '\n');
}

/* YAML as it stands, indented. */
static void add_example(struct view *v, struct str text)
{
  if (!text.len)
    return;
  buf_add_text(&v->out, "\nAs it should be\n");
  for (struct str rest = text; rest.data;) {
    struct str line = str_cut(rest, '\n', &rest);
    buf_add_text(&v->out, "    ");
    text_add_visible(&v->out, line, v->unicode);
    buf_add_byte(&v->out, '\n');
  }
}

static void add_list(struct view *v, const char *heading, const struct str *list, size_t count)
{
  if (!count)
    return;
  buf_printf(&v->out, "\n%s\n", heading);
  for (size_t i = 0; i < count; i++)
    buf_printf(&v->out, "  %.*s\n", STR_FMT(list[i]));
}

static void add_controls(struct view *v, const struct rule *r)
{
  if (!r->control_count)
    return;
  buf_add_text(&v->out, "\nControls\n");
  for (size_t i = 0; i < r->control_count; i++) {
    const struct control *c = &r->controls[i];
    const struct framework *f = framework_find(rule_image_builtin.frameworks,
                                               rule_image_builtin.framework_count, c->framework);
    const struct framework_control *control = f ? framework_control(f, c->id) : NULL;
    buf_printf(&v->out, "  %.*s %.*s", STR_FMT(c->framework), STR_FMT(c->id));
    if (control && !str_eq(control->title, c->id))
      buf_printf(&v->out, ": %.*s", STR_FMT(control->title));
    buf_add_byte(&v->out, '\n');
  }
}

static void add_parameters(struct view *v, const struct library_rule *d)
{
  const struct rule_image *image = &rule_image_builtin;
  if (!d->parameter_count)
    return;
  buf_add_text(&v->out, "\nParameters (rules.parameters in .seawall.yaml)\n");
  for (size_t i = 0; i < d->parameter_count; i++)
    for (size_t p = 0; p < image->parameter_count; p++)
      if (str_eq(image->parameters[p].name, d->parameters[i]))
        buf_printf(&v->out, "  %.*s: %.*s, %.*s; default %.*s\n",
                   STR_FMT(image->parameters[p].name), STR_FMT(image->parameters[p].title),
                   STR_FMT(rule_parameter_type_name(image->parameters[p].type)),
                   STR_FMT(image->parameters[p].otherwise));
}

static void add_details(struct view *v, const struct library_rule *d)
{
  buf_add_text(&v->out, "\nLooks at\n  ");
  buf_add_text(&v->out, d->every_kind ? "every object" : d->workload ? "workloads" : "");
  for (size_t i = 0; i < d->kind_count; i++)
    buf_printf(&v->out, "%s%.*s", i || d->workload ? ", " : "", STR_FMT(d->kinds[i].kind));
  if (d->is_set)
    buf_add_text(&v->out, ", together with the other objects of the scan");
  buf_add_byte(&v->out, '\n');
  add_parameters(v, d);
  if (!d->alias_count)
    return;
  buf_add_text(&v->out, "\nElsewhere\n");
  for (size_t i = 0; i < d->alias_count; i++)
    buf_printf(&v->out, "  %.*s: %.*s\n", STR_FMT(d->aliases[i].tool), STR_FMT(d->aliases[i].id));
}

static void explain_rule(struct view *v, size_t number)
{
  const struct rule *r = rule_library_rule(v->library, number);
  const struct library_rule *d = rule_library_details(v->library, number);
  buf_printf(&v->out, "%.*s  (%.*s)\n%.*s\n", STR_FMT(r->id), STR_FMT(severity_name(r->severity)),
             STR_FMT(r->title));
  add_part(v, "Why it matters", r->why);
  add_part(v, "What to do", r->remedy);
  add_example(v, d ? d->example : STR_EMPTY);
  if (d)
    add_details(v, d);
  add_controls(v, r);
  add_list(v, "Read more", r->references, r->reference_count);
}

static int find_rule(const struct view *v, struct str id, size_t *ret, struct error *err)
{
  char name[128] = "";
  struct suggestion s = {.word = id};
  size_t count = rule_library_count(v->library);
  for (size_t i = 0; i < count; i++)
    if (str_eq(rule_library_rule(v->library, i)->id, id)) {
      *ret = i;
      return 0;
    }
  for (size_t i = 0; i < count; i++) {
    char candidate[128];
    snprintf(candidate, sizeof candidate, "%.*s", STR_FMT(rule_library_rule(v->library, i)->id));
    unsigned before = s.distance;
    const char *best = s.best;
    suggestion_consider(&s, candidate);
    if (s.best != best || s.distance != before)
      memcpy(name, candidate, sizeof name);
  }
  if (s.best)
    return error_set(err, SW_EUSAGE, "there is no rule \"%.*s\"; did you mean \"%s\"?", STR_FMT(id),
                     name);
  return error_set(err, SW_EUSAGE, "there is no rule \"%.*s\"; \"seawall policy list\" shows all",
                   STR_FMT(id));
}

static int explain(struct view *v, const struct arguments *args, struct error *err)
{
  if (args->operands.count == 0)
    return error_set(err, SW_EUSAGE, "name a rule; \"seawall policy list\" shows all");
  int rc = open_view(v, args, err);
  for (size_t i = 0; rc == 0 && i < args->operands.count; i++) {
    size_t number = 0;
    rc = find_rule(v, str_from(args->operands.items[i]), &number, err);
    if (rc < 0)
      return rc;
    if (i)
      buf_add_text(&v->out, "\n----\n\n");
    explain_rule(v, number);
  }
  return rc;
}

static int explain_run(const struct arguments *args)
{
  struct view v = {0};
  struct error err;
  return close_view(&v, explain(&v, args, &err), &err);
}

const struct verb verb_policy_explain = {
    .name = "policy explain",
    .operand = "RULE...",
    .summary = "say what a rule finds, why it matters and what to do",
    .details =
        "Shows everything there is to know of a rule: why it matters, the remedy, an example of\n"
        "how it should be, what it looks at, its parameters, the controls it serves, what the\n"
        "check is called elsewhere, and where to read more.\n",
    .example = "  seawall policy explain run-as-root\n",
    .options = explain_options,
    .run = explain_run,
};
