/* A review under way: which policies are asked, and what they say put together. */
#include "policy/admission_int.h"

#include "base/clock.h"
#include "data/compare.h"
#include "data/json.h"

#include <stdarg.h>
#include <stdio.h>

enum { MESSAGE_MAX = 4096 };

/* ---- actions */

static const struct str action_names[] = {
    [ADMISSION_ACTION_OFF] = STR_INIT("off"),
    [ADMISSION_ACTION_DRYRUN] = STR_INIT("dryrun"),
    [ADMISSION_ACTION_WARN] = STR_INIT("warn"),
    [ADMISSION_ACTION_DENY] = STR_INIT("deny"),
};

struct str admission_action_name(enum admission_action action)
{
  return action_names[action];
}

bool admission_action_from_name(struct str name, enum admission_action *ret)
{
  for (unsigned i = 0; i < sizeof action_names / sizeof *action_names; i++)
    if (str_eq(action_names[i], name)) {
      *ret = (enum admission_action)i;
      return true;
    }
  return false;
}

/* ---- workers */

struct admission_worker *admission_worker_new(struct admission_snapshot *snapshot)
{
  struct admission_worker *w = mem_zalloc(1, sizeof *w);
  size_t memory = snapshot->options.memory ? snapshot->options.memory : ADMISSION_MEMORY_DEFAULT;
  w->snapshot = admission_snapshot_hold(snapshot);
  arena_init(&w->arena, memory);
  arena_init(&w->scratch, memory);
  w->candidates = mem_zalloc(snapshot->index.words, sizeof *w->candidates);
  for (int i = 0; i < ADMISSION_SOURCES; i++)
    if (snapshot->states[i] && admission_sources[i]->worker_new)
      w->workers[i] = admission_sources[i]->worker_new(snapshot->states[i]);
  return w;
}

void admission_worker_free(struct admission_worker *w)
{
  if (!w)
    return;
  for (int i = 0; i < ADMISSION_SOURCES; i++)
    if (w->workers[i])
      admission_sources[i]->worker_free(w->workers[i]);
  vec_free(&w->reasons);
  vec_free(&w->warnings);
  vec_free(&w->annotations);
  vec_free(&w->asked);
  mem_free(w->candidates);
  arena_free(&w->arena);
  arena_free(&w->scratch);
  admission_snapshot_drop(w->snapshot);
  mem_free(w);
}

struct arena *admission_worker_arena(struct admission_worker *worker)
{
  return &worker->arena;
}

void admission_begin(struct admission_worker *w)
{
  arena_reset(&w->arena);
  arena_reset(&w->scratch);
  vec_clear(&w->reasons);
  vec_clear(&w->warnings);
  vec_clear(&w->annotations);
  vec_clear(&w->asked);
}

int admission_parse(struct admission_worker *w, struct str text, struct value *ret_root,
                    struct error *err)
{
  struct json_options options = {.size_max = ADMISSION_SIZE_MAX, .symbols = w->snapshot->symbols};
  return json_parse(&w->arena, text, &options, ret_root, err);
}

/* ---- what policies say */

/* One that talks too much must not take the others' room. */
static bool too_many(struct admission_asking *a)
{
  return a->worker->reasons.count >= ADMISSION_REASONS_MAX || a->said++ >= ADMISSION_REASONS_OF_ONE;
}

static void note_denied(struct admission_asking *a, bool failed)
{
  a->denied = true;
  a->really_denied |= !failed;
  if (a->asked)
    a->asked->denied = true;
}

/* One answer, with the action that holds by now. */
static void keep(struct admission_asking *a, struct admission_reason reason)
{
  if (reason.action == ADMISSION_ACTION_DENY)
    note_denied(a, reason.failed);
  if (a->asked && reason.action == ADMISSION_ACTION_WARN)
    a->asked->warned = true;
  if (too_many(a))
    return;
  reason.policy = arena_copy(a->arena, reason.policy);
  reason.rule = arena_copy(a->arena, reason.rule);
  reason.message = arena_copy(a->arena, str_sub(reason.message, 0, MESSAGE_MAX));
  vec_push(&a->worker->reasons, reason);
  if (reason.action == ADMISSION_ACTION_WARN)
    vec_push(&a->worker->warnings, arena_printf(a->arena, "[%.*s] %.*s", STR_FMT(reason.policy),
                                                STR_FMT(reason.message)));
}

static enum admission_action limited(const struct admission_setting *setting,
                                     enum admission_action action)
{
  if (setting && setting->limit_action && setting->action < action)
    return setting->action;
  return action;
}

enum admission_action admission_limited(const struct admission_asking *a, struct str policy,
                                        enum admission_action action)
{
  return limited(admission_setting_of(a->snapshot, policy), action);
}

enum admission_action admission_tell(struct admission_asking *a, struct str policy, struct str rule,
                                     enum admission_action action, struct str message)
{
  action = admission_limited(a, policy, action);
  if (action != ADMISSION_ACTION_OFF)
    keep(a, (struct admission_reason){policy, rule, message, action, false});
  return action;
}

static void fail_with(struct admission_asking *a, struct str policy, struct str rule,
                      struct str why)
{
  const struct admission_setting *setting = admission_setting_of(a->snapshot, policy);
  bool ignore = setting && setting->failure == ADMISSION_FAIL_IGNORE;
  enum admission_action action =
      limited(setting, ignore ? ADMISSION_ACTION_WARN : ADMISSION_ACTION_DENY);
  struct str message = arena_printf(a->arena, "the policy could not be decided: %.*s",
                                    STR_FMT(str_sub(why, 0, MESSAGE_MAX)));
  if (a->asked)
    a->asked->failed = true;
  if (action == ADMISSION_ACTION_OFF)
    return;
  keep(a, (struct admission_reason){policy, rule, message, action, true});
}

void admission_fail(struct admission_asking *a, struct str policy, struct str rule,
                    const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fail_with(a, policy, rule, str_from(text));
}

/* A file's path below the directory of policies that it comes from: whoever asks is told which policy it is,
 * not where it lies. */
static struct str below_policies(const struct admission_options *options, struct str file)
{
  for (size_t i = 0; i < options->path_count; i++) {
    struct str path = str_from(options->paths[i]);
    while (path.len && path.data[path.len - 1] == '/')
      path.len--;
    if (path.len && str_starts(file, path) && file.len > path.len && file.data[path.len] == '/')
      return str_sub(file, path.len + 1, file.len);
  }
  ptrdiff_t slash = str_find_last_byte(file, '/');
  return str_sub(file, (size_t)(slash + 1), file.len);
}

void admission_fail_rego(struct admission_asking *a, struct str policy, struct str rule,
                         const struct rego_worker *worker, const struct error *err)
{
  const struct rego_failure *f = rego_failure(worker);
  if (!f || !f->code || !f->place.line)
    admission_fail(a, policy, rule, "%s", err->message);
  else
    admission_fail(a, policy, rule, "%.*s:%u: %s: %.*s",
                   STR_FMT(below_policies(&a->worker->snapshot->options, f->file)), f->place.line,
                   f->code, STR_FMT(f->message));
}

void admission_warn(struct admission_asking *a, struct str text)
{
  if (a->worker->warnings.count < ADMISSION_REASONS_MAX)
    vec_push(&a->worker->warnings, arena_copy(a->arena, str_sub(text, 0, MESSAGE_MAX)));
  if (a->asked)
    a->asked->warned = true;
}

bool admission_annotate(struct admission_asking *a, const char *key, struct str value)
{
  struct admission_worker *w = a->worker;
  struct str name = arena_copy(a->arena, str_from(key));
  for (size_t i = 0; i < w->annotations.count; i++)
    if (str_eq(w->annotations.items[i].key, name))
      return false;
  if (w->annotations.count >= ADMISSION_REASONS_MAX)
    return false;
  vec_push(&w->annotations,
           (struct admission_annotation){
               name, arena_copy(a->arena, str_sub(value, 0, ADMISSION_ANNOTATION_MAX))});
  return true;
}

/* ---- parts of policies */

void admission_part_begin(struct admission_asking *a, uint32_t number)
{
  a->asked = vec_add(&a->worker->asked);
  a->asked->policy = a->snapshot->parts.items[number];
  a->asked->number = (uint32_t)a->snapshot->policies.count + number;
  a->asked->part = true;
  a->said = 0;
  a->asked->matched = 1;
}

void admission_part_end(struct admission_asking *a, uint64_t ns)
{
  const struct admission_asked *part = a->asked;
  struct admission_asked *whole = &a->worker->asked.items[a->asked_at];
  a->asked->ns = ns;
  whole->denied |= part->denied;
  whole->warned |= part->warned;
  whole->failed |= part->failed;
  a->asked = whole;
}

/* ---- the review */

struct value admission_inventory_tree(struct admission_asking *a)
{
  const struct admission_inventory *i = &a->snapshot->options.inventory;
  if (!a->inventory_looked_up && i->acquire)
    a->inventory_known = i->acquire(i->ctx, &a->inventory);
  a->inventory_looked_up = true;
  return a->inventory_known ? a->inventory.tree : VALUE_NONE;
}

static void release_inventory(struct admission_asking *a)
{
  const struct admission_inventory *i = &a->snapshot->options.inventory;
  if (a->inventory_known)
    i->release(i->ctx, &a->inventory);
}

static bool find_namespace(struct admission_asking *a, struct value *ret)
{
  const struct admission_namespaces *n = &a->snapshot->options.namespaces;
  if (n->find)
    return n->find(n->ctx, a->request.namespace, a->arena, ret);
  struct value cluster = value_get_str(admission_inventory_tree(a), STR("cluster"));
  struct value all = value_get_str(value_get_str(cluster, STR("v1")), STR("Namespace"));
  *ret = value_get_str(all, a->request.namespace);
  return true;
}

bool admission_namespace(struct admission_asking *a, struct value *ret_namespace)
{
  if (!a->namespace_looked_up && a->request.namespace.len)
    a->namespace_known = find_namespace(a, &a->namespace) && value_is(a->namespace, VALUE_OBJECT);
  a->namespace_looked_up = true;
  if (a->namespace_known)
    *ret_namespace = a->namespace;
  return a->namespace_known;
}

bool admission_is_main(const struct admission_asking *a)
{
  return !a->request.subresource.len || str_eq(a->request.subresource, STR("ephemeralcontainers"));
}

/* An object of a hand-written review may lack what the request says of it. */
static struct value complete(struct admission_asking *a, struct value object)
{
  const struct admission_type *kind = &a->request.kind;
  if (!value_is(object, VALUE_OBJECT))
    return object;
  if (value_is_nil(value_get(object, kube_key(KUBE_API_VERSION)))) {
    struct str version = kind->group.len
                             ? arena_printf(a->arena, "%.*s/%.*s", STR_FMT(kind->group),
                                            STR_FMT(kind->version.len ? kind->version : STR("v1")))
                             : (kind->version.len ? kind->version : STR("v1"));
    object = value_object_with(a->arena, object, kube_key(KUBE_API_VERSION), value_string(version));
  }
  if (value_is_nil(value_get(object, kube_key(KUBE_KIND))))
    object = value_object_with(a->arena, object, kube_key(KUBE_KIND), value_string(kind->name));
  return object;
}

/* Puts an object into the request, and into its trees. */
static void put(struct admission_asking *a, const char *key, struct value object)
{
  struct admission_request *r = &a->request;
  r->request = value_object_with(a->arena, r->request, value_from(key), object);
  r->review = value_object_with(a->arena, r->review, value_from("request"), r->request);
}

static bool same(struct value a, struct value b)
{
  return a.type == b.type && a.len == b.len && a.members == b.members;
}

static bool take(struct admission_asking *a, const char *key, struct value given,
                 struct kube_object *ret)
{
  struct value whole = complete(a, given);
  if (!same(whole, given))
    put(a, key, whole);
  return kube_object_read(whole, (struct value_position){0}, ret);
}

/* Equal but for metadata and status? */
static bool same_work(struct value a, struct value b)
{
  static const enum kube_key passing[] = {KUBE_METADATA, KUBE_STATUS};
  for (int side = 0; side < 2; side++) {
    struct value x = side ? b : a, y = side ? a : b;
    for (uint32_t i = 0; i < x.len; i++) {
      struct value key = x.members[i].key;
      bool passes = false;
      for (size_t k = 0; k < sizeof passing / sizeof *passing; k++)
        passes |= value_eq_str(key, value_str(kube_key(passing[k])));
      if (!passes && !value_equal(x.members[i].value, value_get(y, key)))
        return false;
    }
  }
  return true;
}

/* The old object's metadata is the API server's own, so the new one's are not asked. */
static bool winds_down(const struct admission_asking *a)
{
  if (a->request.operation != ADMISSION_UPDATE || !a->has_old || !a->has_object)
    return false;
  struct value since = value_get_str(a->old_object.metadata, STR("deletionTimestamp"));
  return !value_is_nil(since) && same_work(a->object.value, a->old_object.value);
}

static void take_objects(struct admission_asking *a)
{
  struct admission_request *r = &a->request;
  a->has_object = a->has_old = false;
  if (value_is(r->object, VALUE_OBJECT) && r->operation != ADMISSION_DELETE) {
    a->has_object = take(a, "object", r->object, &a->object);
    r->object = a->object.value;
  }
  if (value_is(r->old_object, VALUE_OBJECT)) {
    a->has_old = take(a, "oldObject", r->old_object, &a->old_object);
    r->old_object = a->old_object.value;
  }
  a->winding_down = winds_down(a);
}

int admission_change(struct admission_asking *a, const struct patch *patch, struct error *err)
{
  struct value changed;
  int rc = patch_apply(a->arena, a->object.value, patch, NULL, &changed, err);
  if (rc < 0)
    return rc;
  struct kube_object o;
  if (!kube_object_read(changed, (struct value_position){0}, &o) ||
      !str_eq(o.kind, a->object.kind) || !str_eq(o.api_version, a->object.api_version))
    return error_set(err, SW_EINVAL, "the patch changes what kind of object it is");
  a->object = o;
  a->request.object = changed;
  put(a, "object", changed);
  return 0;
}

/* ---- candidates */

static unsigned operation_number(unsigned operation)
{
  return (unsigned)__builtin_ctz(operation);
}

static void find_candidates(struct admission_asking *a)
{
  const struct admission_index *index = &a->snapshot->index;
  const union map_value *slot = map_get(&index->of_kind, a->request.kind.name);
  const uint64_t *kinds = slot ? slot->view : index->any_kind;
  const uint64_t *operations = index->of_operation[operation_number(a->request.operation)];
  for (size_t i = 0; i < index->words; i++)
    a->worker->candidates[i] = kinds[i] & operations[i];
}

/* The part of the index that depends on the namespace. */
static bool is_in_scope(const struct admission_asking *a, const struct admission_policy *p)
{
  const struct admission_setting *s = p->setting;
  if (!s)
    return true;
  const struct admission_scope *scope = &s->scope;
  struct str name = a->request.namespace;
  if (scope->namespace_count &&
      !admission_matches_any(scope->namespaces, scope->namespace_count, name))
    return false;
  return !admission_matches_any(scope->excluded_namespaces, scope->excluded_namespace_count, name);
}

static bool is_asked_now(const struct admission_policy *p, bool mutating)
{
  return mutating ? p->mutates : admission_sources[p->source]->judge != NULL;
}

static unsigned count_candidates(struct admission_asking *a, bool mutating)
{
  unsigned count = 0;
  for (size_t i = 0; i < a->snapshot->policies.count; i++) {
    const struct admission_policy *p = &a->snapshot->policies.items[i];
    uint64_t *word = &a->worker->candidates[i / 64], bit = UINT64_C(1) << (i % 64);
    if ((*word & bit) && !is_in_scope(a, p))
      *word &= ~bit;
    count += (*word & bit) && is_asked_now(p, mutating);
  }
  return count;
}

/* ---- asking */

/* What is left, divided by the number of those that wait. */
static int64_t share_of(int64_t deadline_ns, int64_t now, unsigned waiting)
{
  if (deadline_ns == 0)
    return 0;
  if (deadline_ns <= now)
    return 1; /* long ago */
  return now + (deadline_ns - now) / (int64_t)(waiting ? waiting : 1);
}

static void ask(struct admission_asking *a, const struct admission_policy *p, bool mutating,
                int64_t deadline_ns, unsigned waiting)
{
  struct admission_worker *w = a->worker;
  const struct admission_source *source = admission_sources[p->source];
  const struct clock *clock = clock_system();
  int64_t begun = (int64_t)clock_monotonic_ns(clock);
  a->policy = p;
  a->state = a->snapshot->states[p->source];
  a->own = w->workers[p->source];
  a->deadline_ns = share_of(deadline_ns, begun, waiting);
  a->asked_at = w->asked.count;
  a->asked = vec_add(&w->asked);
  a->asked->policy = p->id;
  a->asked->number = (uint32_t)(p - a->snapshot->policies.items);
  a->said = 0;
  arena_reset(&w->scratch);
  if (deadline_ns && deadline_ns <= begun)
    admission_fail(a, p->id, STR_EMPTY,
                   "the time that the API server gives was over before it "
                   "was asked");
  else if (mutating)
    source->mutate(a);
  else
    source->judge(a);
  a->asked->ns = clock_monotonic_ns(clock) - (uint64_t)begun;
  a->asked = NULL;
}

static void ask_all(struct admission_asking *a, bool mutating, int64_t deadline_ns)
{
  unsigned waiting = count_candidates(a, mutating);
  for (size_t i = 0; waiting && i < a->snapshot->policies.count; i++) {
    const struct admission_policy *p = &a->snapshot->policies.items[i];
    if (!(a->worker->candidates[i / 64] >> (i % 64) & 1) || !is_asked_now(p, mutating))
      continue;
    ask(a, p, mutating, deadline_ns, waiting--);
  }
}

/* ---- putting together */

/* All denials, one a line. */
static struct str message_of(struct admission_asking *a)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, 2 * ADMISSION_MESSAGE_MAX);
  for (size_t i = 0; i < a->worker->reasons.count; i++) {
    const struct admission_reason *r = &a->worker->reasons.items[i];
    if (r->action != ADMISSION_ACTION_DENY)
      continue;
    if (text.len)
      buf_add_byte(&text, '\n');
    buf_printf(&text, "[%.*s] %.*s", STR_FMT(r->policy), STR_FMT(r->message));
  }
  if (!text.len)
    buf_add(&text, STR("denied; there are too many reasons to tell"));
  return arena_copy(a->arena, buf_str(&text));
}

static void annotate_dry_runs(struct admission_asking *a)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, 2 * ADMISSION_ANNOTATION_MAX);
  for (size_t i = 0; i < a->worker->reasons.count; i++) {
    const struct admission_reason *r = &a->worker->reasons.items[i];
    if (r->action != ADMISSION_ACTION_DRYRUN)
      continue;
    if (text.len)
      buf_add(&text, STR("; "));
    buf_printf(&text, "[%.*s] %.*s", STR_FMT(r->policy), STR_FMT(r->message));
  }
  if (text.len)
    admission_annotate(a, "dryrun", buf_str(&text));
}

static void finish(struct admission_asking *a, struct admission_decision *ret)
{
  struct admission_worker *w = a->worker;
  annotate_dry_runs(a);
  *ret = (struct admission_decision){
      .allowed = !a->denied,
      .readable = true,
      .internal = a->denied && !a->really_denied,
      .reasons = w->reasons.items,
      .reason_count = w->reasons.count,
      .warnings = w->warnings.items,
      .warning_count = w->warnings.count,
      .annotations = w->annotations.items,
      .annotation_count = w->annotations.count,
      .asked = w->asked.items,
      .asked_count = w->asked.count,
      .policies = a->snapshot->policies.count,
      .message = STR_EMPTY,
  };
  if (a->denied)
    ret->message = message_of(a);
  release_inventory(a);
}

static void begin(struct admission_asking *a, struct admission_worker *w)
{
  const struct admission_options *o = &w->snapshot->options;
  *a = (struct admission_asking){
      .worker = w,
      .snapshot = w->snapshot,
      .arena = &w->arena,
      .scratch = &w->scratch,
      .steps = o->steps ? o->steps : ADMISSION_STEPS_DEFAULT,
      .now_ns = clock_wall_ms(clock_system()) * 1000000,
  };
}

void admission_decide(struct admission_worker *worker, const struct admission_request *request,
                      unsigned phases, int64_t deadline_ns, struct admission_decision *ret)
{
  struct admission_asking a;
  begin(&a, worker);
  a.request = *request;
  a.phases = phases;
  take_objects(&a);
  struct value before = a.has_object ? a.object.value : VALUE_NONE;
  find_candidates(&a);
  bool changeable = a.has_object && (request->operation & (ADMISSION_CREATE | ADMISSION_UPDATE));
  if ((phases & ADMISSION_MUTATE) && changeable)
    ask_all(&a, true, deadline_ns);
  if ((phases & ADMISSION_VALIDATE) && !a.denied)
    ask_all(&a, false, deadline_ns);
  finish(&a, ret);
  ret->request = a.request;
  if (ret->allowed && a.has_object && !same(before, a.object.value)) {
    struct patch patch;
    patch_diff(a.arena, request->object, a.object.value, &patch);
    if (patch.count)
      ret->patch = patch_document(a.arena, &patch);
  }
}

void admission_decide_images(struct admission_worker *worker, const struct image_review *review,
                             int64_t deadline_ns, struct admission_decision *ret)
{
  struct admission_asking a;
  begin(&a, worker);
  a.images = review;
  a.request.namespace = review->namespace;
  a.request.operation = ADMISSION_CREATE;
  for (size_t i = 0; i < a.snapshot->policies.count; i++) {
    const struct admission_policy *p = &a.snapshot->policies.items[i];
    if (admission_sources[p->source] == &admission_source_images && is_in_scope(&a, p))
      ask(&a, p, false, deadline_ns, 1);
  }
  finish(&a, ret);
  ret->request.namespace = review->namespace;
}
