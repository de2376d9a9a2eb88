/* Asking the rules: inputs, evaluation, answers into findings. */
#include "policy/rule_library_int.h"

#include "data/copy.h"
#include "data/pointer.h"
#include "kube/keys.h"
#include "kube/pod.h"
#include "policy/finding_place.h"

enum {
  PATH_MAX_STEPS = 64,
  PATCH_MAX = 64,
  BUDGETS_MAX = 4, /* used up for one object; then the rules that are left are not asked */
};

struct rule_judge {
  const struct rule_library *library;
  struct gatekeeper_worker *gatekeeper; /* NULL: there are no constraints */
  struct rego_worker *workers[GROUPS_MAX];
  struct arena scratch; /* of one object */
  struct buf pointer;   /* a text that is being written */
  uint64_t steps;       /* of all rules for one object */
  int64_t deadline_ns;  /* 0: none */
  bool brief;           /* rule_judge_brief */
};

/* One object, or the whole inventory, under judgement. */
struct asking {
  struct rule_judge *judge;
  const struct rule_library *library;
  const struct rule_group *group;
  struct rego_worker *worker;
  const struct kube_object *object; /* of a set rule's finding: set before each */
  const struct location *place;
  struct rule_inventory *inventory; /* of set rules */
  struct finding_list *list;
  uint64_t *judged;
  struct rule_failures *failures;
  struct rego_run run; /* the evaluation under way */
  unsigned exhausted;  /* budgets that rules of this object have used up */
  bool any;
};

struct rule_judge *rule_judge_new(const struct rule_library *library)
{
  struct rule_judge *judge = mem_zalloc(1, sizeof *judge);
  judge->library = library;
  judge->steps = RULE_STEPS_MAX;
  for (size_t i = 0; i < library->group_count; i++)
    judge->workers[i] = rego_worker_new();
  if (library->gatekeeper)
    judge->gatekeeper = gatekeeper_worker_new(library->gatekeeper);
  arena_init(&judge->scratch, RULE_MEMORY_MAX);
  buf_init(&judge->pointer, POINTER_LENGTH_MAX);
  return judge;
}

void rule_judge_limit(struct rule_judge *judge, uint64_t steps, int64_t deadline_ns)
{
  judge->steps = steps ? steps : RULE_STEPS_MAX;
  judge->deadline_ns = deadline_ns;
}

void rule_judge_brief(struct rule_judge *judge)
{
  judge->brief = true;
}

void rule_judge_free(struct rule_judge *judge)
{
  if (!judge)
    return;
  for (size_t i = 0; i < judge->library->group_count; i++)
    rego_worker_free(judge->workers[i]);
  gatekeeper_worker_free(judge->gatekeeper);
  arena_free(&judge->scratch);
  buf_free(&judge->pointer);
  mem_free(judge);
}

/* ---- failures */

static void add_failure(struct finding_list *list, struct rule_failures *f, const struct rule *rule,
                        struct str message)
{
  struct rule_failure *items = arena_array(list->arena, struct rule_failure, f->count + 1);
  if (f->count)
    memcpy(items, f->items, f->count * sizeof *items);
  items[f->count++] = (struct rule_failure){rule, message};
  f->items = items;
}

static void fail(struct asking *a, const struct library_entry *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(struct asking *a, const struct library_entry *e, const char *format, ...)
{
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  add_failure(a->list, a->failures, e->rule,
              arena_printf(a->list->arena, "rule %.*s: %s", STR_FMT(e->rule->id), text));
}

static void fail_evaluation(struct asking *a, const struct library_entry *e,
                            const struct error *err)
{
  const struct rego_failure *f = rego_failure(a->worker);
  if (!f || !f->place.line)
    fail(a, e, "%s", err->message);
  else
    fail(a, e, "%.*s:%u: %s: %.*s", STR_FMT(f->file), f->place.line, f->code, STR_FMT(f->message));
}

/* ---- paths and patches */

/* An array of keys and numbers as a JSON Pointer; false if it is none. */
static bool write_pointer(struct buf *out, struct value path)
{
  if (!value_is(path, VALUE_ARRAY) || path.len > PATH_MAX_STEPS)
    return false;
  for (uint32_t i = 0; i < path.len; i++) {
    int64_t index;
    if (value_is(path.items[i], VALUE_STRING))
      pointer_add_key(out, value_str(path.items[i]));
    else if (value_to_int(path.items[i], &index) && index >= 0)
      pointer_add_index(out, (uint64_t)index);
    else
      return false;
  }
  return !buf_failed(out);
}

static bool pointer_of(struct asking *a, struct value path, const char *prefix, struct str *ret)
{
  struct buf *out = &a->judge->pointer;
  buf_clear(out);
  buf_add_text(out, prefix);
  if (!write_pointer(out, path))
    return false;
  *ret = arena_copy(a->list->arena, buf_str(out));
  return true;
}

/* One operation with its paths as pointers within the document. */
static bool convert_operation(struct asking *a, struct value operation, struct value *ret)
{
  struct value_member members[8];
  if (!value_is(operation, VALUE_OBJECT) || operation.len > 8)
    return false;
  for (uint32_t i = 0; i < operation.len; i++) {
    struct str key = value_str_or_empty(operation.members[i].key);
    struct value v = operation.members[i].value;
    if (str_eq(key, STR("path")) || str_eq(key, STR("from"))) {
      struct str pointer;
      if (!pointer_of(a, v, a->object->pointer, &pointer))
        return false;
      v = value_string(pointer);
    } else if (value_copy(a->list->arena, v, NULL, &v, NULL) < 0) {
      return false;
    }
    members[i] = (struct value_member){value_string(arena_copy(a->list->arena, key)), v};
  }
  return value_object_make(a->list->arena, members, NULL, operation.len, VALUE_REFUSE, NULL, ret);
}

static bool convert_fix(struct asking *a, struct value fix, struct value *ret)
{
  struct value operations[PATCH_MAX];
  if (!value_is(fix, VALUE_ARRAY) || fix.len == 0 || fix.len > PATCH_MAX)
    return false;
  for (uint32_t i = 0; i < fix.len; i++)
    if (!convert_operation(a, fix.items[i], &operations[i]))
      return false;
  *ret = value_array_make(a->list->arena, operations, NULL, fix.len);
  return true;
}

/* ---- answers of the library's form */

static struct value field(struct value answer, const char *name)
{
  return value_get_str(answer, str_from(name));
}

static struct str keep(struct asking *a, struct value text)
{
  return arena_copy(a->list->arena, value_str_or_empty(text));
}

/* A line break in a message would look like two findings. */
static struct str one_line(struct asking *a, struct str text)
{
  struct str copy = arena_copy(a->list->arena, str_trim(text));
  char *at = (char *)(uintptr_t)copy.data; /* fresh from the arena */
  for (size_t i = 0; i < copy.len; i++)
    if (at[i] == '\n' || at[i] == '\r')
      at[i] = ' ';
  return copy;
}

static struct finding *start_finding(struct asking *a, const struct library_entry *e,
                                     struct str message, struct str container)
{
  struct finding *f = finding_add(a->list, e->rule);
  f->message = one_line(a, message);
  f->subject = finding_subject(a->object, container, a->list->arena);
  return f;
}

/* Severity by the configuration, else by the finding, else by the rule. */
static void rate(const struct library_entry *e, struct finding *f, struct value given)
{
  if (e->severity != SEVERITY_UNKNOWN)
    f->severity = e->severity;
  else
    severity_from_name(value_str_or_empty(given), &f->severity);
}

/* What a set rule's finding is about; false if the id leads nowhere. */
static bool find_about(struct asking *a, struct value answer, struct kube_object *object,
                       struct location *place)
{
  int64_t id;
  if (!value_to_int(field(answer, "about"), &id) ||
      !rule_inventory_object(a->inventory, id, object, place))
    return false;
  a->object = object;
  a->place = place;
  return true;
}

static void put_in_place(struct asking *a, struct finding *f, struct str pointer, struct str key)
{
  if (a->judge->brief)
    finding_point(f, a->object, a->place, pointer, a->list->arena);
  else
    finding_place(f, a->object, a->place, pointer, key, a->list->arena);
}

/* What a report tells besides. */
static void take_details(struct asking *a, const struct library_entry *e, struct value answer,
                         struct finding *f)
{
  struct value fix = field(answer, "fix");
  f->evidence = finding_quote(field(answer, "evidence"), a->list->arena);
  f->remedy = keep(a, field(answer, "remedy"));
  if (!value_is_nil(fix) && !convert_fix(a, fix, &f->fix))
    fail(a, e, "the fix of a finding is no JSON Patch");
}

static void take_finding(struct asking *a, const struct library_entry *e, struct value answer)
{
  struct kube_object object;
  struct location place;
  struct str pointer = STR_EMPTY;
  struct value message = field(answer, "message"), path = field(answer, "path");
  if (!value_is(message, VALUE_STRING)) {
    fail(a, e, "a finding has no message");
    return;
  }
  if (a->inventory && !find_about(a, answer, &object, &place)) {
    fail(a, e, "a finding says not whom it is about");
    return;
  }
  if (!value_is_nil(path) && !pointer_of(a, path, "", &pointer)) {
    fail(a, e, "the path of a finding is no array of keys and numbers");
    return;
  }
  struct finding *f = start_finding(a, e, value_str(message), keep(a, field(answer, "container")));
  rate(e, f, field(answer, "severity"));
  if (!a->judge->brief)
    take_details(a, e, answer, f);
  put_in_place(a, f, pointer, value_str_or_empty(field(answer, "key")));
}

/* ---- answers of other conventions */

static void take_text(struct asking *a, const struct library_entry *e, struct str text,
                      struct value given)
{
  struct finding *f = start_finding(a, e, text, STR_EMPTY);
  rate(e, f, given);
  put_in_place(a, f, STR_EMPTY, f->message);
}

static void take_verdict(struct asking *a, const struct library_entry *e, struct value answer)
{
  struct value message = answer;
  if (value_is(answer, VALUE_OBJECT)) {
    message = field(answer, "msg");
    if (value_is(message, VALUE_ABSENT))
      message = field(answer, "message");
  }
  if (value_is(message, VALUE_STRING))
    take_text(a, e, value_str(message), field(answer, "severity"));
  else
    fail(a, e, "an answer is neither a text nor an object with a text \"msg\"");
}

/* An AdmissionReview: refused if response.allowed is false. */
static void take_review(struct asking *a, const struct library_entry *e, struct value answer)
{
  struct value response = field(answer, "response"), allowed = field(response, "allowed");
  if (!value_is(allowed, VALUE_BOOL)) {
    fail(a, e, "the answer is no AdmissionReview with response.allowed");
    return;
  }
  if (allowed.boolean)
    return;
  struct value status = field(response, "status"), text = field(status, "message");
  if (!value_is(text, VALUE_STRING))
    text = field(status, "reason");
  take_text(a, e, value_is(text, VALUE_STRING) ? value_str(text) : STR("the policy refuses this"),
            VALUE_NONE);
}

static void take_item(struct asking *a, const struct library_entry *e, struct value item)
{
  if (a->group->convention <= CONVENTION_SET)
    take_finding(a, e, item);
  else
    take_verdict(a, e, item);
}

static void take_answer(struct asking *a, const struct library_entry *e, struct value answer)
{
  if (a->group->convention == CONVENTION_ANSWER) {
    take_review(a, e, answer);
    return;
  }
  if (value_is(answer, VALUE_BOOL) && a->group->convention > CONVENTION_SET) {
    if (answer.boolean)
      take_text(a, e, e->rule->title, VALUE_NONE);
    return;
  }
  if (!value_is(answer, VALUE_SET) && !value_is(answer, VALUE_ARRAY)) {
    take_item(a, e, answer);
    return;
  }
  if (answer.len > RULE_FINDINGS_MAX) {
    fail(a, e, "more than %d findings", RULE_FINDINGS_MAX);
    return;
  }
  for (uint32_t i = 0; i < answer.len; i++)
    take_item(a, e, answer.items[i]);
}

/* ---- asking */

static void give_up(struct asking *a, const struct library_entry *e)
{
  if (a->exhausted++ == BUDGETS_MAX)
    fail(a, e, "this rule and those behind it were not asked: the object is too large for them");
}

/* A rule that used up the budget must not cost the others their word: they get a new one. */
static void fail_rule(struct asking *a, const struct library_entry *e, const struct error *err)
{
  fail_evaluation(a, e, err);
  if (err->code == SW_ELIMIT && ++a->exhausted < BUDGETS_MAX)
    rego_begin(a->worker, a->group->program, &a->run);
}

static void ask(struct asking *a, uint32_t number)
{
  const struct library_entry *e = &a->library->entries.items[number];
  struct value answer;
  struct error err;
  a->judged[number / 64] |= UINT64_C(1) << (number % 64);
  a->any = true;
  if (a->exhausted >= BUDGETS_MAX)
    give_up(a, e);
  else if (rego_ask(a->worker, e->entry, &answer, &err) < 0)
    fail_rule(a, e, &err);
  else if (!value_is(answer, VALUE_ABSENT) && !(answer.type >= VALUE_ARRAY && answer.len == 0))
    take_answer(a, e, answer);
}

static void begin(struct asking *a, struct value input, struct value data, uint64_t steps)
{
  a->run = (struct rego_run){
      .arena = &a->judge->scratch,
      .input = input,
      .data = data,
      .steps = steps,
      .deadline_ns = a->judge->deadline_ns,
  };
  rego_begin(a->worker, a->group->program, &a->run);
}

static struct value make_object(struct arena *arena, const struct value_member *members,
                                uint32_t count)
{
  struct value made;
  value_object_make(arena, members, NULL, count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

/* {"spec", "metadata", "path"} */
static struct value pod_value(struct asking *a, const struct kube_pod *pod)
{
  const struct input_keys *keys = &a->library->keys;
  struct value steps[KUBE_POD_STEPS_MAX];
  for (unsigned i = 0; i < pod->step_count; i++)
    steps[i] = pod->steps[i].key.data ? value_string(pod->steps[i].key)
                                      : value_int(pod->steps[i].index);
  struct value_member members[3] = {
      {keys->path, value_array_make(&a->judge->scratch, steps, NULL, pod->step_count)},
      {keys->spec, pod->spec},
      {keys->metadata, pod->metadata},
  };
  bool has_metadata = value_is(pod->metadata, VALUE_OBJECT);
  return make_object(&a->judge->scratch, members, has_metadata ? 3 : 2);
}

/* {"object", "config", "pod"}; pod may be absent. */
static struct value library_input(struct asking *a, struct value pod)
{
  const struct input_keys *keys = &a->library->keys;
  struct value_member members[3] = {
      {keys->object, a->object->value},
      {keys->config, a->library->config},
      {keys->pod, pod},
  };
  return make_object(&a->judge->scratch, members, value_is(pod, VALUE_ABSENT) ? 2 : 3);
}

static void ask_all(struct asking *a, const uint32_t *rules, size_t count)
{
  for (size_t i = 0; i < count; i++)
    ask(a, rules[i]);
}

static const struct kind_rules *rules_of_kind(const struct asking *a)
{
  const union map_value *slot = map_get(&a->group->kinds, a->object->kind);
  return slot ? slot->pointer : NULL;
}

static void ask_kind(struct asking *a, const struct kind_rules *list, bool has_pod)
{
  for (size_t i = 0; list && i < list->count; i++)
    if (str_eq(list->items[i].group, a->object->group) && !(has_pod && list->items[i].workload))
      ask(a, list->items[i].rule);
}

/* The next pod that can be judged. */
static bool next_pod(struct kube_pods *it, struct kube_pod *pod)
{
  while (kube_pods_next(it, pod))
    if (value_is(pod->spec, VALUE_OBJECT))
      return true;
  return false;
}

static void ask_library(struct asking *a)
{
  const struct rule_group *g = a->group;
  const struct kind_rules *of_kind = rules_of_kind(a);
  struct kube_pods it;
  struct kube_pod pod;
  kube_pods_begin(&it, a->object);
  bool has_pod = next_pod(&it, &pod);
  if (!of_kind && !g->every.count && !(has_pod && g->workload.count))
    return;
  struct value first = has_pod ? pod_value(a, &pod) : VALUE_NONE;
  begin(a, library_input(a, first), VALUE_NONE, a->judge->steps);
  ask_all(a, g->every.items, g->every.count);
  ask_kind(a, of_kind, has_pod);
  if (!has_pod)
    return;
  ask_all(a, g->workload.items, g->workload.count);
  while (next_pod(&it, &pod)) {
    begin(a, library_input(a, pod_value(a, &pod)), VALUE_NONE, a->judge->steps);
    ask_all(a, g->workload.items, g->workload.count);
  }
}

/* An AdmissionReview as an API server would send it for a new object. */
static struct value review_of(struct asking *a)
{
  struct arena *arena = &a->judge->scratch;
  const struct kube_object *o = a->object;
  struct value_member kind[3] = {
      {value_from("group"), value_string(o->group)},
      {value_from("version"), value_string(o->version)},
      {value_from("kind"), value_string(o->kind)},
  };
  struct value_member request[] = {
      {value_from("uid"), value_from("")},
      {value_from("kind"), make_object(arena, kind, 3)},
      {value_from("name"), value_string(o->name)},
      {value_from("namespace"), value_string(o->namespace)},
      {value_from("operation"), value_from("CREATE")},
      {value_from("userInfo"), make_object(arena, NULL, 0)},
      {value_from("object"), o->value},
      {value_from("oldObject"), value_null()},
  };
  struct value_member review[] = {
      {value_from("apiVersion"), value_from("admission.k8s.io/v1")},
      {value_from("kind"), value_from("AdmissionReview")},
      {value_from("request"), make_object(arena, request, 8)},
  };
  return make_object(arena, review, 3);
}

static void ask_group(struct asking *a)
{
  switch (a->group->convention) {
  case CONVENTION_LIBRARY:
    ask_library(a);
    break;
  case CONVENTION_OBJECT:
    begin(a, a->object->value, VALUE_NONE, a->judge->steps);
    ask_all(a, a->group->every.items, a->group->every.count);
    break;
  case CONVENTION_ADMISSION:
  case CONVENTION_ANSWER:
    begin(a, review_of(a), VALUE_NONE, a->judge->steps);
    ask_all(a, a->group->every.items, a->group->every.count);
    break;
  default:
    break; /* set rules are asked once, at the end */
  }
}

/* ---- Pod Security's findings */

/* Keeps those that are selected, and rates them as configured. */
static void filter_findings(const struct rule_library *l, struct finding_list *list, size_t from)
{
  size_t kept = from;
  for (size_t i = from; i < list->count; i++) {
    size_t number = rule_library_index(l, list->items[i].rule);
    if (number != SIZE_MAX && !l->entries.items[number].active)
      continue;
    if (number != SIZE_MAX && l->entries.items[number].severity != SEVERITY_UNKNOWN)
      list->items[i].severity = l->entries.items[number].severity;
    if (kept != i)
      list->items[kept] = list->items[i];
    kept++;
  }
  list->count = kept;
}

static void mark_checks(const struct rule_library *l, uint64_t *judged)
{
  uint32_t checks = podsecurity_checks(l->options.target) | UINT32_C(1) << PODSECURITY_WRONG_TYPE;
  for (uint32_t c = 0; c <= PODSECURITY_WRONG_TYPE; c++)
    if (checks >> c & 1)
      judged[(l->pss_first + c) / 64] |= UINT64_C(1) << ((l->pss_first + c) % 64);
}

/* Gatekeeper's constraints. Those that look at other objects wait for the whole. */
static bool ask_gatekeeper(struct rule_judge *judge, const struct kube_object *object,
                           const struct location *place,
                           const struct gatekeeper_inventory *inventory, struct finding_list *list,
                           struct rule_failures *failures)
{
  struct error err;
  uint32_t matched = 0;
  size_t from = list->count;
  if (gatekeeper_scan(judge->gatekeeper, list, object, place, inventory, &matched, &err) < 0)
    add_failure(list, failures, NULL, arena_printf(list->arena, "Gatekeeper: %s", err.message));
  filter_findings(judge->library, list, from);
  return matched > 0;
}

bool rule_judge_object(struct rule_judge *judge, const struct kube_object *object,
                       const struct location *place, unsigned pods, size_t from,
                       struct finding_list *list, uint64_t *judged,
                       struct rule_failures *ret_failures)
{
  const struct rule_library *l = judge->library;
  *ret_failures = (struct rule_failures){0};
  filter_findings(l, list, from);
  if (pods)
    mark_checks(l, judged);
  struct asking a = {
      .judge = judge,
      .library = l,
      .object = object,
      .place = place,
      .list = list,
      .judged = judged,
      .failures = ret_failures,
  };
  for (size_t i = 0; i < l->group_count; i++) {
    a.group = &l->groups[i];
    a.worker = judge->workers[i];
    ask_group(&a);
    arena_reset(&judge->scratch);
  }
  if (judge->gatekeeper && !l->needs.everything)
    a.any |= ask_gatekeeper(judge, object, place, NULL, list, ret_failures);
  return a.any;
}

/* ---- set rules */

static struct value set_input(struct asking *a)
{
  struct value_member config = {a->library->keys.config, a->library->config};
  return make_object(&a->judge->scratch, &config, 1);
}

static void ask_sets(struct asking *a)
{
  struct value data = rule_inventory_value(a->inventory);
  begin(a, set_input(a), data, RULE_SET_STEPS_MAX);
  for (size_t i = 0; i < a->group->every.count; i++) {
    uint32_t number = a->group->every.items[i];
    const struct library_rule *r = a->library->entries.items[number].details;
    /* A rule that met none of its kinds was held against nothing. */
    if (rule_inventory_has(a->inventory, r->kinds, r->kind_count, r->workload))
      ask(a, number);
  }
}

/* Constraints that look at other objects, over every object that was kept. */
static void ask_gatekeeper_of_all(struct rule_judge *judge, const struct rule_inventory *kept,
                                  struct finding_list *list, struct rule_failures *failures)
{
  struct gatekeeper_inventory *inventory = gatekeeper_inventory_new(judge->library->gatekeeper);
  struct kube_object object;
  struct location place;
  struct error err;
  size_t count = rule_inventory_count(kept);
  for (size_t i = 0; i < count; i++) {
    rule_inventory_object(kept, (int64_t)i, &object, &place);
    int rc = gatekeeper_inventory_add(inventory, &object, &err);
    if (rc < 0 && rc != SW_EINVAL) /* what has no name is in no inventory */
      add_failure(list, failures, NULL, arena_printf(list->arena, "Gatekeeper: %s", err.message));
  }
  gatekeeper_inventory_finish(inventory);
  for (size_t i = 0; i < count; i++) {
    rule_inventory_object(kept, (int64_t)i, &object, &place);
    ask_gatekeeper(judge, &object, &place, inventory, list, failures);
  }
  gatekeeper_inventory_free(inventory);
}

void rule_judge_set(struct rule_judge *judge, struct rule_inventory *inventory,
                    struct finding_list *list, uint64_t *judged, struct rule_failures *ret_failures)
{
  const struct rule_library *l = judge->library;
  *ret_failures = (struct rule_failures){0};
  struct asking a = {
      .judge = judge,
      .library = l,
      .inventory = inventory,
      .list = list,
      .judged = judged,
      .failures = ret_failures,
  };
  for (size_t i = 0; i < l->group_count; i++) {
    if (l->groups[i].convention != CONVENTION_SET)
      continue;
    a.group = &l->groups[i];
    a.worker = judge->workers[i];
    ask_sets(&a);
    arena_reset(&judge->scratch);
  }
  if (judge->gatekeeper && l->needs.everything)
    ask_gatekeeper_of_all(judge, inventory, list, ret_failures);
}
