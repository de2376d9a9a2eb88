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

static void tell_notes(struct admission_loader *l, const struct gatekeeper *g)
{
  if (gatekeeper_constraint_count(g) == 0)
    admission_note(l, "there are ConstraintTemplates, but no constraints of them");
  if (gatekeeper_needs(g) & GATEKEEPER_NEEDS_INVENTORY)
    admission_note(l, "a ConstraintTemplate reads data.inventory: no other objects are known here, "
                      "so it sees an empty one");
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
  tell_notes(l, g);
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
  struct str id = arena_printf(a->arena, "gatekeeper/%.*s/%.*s", STR_FMT(v->constraint->kind),
                               STR_FMT(v->constraint->name));
  /* A constraint that would only warn cannot deny by failing. */
  if (v->failed && action == ADMISSION_ACTION_DENY)
    admission_fail(a, id, v->constraint->kind, "%.*s", STR_FMT(str_sub(v->message, 0, 512)));
  else
    admission_tell(a, id, v->constraint->kind, action, v->message);
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
  };
  admission_namespace(a, &review.namespace_object);
  if (gatekeeper_decide(a->own, a->scratch, &review, &decision, &err) < 0) {
    admission_fail(a, policy_id, STR_EMPTY, "%s", err.message);
    return;
  }
  a->asked->matched = decision.matched;
  for (uint32_t i = 0; i < decision.count; i++)
    take(a, &decision.items[i]);
}

const struct admission_source admission_source_gatekeeper = {
    .name = "Gatekeeper",
    .load = load,
    .free = free_state,
    .worker_new = worker_new,
    .worker_free = worker_free,
    .judge = judge,
};
