/* One review held against all constraints that match it. */
#include "base/clock.h"
#include "base/hash.h"
#include "data/compare.h"
#include "data/copy.h"
#include "kube/keys.h"
#include "policy/gatekeeper_int.h"

struct gatekeeper_worker {
  const struct gatekeeper *g;
  struct rego_worker *rego;
  struct index_found found;
  VEC(struct gatekeeper_violation) violations;   /* of the review at hand, until copied */
  VEC(struct gatekeeper_violation) entries;      /* of the constraint at hand */
  VEC(struct gatekeeper_evaluation) evaluations; /* of the review at hand, until copied */
  uint64_t reviews;
  struct arena scratch;    /* gatekeeper_scan's */
  struct arena evaluation; /* one constraint's, emptied before each */
};

struct gatekeeper_worker *gatekeeper_worker_new(const struct gatekeeper *g)
{
  struct gatekeeper_worker *w = mem_zalloc(1, sizeof *w);
  size_t count = g->constraints.count;
  w->g = g;
  arena_init(&w->scratch, GATEKEEPER_SCAN_MEMORY);
  arena_init(&w->evaluation, 0);
  w->rego = rego_worker_new();
  w->found.items = mem_zalloc(count + 1, sizeof *w->found.items);
  w->found.stamps = mem_zalloc(count + 1, sizeof *w->found.stamps);
  return w;
}

void gatekeeper_worker_free(struct gatekeeper_worker *worker)
{
  if (!worker)
    return;
  rego_worker_free(worker->rego);
  arena_free(&worker->scratch);
  arena_free(&worker->evaluation);
  vec_free(&worker->evaluations);
  vec_free(&worker->violations);
  vec_free(&worker->entries);
  mem_free(worker->found.items);
  mem_free(worker->found.stamps);
  mem_free(worker);
}

struct arena *gatekeeper_worker_scratch(struct gatekeeper_worker *worker)
{
  return &worker->scratch;
}

/* A review under way. */
struct deciding {
  struct gatekeeper_worker *w;
  struct arena *arena;
  const struct gatekeeper_review *asked;
  struct value object, old_object, request;
  struct str operation;
  struct value namespace;         /* the Namespace object; absent: not known */
  struct match_target targets[2]; /* the object, the old object: whichever there are */
  uint32_t target_count;
  uint32_t waiting;    /* constraints that may still be evaluated, with the one at hand */
  struct value review; /* input.review */
  struct rego_run run;
  int64_t now_ns; /* of the monotonic clock, when the last evaluation ended; 0: not asked for */
  unsigned actions;
};

enum {
  SAID_MIN = 64 << 10, /* bytes of what one constraint says, whatever the others have said */
  CUT_TO = 4096,       /* bytes of a message that has no room */
};

/* ---- what is asked */

static struct value key_of(const struct deciding *d, enum review_key key)
{
  return d->w->g->keys[key];
}

static struct value request_field(const struct deciding *d, enum review_key key)
{
  return value_get(d->request, key_of(d, key));
}

static struct value none_if_null(struct value v)
{
  return value_is(v, VALUE_NULL) ? VALUE_NONE : v;
}

static int read_request(struct deciding *d, struct error *err)
{
  d->request = d->asked->request;
  if (!value_is(d->request, VALUE_ABSENT) && !value_is(d->request, VALUE_OBJECT))
    return error_set(err, SW_EINVAL, "the request is %s, must be an object",
                     kube_type_with_article(d->request));
  bool given = value_is(d->request, VALUE_OBJECT);
  d->object = none_if_null(given ? request_field(d, REVIEW_KEY_OBJECT) : d->asked->object);
  d->old_object =
      none_if_null(given ? request_field(d, REVIEW_KEY_OLD_OBJECT) : d->asked->old_object);
  d->operation = given ? value_str_or_empty(request_field(d, REVIEW_KEY_OPERATION))
                       : d->asked->operation;
  if (str_eq(d->operation, STR("DELETE"))) {
    if (value_is(d->old_object, VALUE_ABSENT))
      return error_set(err, SW_EINVAL, "oldObject is missing, which a DELETE must have");
    d->object = d->old_object;
  }
  if (value_is(d->object, VALUE_ABSENT) && value_is(d->old_object, VALUE_ABSENT))
    return error_set(err, SW_EINVAL, "there is neither object nor oldObject to review");
  return 0;
}

static int add_target(struct deciding *d, struct value object, const char *name, struct error *err)
{
  if (value_is(object, VALUE_ABSENT))
    return 0;
  struct match_target *t = &d->targets[d->target_count++];
  *t = (struct match_target){.source = d->asked->source == GATEKEEPER_GENERATED ? SOURCE_GENERATED
                                                                                : SOURCE_ORIGINAL};
  if (!kube_object_read(object, (struct value_position){0}, &t->object)) {
    struct str why = kube_object_reason(&t->object, d->arena);
    return error_set(err, SW_EINVAL, "%s: %.*s", name, STR_FMT(why));
  }
  t->is_namespace = kube_object_is(&t->object, STR_EMPTY, STR("Namespace"));
  /* An API server knows where an object goes; what the object says may be missing, or thrown away. */
  if (d->asked->point == GATEKEEPER_POINT_WEBHOOK && value_is(d->request, VALUE_OBJECT) &&
      !t->is_namespace)
    t->object.namespace = value_str_or_empty(request_field(d, REVIEW_KEY_NAMESPACE));
  return 0;
}

static void find_namespace(struct deciding *d)
{
  struct str name = value_is(d->request, VALUE_OBJECT)
                        ? value_str_or_empty(request_field(d, REVIEW_KEY_NAMESPACE))
                        : d->targets[0].object.namespace;
  d->namespace = none_if_null(d->asked->namespace_object);
  if (value_is(d->namespace, VALUE_ABSENT) && name.len && d->asked->inventory)
    d->namespace = gatekeeper_inventory_namespace(d->asked->inventory, name);
  struct value metadata = value_get(d->namespace, kube_key(KUBE_METADATA));
  struct str known = value_str_or_empty(value_get(metadata, kube_key(KUBE_NAME)));
  for (uint32_t i = 0; i < d->target_count; i++) {
    struct match_target *t = &d->targets[i];
    t->namespace = d->namespace;
    t->namespace_name = t->is_namespace                         ? t->object.name
                        : !value_is(d->namespace, VALUE_ABSENT) ? known
                                                                : t->object.namespace;
  }
}

/* ---- input.review */

enum { REVIEW_MEMBERS = 16 };

/* Members being collected. */
struct members {
  struct value_member *items;
  uint32_t count;
};

static void put(const struct deciding *d, struct members *m, enum review_key key,
                struct value value)
{
  m->items[m->count++] = (struct value_member){key_of(d, key), value};
}

static struct value object_of(const struct deciding *d, const struct members *m)
{
  struct value made;
  value_object_make(d->arena, m->items, NULL, m->count, VALUE_LAST_WINS, NULL, &made);
  return made;
}

static struct value null_if_absent(struct value v)
{
  return value_is(v, VALUE_ABSENT) ? value_null() : v;
}

static struct value kind_of(const struct deciding *d)
{
  struct value_member items[3];
  struct members m = {.items = items};
  const struct kube_object *o = &d->targets[0].object;
  put(d, &m, REVIEW_KEY_GROUP, value_string(o->group));
  put(d, &m, REVIEW_KEY_VERSION, value_string(o->version));
  put(d, &m, REVIEW_KEY_KIND, value_string(o->kind));
  return object_of(d, &m);
}

static struct value no_resource(const struct deciding *d)
{
  struct value_member items[3];
  struct members m = {.items = items};
  put(d, &m, REVIEW_KEY_GROUP, value_string(STR_EMPTY));
  put(d, &m, REVIEW_KEY_VERSION, value_string(STR_EMPTY));
  put(d, &m, REVIEW_KEY_RESOURCE, value_string(STR_EMPTY));
  return object_of(d, &m);
}

/* What Gatekeeper adds to each request, or sets in it. */
static void put_common(const struct deciding *d, struct members *m)
{
  bool known = !value_is(d->namespace, VALUE_ABSENT);
  put(d, m, REVIEW_KEY_OBJECT, null_if_absent(d->object));
  put(d, m, REVIEW_KEY_OLD_OBJECT, null_if_absent(d->old_object));
  put(d, m, REVIEW_KEY_NAMESPACE_OBJECT, null_if_absent(d->namespace));
  struct value_member item = {key_of(d, REVIEW_KEY_NAMESPACE), d->namespace};
  struct members unstable = {&item, 1};
  put(d, m, REVIEW_KEY_UNSTABLE, known ? object_of(d, &unstable) : gatekeeper_empty_object());
}

/* The request that would be made of a plain object, as Gatekeeper writes it down. */
static struct value make_review(const struct deciding *d)
{
  struct value_member items[REVIEW_MEMBERS];
  struct members m = {.items = items};
  const struct kube_object *o = &d->targets[0].object;
  put(d, &m, REVIEW_KEY_UID, value_string(STR_EMPTY));
  put(d, &m, REVIEW_KEY_KIND, kind_of(d));
  put(d, &m, REVIEW_KEY_RESOURCE, no_resource(d));
  if (o->name.len)
    put(d, &m, REVIEW_KEY_NAME, value_string(o->name));
  if (o->namespace.len)
    put(d, &m, REVIEW_KEY_NAMESPACE, value_string(o->namespace));
  put(d, &m, REVIEW_KEY_OPERATION, value_string(d->operation));
  put(d, &m, REVIEW_KEY_USER_INFO, gatekeeper_empty_object());
  put(d, &m, REVIEW_KEY_OPTIONS, value_null());
  put_common(d, &m);
  return object_of(d, &m);
}

/* Is it one of those that put_common sets? */
static bool is_common(const struct deciding *d, struct value key)
{
  static const enum review_key common[] = {REVIEW_KEY_OBJECT, REVIEW_KEY_OLD_OBJECT,
                                           REVIEW_KEY_NAMESPACE_OBJECT, REVIEW_KEY_UNSTABLE};
  for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
    struct value other = key_of(d, common[i]);
    if (key.symbol ? key.symbol == other.symbol : value_eq_str(key, value_str(other)))
      return true;
  }
  return false;
}

/* The request as it came, with what is added. */
static struct value extend_request(const struct deciding *d)
{
  struct members m = {0};
  m.items = arena_array(d->arena, struct value_member, (size_t)d->request.len + REVIEW_MEMBERS);
  for (uint32_t i = 0; i < d->request.len; i++)
    if (!is_common(d, d->request.members[i].key))
      m.items[m.count++] = d->request.members[i];
  if (value_is(request_field(d, REVIEW_KEY_OPTIONS), VALUE_ABSENT))
    put(d, &m, REVIEW_KEY_OPTIONS, value_null());
  put_common(d, &m);
  return object_of(d, &m);
}

/* ---- evaluating */

static void add(struct deciding *d, const struct constraint *c, struct str message,
                struct value details, bool failed)
{
  struct gatekeeper_violation v = {
      .constraint = &c->shown,
      .actions = c->shown.actions[d->asked->point],
      .message = message,
      .details = details,
      .failed = failed,
  };
  d->actions |= v.actions;
  vec_push(&d->w->violations, v);
}

__attribute__((format(printf, 3, 4))) static void add_failure(struct deciding *d,
                                                              const struct constraint *c,
                                                              const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  struct str message = arena_printf(d->arena, "%.*s \"%.*s\" cannot be decided: %s",
                                    STR_FMT(c->shown.kind), STR_FMT(c->shown.name), text);
  add(d, c, message, gatekeeper_empty_object(), true);
}

static void add_eval_failure(struct deciding *d, const struct constraint *c,
                             const struct error *err)
{
  const struct rego_failure *f = rego_failure(d->w->rego);
  if (!f || !f->code)
    add_failure(d, c, "%s", err->message);
  else if (f->place.line)
    add_failure(d, c, "%.*s:%u: %s: %.*s", STR_FMT(f->file), f->place.line, f->code,
                STR_FMT(f->message));
  else
    add_failure(d, c, "%s: %.*s", f->code, STR_FMT(f->message));
}

static int compare_entries(const void *a, const void *b)
{
  const struct gatekeeper_violation *x = a, *y = b;
  int order = value_compare(x->details, y->details);
  return order ? order : str_compare(x->message, y->message);
}

/* One element of the result: what it says goes into w->entries. False: it cannot be read. */
static bool take_entry(struct deciding *d, const struct constraint *c, struct value entry)
{
  struct value message = value_get(entry, key_of(d, REVIEW_KEY_MSG));
  struct value details = value_get(entry, key_of(d, REVIEW_KEY_DETAILS));
  if (value_is(message, VALUE_ABSENT))
    return true;
  if (!value_is(message, VALUE_STRING)) {
    add_failure(d, c, "msg of its violation is %s, must be a string",
                kube_type_with_article(message));
    return false;
  }
  struct gatekeeper_violation v = {
      .message = value_str(message),
      .details = value_is(details, VALUE_ABSENT) ? gatekeeper_empty_object() : details};
  vec_push(&d->w->entries, v);
  return true;
}

/* The details, or {} if they are too large to be kept. */
static struct value keep_details(struct deciding *d, struct value details)
{
  struct value copy;
  if (d->asked->without_details || (value_is(details, VALUE_OBJECT) && details.len == 0) ||
      value_copy(d->arena, details, NULL, &copy, NULL) < 0)
    return gatekeeper_empty_object();
  return copy;
}

/* A violation must outlive the evaluation that it was made in. Whatever its size, that it is one is kept. */
static void keep(struct deciding *d, const struct constraint *c,
                 const struct gatekeeper_violation *entry)
{
  size_t limit = d->arena->limit;
  struct str message = entry->message;
  if (limit && message.len > limit - arena_used(d->arena))
    message = str_sub(message, 0, CUT_TO);
  message = arena_copy(d->arena, message);
  add(d, c, message, keep_details(d, entry->details), false);
}

/* The entries, each once, as far as this constraint's share of the arena goes. */
static void keep_all(struct deciding *d, const struct constraint *c)
{
  struct gatekeeper_worker *w = d->w;
  size_t limit = d->arena->limit, used = arena_used(d->arena);
  if (limit) {
    size_t share = used < limit ? (limit - used) / d->waiting : 0;
    d->arena->limit = used + (share > SAID_MIN ? share : SAID_MIN);
  }
  size_t i = 0;
  for (; i < w->entries.count && !arena_over(d->arena); i++) {
    const struct gatekeeper_violation *e = &w->entries.items[i];
    if (i == 0 || compare_entries(e - 1, e) != 0)
      keep(d, c, e);
  }
  d->arena->limit = limit;
  if (i < w->entries.count)
    add_failure(d, c, "its violations are too large to be told");
}

static void take_result(struct deciding *d, const struct constraint *c, struct value result)
{
  struct gatekeeper_worker *w = d->w;
  vec_clear(&w->entries);
  if (result.type < VALUE_ARRAY)
    return;
  if (result.len > GATEKEEPER_VIOLATIONS_MAX) {
    add_failure(d, c, "it has more than %d violations", GATEKEEPER_VIOLATIONS_MAX);
    return;
  }
  for (uint32_t i = 0; i < result.len; i++)
    if (!take_entry(d, c, value_is(result, VALUE_OBJECT) ? result.members[i].key : result.items[i]))
      return;
  if (w->entries.count > 1)
    qsort(w->entries.items, w->entries.count, sizeof *w->entries.items, compare_entries);
  if (w->entries.count)
    keep_all(d, c);
}

/* What is left, divided by the number of those that wait. */
static int64_t deadline_of(const struct deciding *d)
{
  int64_t deadline_ns = d->asked->deadline_ns;
  if (deadline_ns <= d->now_ns)
    return deadline_ns;
  return d->now_ns + (deadline_ns - d->now_ns) / d->waiting;
}

static void evaluate(struct deciding *d, const struct constraint *c)
{
  struct value result;
  struct error err;
  struct arena *a = &d->w->evaluation;
  arena_reset(a);
  struct value_member *input = arena_array(a, struct value_member, 2);
  input[0] = (struct value_member){key_of(d, REVIEW_KEY_REVIEW), d->review};
  input[1] = (struct value_member){key_of(d, REVIEW_KEY_PARAMETERS), c->shown.parameters};
  d->run.input = (struct value){.type = VALUE_OBJECT, .len = 2, .members = input};
  if (d->asked->deadline_ns)
    d->run.deadline_ns = deadline_of(d);
  rego_begin(d->w->rego, c->template->program, &d->run);
  if (rego_ask(d->w->rego, 0, &result, &err) < 0)
    add_eval_failure(d, c, &err);
  else
    take_result(d, c, result);
}

static enum match_verdict matches(const struct deciding *d, const struct constraint *c)
{
  for (uint32_t i = 0; i < d->target_count; i++) {
    enum match_verdict verdict = gatekeeper_match(&c->match, &d->targets[i]);
    if (verdict != MATCH_NO)
      return verdict;
  }
  return MATCH_NO;
}

/* Operations of templates say something at the webhook alone. */
static bool is_enforced(const struct deciding *d, const struct constraint *c)
{
  unsigned operations = c->template->operations;
  if (c->shown.actions[d->asked->point] == 0)
    return false;
  return operations == 0 || d->asked->point != GATEKEEPER_POINT_WEBHOOK ||
         (operations & gatekeeper_operation(d->operation));
}

static void decide_one(struct deciding *d, const struct constraint *c, enum match_verdict verdict)
{
  if (verdict == MATCH_UNKNOWN) {
    add_failure(d, c, "it selects namespaces by label, and Namespace \"%.*s\" is not known",
                STR_FMT(d->targets[0].object.namespace));
    return;
  }
  if (d->asked->no_inventory && (c->shown.needs & GATEKEEPER_NEEDS_INVENTORY)) {
    add_failure(d, c, "it looks at other objects: %s", d->asked->no_inventory);
    return;
  }
  if (value_is(d->review, VALUE_ABSENT))
    d->review = value_is(d->request, VALUE_OBJECT) ? extend_request(d) : make_review(d);
  evaluate(d, c);
}

static void judge(struct deciding *d, uint32_t number)
{
  struct gatekeeper_worker *w = d->w;
  const struct constraint *c = w->g->constraints.items[number];
  size_t before = w->violations.count;
  if (!is_enforced(d, c))
    return;
  enum match_verdict verdict = matches(d, c);
  if (verdict == MATCH_NO)
    return;
  decide_one(d, c, verdict);
  struct gatekeeper_evaluation e = {&c->shown, number, (uint32_t)(w->violations.count - before), 0};
  if (d->now_ns) {
    int64_t now_ns = (int64_t)clock_monotonic_ns(clock_system());
    e.ns = (uint64_t)(now_ns - d->now_ns);
    d->now_ns = now_ns;
  }
  vec_push(&w->evaluations, e);
}

static int compare_numbers(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static void find(struct deciding *d)
{
  struct gatekeeper_worker *w = d->w;
  w->found.count = 0;
  if (++w->found.stamp == 0) {
    memset(w->found.stamps, 0, w->g->constraints.count * sizeof *w->found.stamps);
    w->found.stamp = 1;
  }
  if (w->g->options.no_optimiser)
    for (uint32_t i = 0; i < w->g->constraints.count; i++)
      w->found.items[w->found.count++] = i;
  for (uint32_t i = 0; !w->g->options.no_optimiser && i < d->target_count; i++)
    gatekeeper_index_find(&w->g->index, &d->targets[i], &w->found);
  if (w->found.count > 1)
    qsort(w->found.items, w->found.count, sizeof *w->found.items, compare_numbers);
}

static void print_text(void *user, struct str text, struct str file, struct rego_place place)
{
  const struct gatekeeper_review *asked = user;
  (void)file, (void)place;
  asked->print(asked->user, text);
}

static struct value data_of(const struct deciding *d)
{
  const struct gatekeeper_review *asked = d->asked;
  if (asked->inventory)
    return gatekeeper_inventory_data(asked->inventory);
  if (!value_is(asked->inventory_tree, VALUE_OBJECT))
    return d->w->g->no_data;
  struct value_member item = {key_of(d, REVIEW_KEY_INVENTORY), asked->inventory_tree};
  struct members m = {&item, 1};
  return object_of(d, &m);
}

static void set_up_run(struct deciding *d)
{
  const struct gatekeeper_review *asked = d->asked;
  d->w->evaluation.limit = asked->memory ? asked->memory : d->arena->limit;
  if (asked->timed || asked->deadline_ns)
    d->now_ns = (int64_t)clock_monotonic_ns(clock_system());
  d->run = (struct rego_run){
      .arena = &d->w->evaluation,
      .data = data_of(d),
      .steps = asked->steps,
      .now_ns = asked->now_ns,
      .seed = hash_mix(0x67617465, ++d->w->reviews) | 1,
      .print = asked->print ? print_text : NULL,
      .user = (void *)(uintptr_t)asked,
  };
  if (d->run.now_ns == 0)
    d->run.now_ns = clock_wall_ms(clock_system()) * 1000000;
}

static void give(const struct deciding *d, struct gatekeeper_decision *ret)
{
  const struct gatekeeper_worker *w = d->w;
  size_t count = w->violations.count, matched = w->evaluations.count;
  struct gatekeeper_violation *items = arena_array(d->arena, struct gatekeeper_violation, count);
  struct gatekeeper_evaluation *evaluations =
      arena_array(d->arena, struct gatekeeper_evaluation, matched);
  if (count)
    memcpy(items, w->violations.items, count * sizeof *items);
  if (matched)
    memcpy(evaluations, w->evaluations.items, matched * sizeof *evaluations);
  *ret = (struct gatekeeper_decision){.items = items,
                                      .count = (uint32_t)count,
                                      .evaluations = evaluations,
                                      .matched = (uint32_t)matched,
                                      .actions = d->actions};
}

int gatekeeper_decide(struct gatekeeper_worker *worker, struct arena *arena,
                      const struct gatekeeper_review *review, struct gatekeeper_decision *ret,
                      struct error *err)
{
  struct deciding d = {.w = worker, .arena = arena, .asked = review};
  int rc = read_request(&d, err);
  if (rc == 0)
    rc = add_target(&d, d.object, "object", err);
  if (rc == 0 && !str_eq(d.operation, STR("DELETE")))
    rc = add_target(&d, d.old_object, "oldObject", err);
  if (rc < 0)
    return rc;
  find_namespace(&d);
  find(&d);
  set_up_run(&d);
  vec_clear(&worker->violations);
  vec_clear(&worker->evaluations);
  for (uint32_t i = 0; i < worker->found.count; i++) {
    d.waiting = worker->found.count - i;
    judge(&d, worker->found.items[i]);
  }
  arena_reset(&worker->evaluation);
  give(&d, ret);
  return 0;
}
