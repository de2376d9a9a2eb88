/* Verb "policy explain": all there is to know of a rule. */
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/rule_list.h"
#include "report/text.h"
#include "scan/secret/rule_image.h"

#include <unistd.h>

static const struct option explain_options[] = {
    {.name = "rules",
     .argument = "PATH",
     .help = "rules of your own as well: Rego files, or a folder of them; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {0},
};

struct view {
  struct rule_list list;
  struct buf out;
  bool unicode;
};

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
  bool any = false;
  for (size_t i = 0; i < r->control_count; i++) {
    const struct control *c = &r->controls[i];
    const struct framework *f = rule_list_framework(c);
    if (!f)
      continue;
    if (!any)
      buf_add_text(&v->out, "\nControls\n");
    any = true;
    const struct framework_control *control = framework_control(f, c->id);
    buf_printf(&v->out, "  %.*s %.*s", STR_FMT(c->framework), STR_FMT(c->id));
    if (control && !str_eq(control->title, c->id))
      buf_printf(&v->out, ": %.*s", STR_FMT(control->title));
    buf_add_byte(&v->out, '\n');
  }
}

/* What the check is called elsewhere: controls of what is no framework but a tool. */
static void add_tools(struct view *v, const struct rule *r)
{
  bool any = false;
  for (size_t i = 0; i < r->control_count; i++) {
    const struct control *c = &r->controls[i];
    if (rule_list_framework(c))
      continue;
    buf_printf(&v->out, "%s  %.*s: %.*s\n", any ? "" : "\nElsewhere\n", STR_FMT(c->framework),
               STR_FMT(c->id));
    any = true;
  }
}

static void add_subject(struct view *v, const struct listed_rule *r)
{
  static const struct {
    const char *subject, *text;
  } rows[] = {
      {"dockerfile", "Dockerfiles"},
      {"image", "images: configuration, history, files and accounts; of root file systems and "
                "machines what they have of it"},
      {"package", "packages of images, root file systems, machines and bills of materials"},
      {"secret", "files of every layer, environment, labels and history of an image"},
      {"exception", "exceptions of .seawall.yaml and .trivyignore"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].subject, r->subject) == 0)
      add_part(v, "Looks at", str_from(rows[i].text));
  if (r->rule == &scan_rule_vulnerability)
    add_part(v, "Stands for",
             STR("every advisory of the database: what is found has the "
                 "advisory's id, severity and references"));
  if (r->rule == &scan_rule_secret)
    buf_printf(&v->out,
               "\nStands for\n  %zu rules, which \"seawall policy list --subject secret\" lists\n",
               secret_rule_image.count);
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

static void explain_rule(struct view *v, const struct listed_rule *l)
{
  const struct rule *r = l->rule, *controls = rule_list_controls(l);
  const struct library_rule *d = l->details;
  buf_printf(&v->out, "%.*s  (%.*s)\n%.*s\n", STR_FMT(r->id),
             STR_FMT(l->stands_for_others ? STR("severity varies") : severity_name(r->severity)),
             STR_FMT(r->title));
  add_part(v, "Why it matters", r->why);
  add_part(v, "What to do", r->remedy);
  add_example(v, d ? d->example : STR_EMPTY);
  if (d)
    add_details(v, d);
  add_subject(v, l);
  add_tools(v, controls);
  add_controls(v, controls);
  add_list(v, "Read more", r->references, r->reference_count);
}

static int unknown_rule(const struct view *v, struct str id, struct error *err)
{
  char name[128] = "";
  struct suggestion s = {.word = id};
  if (scan_rule_is_advisory(id))
    return error_set(
        err, SW_EUSAGE,
        "\"%.*s\" is the rule of an advisory, which scans tell; \"seawall policy explain "
        "vulnerability\" says what these rules have in common",
        STR_FMT(id));
  for (size_t i = 0; i < v->list.rules.count; i++) {
    char candidate[128];
    snprintf(candidate, sizeof candidate, "%.*s", STR_FMT(v->list.rules.items[i].rule->id));
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

static const struct listed_rule *find_rule(const struct view *v, struct str id)
{
  for (size_t i = 0; i < v->list.rules.count; i++)
    if (str_eq(v->list.rules.items[i].rule->id, id))
      return &v->list.rules.items[i];
  return NULL;
}

static int explain(struct view *v, const struct arguments *args, struct error *err)
{
  if (args->operands.count == 0)
    return error_set(err, SW_EUSAGE, "name a rule; \"seawall policy list\" shows all");
  int rc = rule_list_open(&v->list, args, err);
  for (size_t i = 0; rc == 0 && i < args->operands.count; i++) {
    struct str id = str_from(args->operands.items[i]);
    const struct listed_rule *rule = find_rule(v, id);
    if (!rule)
      return unknown_rule(v, id, err);
    if (i)
      buf_add_text(&v->out, "\n----\n\n");
    explain_rule(v, rule);
  }
  return rc < 0 ? rc : fd_write_all(STDOUT_FILENO, v->out.data, v->out.len, err);
}

static int explain_run(const struct arguments *args)
{
  struct view v = {.unicode = console_unicode()};
  struct error err;
  int rc = explain(&v, args, &err);
  if (rc < 0)
    console_error(&err);
  rule_list_close(&v.list);
  buf_free(&v.out);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_policy_explain = {
    .name = "policy explain",
    .operand = "RULE...",
    .summary = "say what a rule finds, why it matters and what to do",
    .details =
        "Shows everything there is to know of a rule: why it matters, the remedy, an example of\n"
        "how it should be, what it looks at, its parameters, the controls it serves, what the\n"
        "check is called elsewhere, and where to read more.\n",
    .example = "  seawall policy explain run-as-root\n"
               "  seawall policy explain image-setuid\n",
    .options = explain_options,
    .run = explain_run,
};
