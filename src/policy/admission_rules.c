/* seawall's rule library as admission policies: what it finds, at the action that is configured. */
#include "policy/admission_int.h"

#include "kube/pod.h"

#include <stdio.h>

static const struct str policy_id = STR_INIT("rules");

enum { LIBRARY = 4 }; /* all rules together may take the steps of so many policies */

struct state {
  struct rule_library *library;
  const struct admission_rules *rules;
  struct str *ids; /* "rules/ID" of each rule */
};

struct own {
  const struct state *state;
  struct rule_judge *judge;
  uint64_t *judged; /* which rules looked at anything; not asked for here */
};

/* ---- loading */

/* Rules over sets of objects say that something is missing, which may come with the next request. */
static void note_unasked(struct admission_loader *l, const struct rule_library *library)
{
  struct admission_snapshot *s = l->snapshot;
  if (rule_library_needs(library).everything)
    admission_note(
        l, "constraints of Gatekeeper's among the rules look at other objects or at Namespaces, "
           "so none of those constraints are asked here: put them among the policies");
  for (size_t i = 0; i < rule_library_count(library); i++) {
    const struct library_rule *details = rule_library_details(library, i);
    if (details && details->is_set && rule_library_active(library, i))
      vec_push(&s->unasked, details->rule.id);
  }
}

static struct str *make_ids(struct arena *arena, const struct rule_library *library)
{
  size_t count = rule_library_count(library);
  struct str *ids = arena_array(arena, struct str, count);
  for (size_t i = 0; i < count; i++)
    ids[i] = arena_printf(arena, "rules/%.*s", STR_FMT(rule_library_rule(library, i)->id));
  return ids;
}

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  struct admission_snapshot *s = l->snapshot;
  const struct admission_rules *rules = &s->options.rules;
  if (!s->options.rules_enabled)
    return 0;
  struct rule_library_options options = {
      .directories = rules->directories,
      .directory_count = rules->directory_count,
      .skip = rules->skip,
      .skip_count = rules->skip_count,
      .parameters = rules->parameters,
      .target = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST},
  };
  struct rule_library *library;
  int rc = rule_library_check_parameters(rules->parameters, err);
  if (rc < 0)
    return error_wrap(err, "parameters of rules");
  rc = rule_library_new(&options, &library, err);
  if (rc < 0)
    return rc;
  struct state *state = mem_zalloc(1, sizeof *state);
  *state = (struct state){library, rules, make_ids(&s->arena, library)};
  s->symbols = rule_library_symbols(library);
  note_unasked(l, library);
  *ret_state = state;
  return admission_add_policy(l, policy_id, NULL, ADMISSION_CREATE | ADMISSION_UPDATE, false, 0);
}

static void free_state(void *p)
{
  struct state *state = p;
  rule_library_free(state->library);
  mem_free(state);
}

static void *worker_new(const void *p)
{
  struct own *own = mem_zalloc(1, sizeof *own);
  own->state = p;
  own->judge = rule_judge_new(own->state->library);
  rule_judge_brief(own->judge);
  own->judged = mem_zalloc(rule_bits_words(own->state->library), sizeof *own->judged);
  return own;
}

static void worker_free(void *p)
{
  struct own *own = p;
  rule_judge_free(own->judge);
  mem_free(own->judged);
  mem_free(own);
}

/* ---- judging */

static bool applies(const struct admission_rule_setting *s, const struct rule *rule,
                    enum severity severity, struct str namespace)
{
  struct str pattern = s->rule.len ? s->rule : STR("*");
  return admission_matches_any(&pattern, 1, rule->id) && severity >= s->severity &&
         (s->namespace_count == 0 ||
          admission_matches_any(s->namespaces, s->namespace_count, namespace));
}

static enum admission_action action_of(const struct admission_asking *a, const struct rule *rule,
                                       enum severity severity)
{
  const struct state *state = a->state;
  for (size_t i = 0; i < state->rules->setting_count; i++)
    if (applies(&state->rules->settings[i], rule, severity, a->request.namespace))
      return state->rules->settings[i].action;
  return state->rules->action;
}

static struct str id_of(const struct admission_asking *a, const struct rule *rule)
{
  const struct state *state = a->state;
  size_t number = rule ? rule_library_index(state->library, rule) : SIZE_MAX;
  if (number != SIZE_MAX)
    return state->ids[number];
  /* A constraint of Gatekeeper's among users' rules. */
  return rule ? arena_printf(a->scratch, "rules/%.*s", STR_FMT(rule->id)) : policy_id;
}

/* Has Pod Security told the same fault, with at least the same action? */
static bool is_told(const struct admission_asking *a, const struct rule *rule,
                    enum admission_action action)
{
  const struct state *state = a->state;
  size_t number = rule_library_index(state->library, rule);
  const struct library_rule *details =
      number == SIZE_MAX ? NULL : rule_library_details(state->library, number);
  for (unsigned told = action; details && told <= ADMISSION_ACTION_DENY; told++)
    if (details->covered_by & a->told_checks[told])
      return true;
  return false;
}

static void take(struct admission_asking *a, const struct finding *f)
{
  struct str id = id_of(a, f->rule);
  enum admission_action action = admission_limited(a, id, action_of(a, f->rule, f->severity));
  struct str message = f->message;
  if (action == ADMISSION_ACTION_OFF || is_told(a, f->rule, action))
    return;
  if (f->location.pointer.len)
    message =
        arena_printf(a->scratch, "%.*s (%.*s)", STR_FMT(message), STR_FMT(f->location.pointer));
  admission_tell(a, id, f->rule->id, action, message);
}

/* A rule that only warns when it finds something warns when it cannot look. */
static void take_failure(struct admission_asking *a, const struct rule_failure *f)
{
  enum admission_action action = f->rule ? action_of(a, f->rule, f->rule->severity)
                                         : ADMISSION_ACTION_DENY;
  struct str rule = f->rule ? f->rule->id : STR_EMPTY;
  if (action == ADMISSION_ACTION_DENY) {
    admission_fail(a, id_of(a, f->rule), rule, "%.*s", STR_FMT(str_sub(f->message, 0, 512)));
    return;
  }
  a->asked->failed = true;
  admission_tell(a, id_of(a, f->rule), rule, action, f->message);
}

static void judge(struct admission_asking *a)
{
  struct own *own = a->own;
  struct finding_list list;
  struct rule_failures failures = {0};
  struct location place = {.file = STR_EMPTY, .pointer = STR_EMPTY};
  if (!a->has_object || !admission_is_main(a) || a->winding_down)
    return;
  finding_list_init(&list, a->scratch);
  rule_judge_limit(own->judge, LIBRARY * a->steps, a->deadline_ns);
  rule_judge_object(own->judge, &a->object, &place, 0, 0, &list, own->judged, &failures);
  for (size_t i = 0; i < list.count; i++)
    take(a, &list.items[i]);
  for (size_t i = 0; i < failures.count; i++)
    take_failure(a, &failures.items[i]);
  a->asked->matched = (uint32_t)list.count;
}

const struct admission_source admission_source_rules = {
    .name = "rule library",
    .load = load,
    .free = free_state,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .judge = judge,
};
