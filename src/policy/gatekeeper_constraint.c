/* Constraints: held against their schema, with defaults, and what they ask to be done. */
#include "data/copy.h"
#include "data/json.h"
#include "policy/gatekeeper_int.h"

/* The schema of spec, as that of the CRD which Gatekeeper makes of a template; parameters have one of
 * their own. */
#define STRING_LIST "{'type':'array','items':{'type':'string'}}"
#define WILDCARD "{'type':'string','pattern':'^\\\\*?[-:a-z0-9]*\\\\*?$'}"
#define WILDCARD_LIST "{'type':'array','items':" WILDCARD "}"
#define SELECTOR                                                                                   \
  "{'type':'object','properties':{"                                                                \
  "'matchLabels':{'type':'object','additionalProperties':{'type':'string'}},"                      \
  "'matchExpressions':{'type':'array','items':{'type':'object','required':['key','operator'],"     \
  "'properties':{'key':{'type':'string'},'operator':{'type':'string'},'values':" STRING_LIST       \
  "}}}}}"
#define MATCH                                                                                      \
  "{'type':'object','properties':{"                                                                \
  "'kinds':{'type':'array','items':{'type':'object','properties':{"                                \
  "'apiGroups':" STRING_LIST ",'kinds':" STRING_LIST "}}},"                                        \
  "'scope':{'type':'string'},"                                                                     \
  "'source':{'type':'string','enum':['All','Generated','Original']},"                              \
  "'name':" WILDCARD ",'namespaces':" WILDCARD_LIST ",'excludedNamespaces':" WILDCARD_LIST ","     \
  "'labelSelector':" SELECTOR ",'namespaceSelector':" SELECTOR "}}"

static const char spec_schema_text[] =
    "{'type':'object','properties':{"
    "'enforcementAction':{'type':'string','default':'deny'},"
    "'scopedEnforcementActions':{'type':'array','items':{'type':'object','properties':{"
    "'action':{'type':'string'},'enforcementPoints':{'type':'array','items':"
    "{'type':'object','properties':{'name':{'type':'string'}}}}}}},"
    "'match':" MATCH ","
    "'parameters':{'x-kubernetes-preserve-unknown-fields':true}}}";

int gatekeeper_spec_schema(struct openapi_schema **ret, struct error *err)
{
  struct arena arena;
  struct value document;
  arena_init(&arena, 0);
  struct str copy = arena_copy(&arena, str_from(spec_schema_text));
  for (char *c = (char *)(uintptr_t)copy.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  int rc = json_parse(&arena, copy, NULL, &document, err);
  if (rc == 0)
    rc = openapi_schema_new(document, false, ret, err);
  arena_free(&arena);
  return rc;
}

struct reading {
  struct gatekeeper *g;
  struct constraint *c;
  struct value spec; /* with defaults; an object */
  struct problem_place place;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reading *r, const char *format, ...)
{
  struct error err;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(err.message, sizeof err.message, format, arguments);
  va_end(arguments);
  gatekeeper_tell(r->g, &r->place, SW_EINVAL, "%s", err.message);
  return false;
}

/* ---- what everything in Kubernetes has */

/* RFC 1123, as names of most objects. */
static bool is_subdomain(struct str name)
{
  bool at_edge = true;
  for (size_t i = 0; i < name.len; i++) {
    char c = name.data[i];
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    bool last = i + 1 == name.len || name.data[i + 1] == '.';
    if (!alphanumeric && !(c == '-' && !at_edge && !last) && !(c == '.' && !at_edge && !last))
      return false;
    at_edge = c == '.';
  }
  return name.len > 0 && name.len <= 253;
}

static bool check_head(struct reading *r)
{
  const struct kube_object *o = &r->c->object;
  if (!str_eq(o->version, STR("v1beta1")) && !str_eq(o->version, STR("v1alpha1")))
    return refuse(r, "version \"%.*s\" is not one of v1beta1, v1alpha1", STR_FMT(o->version));
  if (!is_subdomain(o->name))
    return refuse(r, "metadata.name \"%.*s\" must be small letters, digits, '-' and '.'",
                  STR_FMT(o->name));
  if (o->name.len > 63) {
    r->place.kind = GATEKEEPER_PROBLEM_SCHEMA;
    return refuse(r, "metadata.name must have at most 63 characters, has %zu", o->name.len);
  }
  return true;
}

/* ---- the schema */

/* Tells the faults. What an API server would drop silently is an error of its own kind. */
static bool tell_faults(struct reading *r, const struct openapi_faults *faults)
{
  enum gatekeeper_problem_kind kind = GATEKEEPER_PROBLEM_CONSTRAINT;
  for (uint32_t i = 0; i < faults->count; i++)
    if (!faults->items[i].unknown)
      kind = GATEKEEPER_PROBLEM_SCHEMA;
  r->place.kind = kind;
  for (uint32_t i = 0; i < faults->count; i++)
    refuse(r, "%.*s: %.*s", STR_FMT(faults->items[i].path), STR_FMT(faults->items[i].message));
  return faults->count == 0;
}

static bool check_spec(struct reading *r)
{
  struct openapi_faults faults;
  struct value spec = value_get_str(r->c->document, STR("spec"));
  if (value_is_nil(spec))
    spec = gatekeeper_empty_object();
  r->spec = openapi_schema_default(r->g->spec_schema, &r->g->arena, spec);
  openapi_schema_check(r->g->spec_schema, &r->g->arena, r->spec, STR("spec"), &faults);
  return tell_faults(r, &faults);
}

static bool check_parameters(struct reading *r)
{
  const struct openapi_schema *schema = r->c->template->schema;
  struct value given = value_get_str(r->spec, STR("parameters"));
  struct value parameters = value_is_nil(given) ? gatekeeper_empty_object() : given;
  if (!schema && !value_is_nil(given))
    return refuse(r, "spec.parameters: its template takes no parameters");
  if (!schema) {
    r->c->shown.parameters = parameters;
    return true;
  }
  /* A default of the whole stands in for what is not there; but nothing is required of it then. */
  struct openapi_faults faults;
  struct value filled =
      openapi_schema_default(schema, &r->g->arena, value_is_nil(given) ? value_null() : given);
  if (value_is_nil(filled)) {
    r->c->shown.parameters = parameters;
    return true;
  }
  openapi_schema_check(schema, &r->g->arena, filled, STR("spec.parameters"), &faults);
  r->c->shown.parameters = filled;
  return tell_faults(r, &faults);
}

/* ---- enforcement */

static bool read_action(struct str name, unsigned *ret)
{
  static const struct {
    struct str name;
    unsigned bit;
  } actions[] = {
      {STR_INIT("deny"), GATEKEEPER_DENY},
      {STR_INIT("warn"), GATEKEEPER_WARN},
      {STR_INIT("dryrun"), GATEKEEPER_DRYRUN},
  };
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
    if (str_eq(name, actions[i].name)) {
      *ret = actions[i].bit;
      return true;
    }
  return false;
}

static bool read_point(struct reading *r, struct value point, unsigned action)
{
  static const struct str names[GATEKEEPER_POINT_COUNT] = {
      [GATEKEEPER_POINT_GATOR] = STR_INIT("gator.gatekeeper.sh"),
      [GATEKEEPER_POINT_WEBHOOK] = STR_INIT("validation.gatekeeper.sh"),
      [GATEKEEPER_POINT_AUDIT] = STR_INIT("audit.gatekeeper.sh"),
      [GATEKEEPER_POINT_VAP] = STR_INIT("vap.k8s.io"),
  };
  struct str name = value_str_or_empty(value_get_str(point, STR("name")));
  bool all = str_eq(name, STR("*")), found = all;
  for (size_t i = 0; i < GATEKEEPER_POINT_COUNT; i++)
    if (all || str_eq(name, names[i])) {
      r->c->shown.actions[i] |= (uint8_t)action;
      found = true;
    }
  if (found)
    return true;
  return refuse(r,
                "spec.scopedEnforcementActions: enforcement point \"%.*s\" is not one of "
                "gator.gatekeeper.sh, validation.gatekeeper.sh, audit.gatekeeper.sh, "
                "vap.k8s.io, *",
                STR_FMT(name));
}

static bool read_scoped(struct reading *r, struct value scoped)
{
  unsigned action;
  struct str name = value_str_or_empty(value_get_str(scoped, STR("action")));
  struct value points = value_get_str(scoped, STR("enforcementPoints"));
  if (!read_action(name, &action))
    return refuse(r,
                  "spec.scopedEnforcementActions: action \"%.*s\" is not one of deny, warn, "
                  "dryrun",
                  STR_FMT(name));
  if (!value_is(points, VALUE_ARRAY) || points.len == 0)
    return refuse(r, "spec.scopedEnforcementActions: action \"%.*s\" has no enforcementPoints",
                  STR_FMT(name));
  for (uint32_t i = 0; i < points.len; i++)
    if (!read_point(r, points.items[i], action))
      return false;
  return true;
}

static bool read_enforcement(struct reading *r)
{
  unsigned action;
  struct str name = value_str_or_empty(value_get_str(r->spec, STR("enforcementAction")));
  struct value scoped = value_get_str(r->spec, STR("scopedEnforcementActions"));
  if (name.len == 0)
    name = STR("deny");
  if (read_action(name, &action)) {
    memset(r->c->shown.actions, (int)action, sizeof r->c->shown.actions);
    return true;
  }
  if (!str_eq(name, STR("scoped")))
    return refuse(r, "spec.enforcementAction \"%.*s\" is not one of deny, warn, dryrun, scoped",
                  STR_FMT(name));
  if (!value_is(scoped, VALUE_ARRAY))
    return refuse(r, "spec.enforcementAction is \"scoped\", but there are no "
                     "scopedEnforcementActions");
  for (uint32_t i = 0; i < scoped.len; i++)
    if (!read_scoped(r, scoped.items[i]))
      return false;
  return true;
}

/* ---- the rule of its findings */

static void make_rule(struct reading *r)
{
  struct arena *a = &r->g->arena;
  const struct template *t = r->c->template;
  struct gatekeeper_constraint *c = &r->c->shown;
  struct str title = t->title.len ? t->title : c->kind;
  c->rule = (struct rule){
      .id = arena_printf(a, "gatekeeper/%.*s/%.*s", STR_FMT(c->kind), STR_FMT(c->name)),
      .title = arena_printf(a, "%.*s (%.*s)", STR_FMT(title), STR_FMT(c->name)),
      .why = t->description,
      .remedy = arena_printf(a, "Change the object so that it satisfies constraint %.*s \"%.*s\".",
                             STR_FMT(c->kind), STR_FMT(c->name)),
      .severity = gatekeeper_severity(c->actions[GATEKEEPER_POINT_GATOR]),
  };
}

/* Parameters go into reviews, whose keys have the numbers of the table as it is now. */
static bool number_parameters(struct reading *r)
{
  struct error err;
  struct gatekeeper_constraint *c = &r->c->shown;
  if (value_copy(&r->g->arena, c->parameters, r->g->symbols, &c->parameters, &err) < 0)
    return refuse(r, "spec.parameters: %s", err.message);
  return true;
}

static bool read_match(struct reading *r)
{
  struct error err;
  struct value match = value_get_str(r->spec, STR("match"));
  if (gatekeeper_match_read(&r->g->arena, match, &r->c->match, &err) < 0)
    return refuse(r, "%s", err.message);
  return true;
}

bool gatekeeper_constraint_finish(struct gatekeeper *g, struct constraint *c)
{
  struct reading r = {.g = g, .c = c};
  r.place = (struct problem_place){
      .kind = GATEKEEPER_PROBLEM_CONSTRAINT,
      .file = c->shown.file,
      .line = c->shown.line,
      .subject =
          arena_printf(&g->arena, "%.*s %.*s", STR_FMT(c->shown.kind), STR_FMT(c->shown.name)),
  };
  if (!c->template)
    return refuse(&r, "there is no ConstraintTemplate of kind %.*s", STR_FMT(c->shown.kind));
  if (!c->template->sound)
    return false; /* told of the template */
  bool (*const steps[])(struct reading *) = {check_head,       check_spec,       read_match,
                                             check_parameters, read_enforcement, number_parameters};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (!steps[i](&r))
      return false;
  make_rule(&r);
  return true;
}
