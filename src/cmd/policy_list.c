/* Verb "policy list": the rules of the program. */
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_table.h"
#include "cmd/rule_list.h"
#include "data/glob.h"
#include "data/json_write.h"

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
     .help = "rules that serve this framework, and which controls; may be repeated",
     .values = rule_list_framework_values,
     .repeatable = true},
    {.name = "subject",
     .argument = "SUBJECT",
     .help = "rules that judge this; may be repeated (secret: each rule for secrets)",
     .values = rule_subject_values,
     .repeatable = true},
    {.name = "rules",
     .argument = "PATH",
     .help = "rules of your own as well: Rego files, or a folder of them; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "no-builtin-rules", .help = "Pod Security's rules and yours alone"},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "table (default), json or markdown",
     .values = format_values},
    {0},
};

/* What is shown. */
struct view {
  const struct arguments *args;
  struct rule_list list;
  enum severity from;
  VEC(const struct listed_rule *) chosen;
  size_t members; /* that their family stands for in what is shown */
  struct buf out;
};

/* ---- which */

static bool has_subject(const struct view *v, const struct listed_rule *r)
{
  bool any = false;
  for (size_t i = 0; i < v->args->list.count; i++) {
    const struct argument *a = &v->args->list.items[i];
    if (strcmp(a->option->name, "subject") != 0)
      continue;
    any = true;
    if (strcmp(a->value, r->subject) == 0)
      return true;
  }
  return !any;
}

static bool has_name(const struct view *v, const struct listed_rule *r)
{
  size_t count = v->args->operands.count;
  for (size_t i = 0; i < count; i++)
    if (glob_match_name(str_from(v->args->operands.items[i]), r->rule->id))
      return true;
  return !count;
}

/* Members of a family are shown to who asks for their subject or their names, and then without the family. */
static bool is_unfolded(const struct view *v)
{
  return arguments_value(v->args, "subject") || v->args->operands.count;
}

static size_t count_members(const struct view *v, const struct rule *family)
{
  size_t count = 0;
  for (size_t i = 0; i < v->list.rules.count; i++)
    count += v->list.rules.items[i].family == family;
  return count;
}

static void choose(struct view *v)
{
  for (size_t i = 0; i < v->list.rules.count; i++) {
    const struct listed_rule *r = &v->list.rules.items[i];
    /* A family's severities are those of its members. */
    if (!has_subject(v, r) || !has_name(v, r) || !rule_list_serves(&v->list, r) ||
        (r->rule->severity < v->from && !r->stands_for_others) || (r->family && !is_unfolded(v)))
      continue;
    size_t members = r->stands_for_others ? count_members(v, r->rule) : 0;
    if (members && arguments_value(v->args, "subject"))
      continue;
    v->members += members;
    vec_push(&v->chosen, r);
  }
}

static int check_names(const struct view *v, struct error *err)
{
  for (size_t n = 0; n < v->args->operands.count; n++) {
    const char *name = v->args->operands.items[n];
    size_t i = 0;
    while (i < v->list.rules.count &&
           !glob_match_name(str_from(name), v->list.rules.items[i].rule->id))
      i++;
    if (i == v->list.rules.count)
      return error_set(err, SW_EUSAGE, "there is no rule \"%s\"; \"seawall policy list\" shows all",
                       name);
  }
  return 0;
}

/* ---- how */

static bool is_chosen_framework(const struct view *v, struct str framework)
{
  const struct rule_options *o = &v->list.options;
  for (size_t i = 0; i < o->frameworks.count; i++)
    if (str_eq(o->frameworks.items[i], framework))
      return true;
  return false;
}

/* "4.9, 4.11", or with several frameworks "cis-docker 4.9, mitre T1552". */
static void add_controls(const struct view *v, struct buf *out, const struct rule *rule)
{
  bool first = true;
  for (size_t i = 0; i < rule->control_count; i++) {
    const struct control *c = &rule->controls[i];
    if (!is_chosen_framework(v, c->framework))
      continue;
    buf_add_text(out, first ? "" : ", ");
    if (v->list.options.frameworks.count > 1)
      buf_printf(out, "%.*s ", STR_FMT(c->framework));
    buf_add(out, c->id);
    first = false;
  }
}

/* "nsa, pss-baseline": each framework once, in the order of the rule's controls. */
static void add_frameworks(struct buf *out, const struct rule *rule)
{
  bool first = true;
  for (size_t i = 0; i < rule->control_count; i++) {
    size_t k = 0;
    while (!str_eq(rule->controls[k].framework, rule->controls[i].framework))
      k++;
    if (k < i || !rule_list_framework(&rule->controls[i]))
      continue;
    buf_add_text(out, first ? "" : ", ");
    buf_add(out, rule->controls[i].framework);
    first = false;
  }
}

/* Who asks for a framework knows its name, and wants to know which of its controls. */
static void add_served(const struct view *v, struct buf *out, const struct listed_rule *r)
{
  if (v->list.options.frameworks.count)
    add_controls(v, out, rule_list_controls(r));
  else
    add_frameworks(out, rule_list_controls(r));
}

static const char *served_head(const struct view *v)
{
  return v->list.options.frameworks.count ? "controls" : "frameworks";
}

static struct str severity_text(const struct listed_rule *r)
{
  return r->stands_for_others ? STR("varies") : severity_name(r->rule->severity);
}

static void write_table(struct view *v)
{
  struct policy_table table;
  policy_table_init(&table, 5);
  policy_table_head(&table, 0, "rule", false);
  policy_table_head(&table, 1, "subject", false);
  policy_table_head(&table, 2, "severity", false);
  policy_table_head(&table, 3, "title", false);
  policy_table_head(&table, 4, served_head(v), false);
  for (size_t i = 0; i < v->chosen.count; i++) {
    const struct listed_rule *r = v->chosen.items[i];
    _cleanup_(buf_free) struct buf served = {0};
    add_served(v, &served, r);
    policy_table_cell(&table, r->rule->id);
    policy_table_cell(&table, str_from(r->subject));
    policy_table_cell(&table, severity_text(r));
    policy_table_cell(&table, r->rule->title);
    policy_table_cell(&table, buf_str(&served));
  }
  policy_table_write(&table, &v->out, console_width(STDOUT_FILENO), console_color(STDOUT_FILENO),
                     console_unicode());
  policy_table_free(&table);
  buf_printf(&v->out, "\n%zu %s", v->chosen.count, v->chosen.count == 1 ? "rule" : "rules");
  if (v->members)
    buf_printf(&v->out, "; \"secret\" stands for %zu, which --subject secret lists", v->members);
  buf_add_byte(&v->out, '\n');
}

static void write_markdown(struct view *v)
{
  buf_printf(&v->out, "| rule | subject | severity | what it finds | %s |\n|---|---|---|---|---|\n",
             served_head(v));
  for (size_t i = 0; i < v->chosen.count; i++) {
    const struct listed_rule *r = v->chosen.items[i];
    buf_printf(&v->out, "| `%.*s` | %s | %.*s | %.*s | ", STR_FMT(r->rule->id), r->subject,
               STR_FMT(severity_text(r)), STR_FMT(r->rule->title));
    add_served(v, &v->out, r);
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
}

static void write_json_alias(struct json_writer *w, struct str tool, struct str id)
{
  json_begin_object(w);
  json_member_string(w, STR("tool"), tool);
  json_member_string(w, STR("id"), id);
  json_end_object(w);
}

/* What the check is called elsewhere: by metadata, or as a control of what is no framework but a tool. */
static void write_json_aliases(struct json_writer *w, const struct listed_rule *r)
{
  const struct rule *rule = rule_list_controls(r);
  json_key(w, STR("aliases"));
  json_begin_array(w);
  for (size_t i = 0; r->details && i < r->details->alias_count; i++)
    write_json_alias(w, r->details->aliases[i].tool, r->details->aliases[i].id);
  for (size_t i = 0; i < rule->control_count; i++)
    if (!rule_list_framework(&rule->controls[i]))
      write_json_alias(w, rule->controls[i].framework, rule->controls[i].id);
  json_end_array(w);
}

static void write_json_controls(struct json_writer *w, const struct listed_rule *r)
{
  const struct rule *rule = rule_list_controls(r);
  json_key(w, STR("controls"));
  json_begin_array(w);
  for (size_t i = 0; i < rule->control_count; i++) {
    if (!rule_list_framework(&rule->controls[i]))
      continue;
    json_begin_object(w);
    json_member_string(w, STR("framework"), rule->controls[i].framework);
    json_member_string(w, STR("id"), rule->controls[i].id);
    json_end_object(w);
  }
  json_end_array(w);
}

static void write_json_rule(struct json_writer *w, const struct view *v,
                            const struct listed_rule *l)
{
  const struct rule *r = l->rule;
  json_begin_object(w);
  json_member_string(w, STR("id"), r->id);
  json_member_string(w, STR("subject"), str_from(l->subject));
  json_member_string(w, STR("severity"), severity_name(r->severity));
  json_member_string(w, STR("title"), r->title);
  json_member_string(w, STR("why"), r->why);
  json_member_string(w, STR("remedy"), r->remedy);
  write_strings(w, STR("references"), r->references, r->reference_count);
  write_json_controls(w, l);
  if (l->details)
    write_json_details(w, l->details);
  write_json_aliases(w, l);
  size_t members = l->stands_for_others ? count_members(v, r) : 0;
  if (members)
    json_member_int(w, STR("members"), (int64_t)members);
  json_end_object(w);
}

static void write_json(struct view *v)
{
  struct json_writer w = json_writer_start(&v->out, 2);
  json_begin_array(&w);
  for (size_t i = 0; i < v->chosen.count; i++)
    write_json_rule(&w, v, v->chosen.items[i]);
  json_end_array(&w);
  buf_add_byte(&v->out, '\n');
}

/* ---- the verb */

static int list(struct view *v, struct error *err)
{
  const char *severity = arguments_value(v->args, "severity");
  const char *format = arguments_value(v->args, "format");
  if (severity && !severity_from_name(str_from(severity), &v->from))
    return error_set(err, SW_EUSAGE,
                     "--severity \"%s\" is not one of info, low, medium, high, "
                     "critical",
                     severity);
  int rc = rule_list_open(&v->list, v->args, err);
  if (rc == 0)
    rc = check_names(v, err);
  if (rc < 0)
    return rc;
  choose(v);
  if (format && strcmp(format, "json") == 0)
    write_json(v);
  else if (format && strcmp(format, "markdown") == 0)
    write_markdown(v);
  else
    write_table(v);
  return fd_write_all(STDOUT_FILENO, v->out.data, v->out.len, err);
}

static int list_run(const struct arguments *args)
{
  struct view v = {.args = args, .from = SEVERITY_UNKNOWN};
  struct error err;
  int rc = list(&v, &err);
  if (rc < 0)
    console_error(&err);
  rule_list_close(&v.list);
  vec_free(&v.chosen);
  buf_free(&v.out);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_policy_list = {
    .name = "policy list",
    .operand = "[PATTERN...]",
    .summary = "list the rules that scans ask",
    .details =
        "Lists all rules with what they judge (manifests, Dockerfiles, images, packages, secrets),\n"
        "severity, what each finds, and the frameworks that it serves; with --framework, which\n"
        "controls. --rules adds your own. PATTERN is an id, or a part of one with \"*\" and \"?\".\n"
        "\"vulnerability\" stands for the rules of all advisories, which come from the database, and\n"
        "\"secret\" for some hundreds, which --subject secret lists.\n",
    .example = "  seawall policy list --severity high\n"
               "  seawall policy list --framework cis-docker --format json\n"
               "  seawall policy list 'image-*'\n",
    .options = list_options,
    .run = list_run,
};
