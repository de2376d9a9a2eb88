/* Gatekeeper's templates and constraints as an admission policy. */
#include "policy/admission_int.h"

#include "policy/gatekeeper.h"

#include <sys/stat.h>

static const struct str policy_id = STR_INIT("gatekeeper");

/* ---- loading */

static void tell_problems(struct admission_loader *l, const struct gatekeeper *g)
{
  for (size_t i = 0; i < gatekeeper_problem_count(g); i++) {
    _cleanup_(buf_free) struct buf text = {0};
    const struct gatekeeper_problem *p = gatekeeper_problem(g, i);
    gatekeeper_problem_write(&text, p);
    admission_problem(l, p->code, "%s", buf_text(&text));
  }
}

static bool is_document(const char *path)
{
  struct str p = str_from(path);
  struct stat st;
  return (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) || str_ends(p, STR(".yaml")) ||
         str_ends(p, STR(".yml")) || str_ends(p, STR(".json"));
}

static int read_paths(struct admission_loader *l, struct gatekeeper *g, size_t *ret_count)
{
  const struct admission_options *o = &l->snapshot->options;
  struct error err;
  int rc = 0;
  *ret_count = 0;
  for (size_t i = 0; i < o->path_count; i++) {
    size_t count = 0;
    int one = is_document(o->paths[i]) ? gatekeeper_load(g, o->paths[i], &count, &err) : 0;
    *ret_count += count;
    rc = one < 0 ? one : rc;
  }
  return rc;
}

enum { NOTED_MAX = 8 }; /* ids that a note names */

/* Without an inventory they judge nothing: that must be known. */
static void note_inventory(struct admission_loader *l, const struct gatekeeper *g)
{
  _cleanup_(buf_free) struct buf text = {0};
  size_t count = 0;
  for (size_t i = 0; i < gatekeeper_constraint_count(g); i++) {
    const struct gatekeeper_constraint *c = gatekeeper_constraint(g, i);
    if ((c->needs & GATEKEEPER_NEEDS_INVENTORY) && count++ < NOTED_MAX)
      buf_printf(&text, "%s%.*s", count > 1 ? ", " : "", STR_FMT(c->rule.id));
  }
  if (count > NOTED_MAX)
    buf_printf(&text, " and %zu more", count - NOTED_MAX);
  if (count)
    admission_note(
        l,
        "no other objects are known here (data.inventory is empty), so these constraints "
        "find nothing in them: %s",
        buf_text(&text));
}

static void tell_notes(struct admission_loader *l, const struct gatekeeper *g)
{
  if (gatekeeper_constraint_count(g) == 0)
    admission_note(l, "there are ConstraintTemplates, but no constraints of them");
  if (!l->snapshot->options.inventory.acquire)
    note_inventory(l, g);
}

static int load(struct admission_loader *l, void **ret_state, struct error *err)
{
  struct gatekeeper_options options = {.symbols = l->snapshot->symbols};
  _cleanup_(gatekeeper_freep) struct gatekeeper *g = gatekeeper_new(&options);
  size_t count;
  int rc = read_paths(l, g, &count);
  int finished = gatekeeper_finish(g, err);
  if (rc < 0 || finished < 0) {
    tell_problems(l, g);
    return rc < 0 ? rc : finished;
  }
  if (count == 0)
    return 0;
  l->found = true;
  tell_notes(l, g);
  for (size_t i = 0; i < gatekeeper_constraint_count(g); i++)
    admission_add_part(l, gatekeeper_constraint(g, i)->rule.id);
  *ret_state = g;
  g = NULL;
  return admission_add_policy(l, policy_id, NULL, 0, false, 0);
}

static void free_state(void *state)
{
  gatekeeper_free(state);
}

static void *worker_new(const void *state)
{
  return gatekeeper_worker_new(state);
}

static void worker_free(void *worker)
{
  gatekeeper_worker_free(worker);
}

/* ---- judging */

static enum admission_action action_of(unsigned actions)
{
  return actions & GATEKEEPER_DENY     ? ADMISSION_ACTION_DENY
         : actions & GATEKEEPER_WARN   ? ADMISSION_ACTION_WARN
         : actions & GATEKEEPER_DRYRUN ? ADMISSION_ACTION_DRYRUN
                                       : ADMISSION_ACTION_OFF;
}

static void take(struct admission_asking *a, const struct gatekeeper_violation *v)
{
  enum admission_action action = action_of(v->actions);
  struct str id = v->constraint->rule.id;
  /* A constraint that would only warn cannot deny by failing. */
  if (v->failed && action == ADMISSION_ACTION_DENY) {
    admission_fail(a, id, v->constraint->kind, "%.*s", STR_FMT(str_sub(v->message, 0, 512)));
    return;
  }
  a->asked->failed |= v->failed;
  admission_tell(a, id, v->constraint->kind, action, v->message);
}

/* Constraints are parts in their own order. */
static void take_all(struct admission_asking *a, const struct gatekeeper_decision *d)
{
  const struct gatekeeper_violation *next = d->items;
  for (uint32_t i = 0; i < d->matched; i++) {
    const struct gatekeeper_evaluation *e = &d->evaluations[i];
    admission_part_begin(a, e->number);
    for (uint32_t k = 0; k < e->count; k++)
      take(a, next++);
    admission_part_end(a, e->ns);
  }
  a->asked->matched = d->matched;
}

static void find_inventory(struct admission_asking *a, struct gatekeeper_review *review)
{
  if (!a->snapshot->options.inventory.acquire ||
      !(gatekeeper_needs(a->state) & GATEKEEPER_NEEDS_INVENTORY))
    return;
  review->inventory_tree = admission_inventory_tree(a);
  if (!a->inventory_known)
    review->no_inventory = "the objects of the cluster are not known yet";
}

static void judge(struct admission_asking *a)
{
  struct gatekeeper_decision decision;
  struct error err;
  struct gatekeeper_review review = {
      .request = a->request.request,
      .point = GATEKEEPER_POINT_WEBHOOK,
      .steps = a->steps,
      .deadline_ns = a->deadline_ns,
      .now_ns = a->now_ns,
      .timed = true,
      .without_details = true,
  };
  admission_namespace(a, &review.namespace_object);
  find_inventory(a, &review);
  if (gatekeeper_decide(a->own, a->scratch, &review, &decision, &err) < 0)
    admission_fail(a, policy_id, STR_EMPTY, "%s", err.message);
  else
    take_all(a, &decision);
}

const struct admission_source admission_source_gatekeeper = {
    .name = "Gatekeeper",
    .load = load,
    .free = free_state,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .judge = judge,
};
