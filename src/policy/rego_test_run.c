#include "base/clock.h"
#include "base/mem.h"
#include "base/pool.h"
#include "data/compare.h"
#include "data/json_write.h"
#include "policy/rego_test_int.h"

#include <stdlib.h>

/* ---- what an observer sees of a test */

/* A failed expression as it was when it failed. The values lie in the arena of the evaluation. */
struct failed_at {
  uint32_t point;
  bool known;
  VEC(struct rego_variable) variables;
};

/* An expression of the test that has been begun and may go on. */
struct open_expr {
  uint32_t point;
  bool answered; /* what stands behind it was reached */
};

struct begun_case {
  struct value names; /* an array */
  struct failed_at failed;
};

struct watch {
  const struct rego_program *program;
  struct rego_cover *cover;
  uint32_t rule; /* the test's point */
  VEC(struct open_expr) open;
  VEC(struct begun_case) cases;
  struct map case_numbers; /* text of the names -> number in cases */
  int64_t current;         /* the case under way; -1: none */
  struct failed_at failed; /* whatever case it was */
};

static bool starts_with(struct str s, const char *prefix)
{
  return str_starts(s, str_from(prefix));
}

/* The point stands inside of another. */
static bool is_within(const struct rego_point *inner, const struct rego_point *outer)
{
  return inner->place.start >= outer->place.start && inner->place.end <= outer->place.end &&
         (inner->place.start != outer->place.start || inner->place.end != outer->place.end);
}

static void set_case(struct watch *w, struct value names)
{
  if (w->current >= 0 && value_equal(w->cases.items[w->current].names, names))
    return;
  _cleanup_(buf_free) struct buf key = {0};
  json_write(&key, names, 0);
  bool added;
  union map_value *known = map_put(&w->case_numbers, buf_str(&key), &added);
  if (added) {
    if (vec_full(&w->cases, REGO_TEST_CASES_MAX)) {
      map_remove(&w->case_numbers, buf_str(&key));
      return;
    }
    known->number = w->cases.count;
    vec_push(&w->cases, (struct begun_case){.names = names});
  }
  w->current = (int64_t)known->number;
}

static void find_case(struct watch *w, const struct rego_variable *variables, uint32_t count)
{
  w->current = count ? w->current : -1;
  for (uint32_t i = count; i-- > 0;)
    if (starts_with(variables[i].name, REGO_TEST_CASE)) {
      set_case(w, variables[i].value);
      return;
    }
  w->current = -1;
}

static void keep_failure(struct failed_at *failed, uint32_t point,
                         const struct rego_variable *variables, uint32_t count)
{
  failed->known = true;
  failed->point = point;
  vec_clear(&failed->variables);
  for (uint32_t i = 0; i < count; i++)
    vec_push(&failed->variables, variables[i]);
}

/* An expression is begun: those before it in its body have been answered. */
static void on_eval(struct watch *w, uint32_t point)
{
  const struct rego_point *here = rego_point(w->program, point);
  for (size_t i = w->open.count; i-- > 0;) {
    if (is_within(here, rego_point(w->program, w->open.items[i].point)))
      break;
    w->open.items[i].answered = true;
  }
  vec_push(&w->open, (struct open_expr){.point = point});
}

/* Number of the entry of a point, the latest one; -1: it is not open. */
static int64_t find_open(const struct watch *w, uint32_t point)
{
  for (size_t i = w->open.count; i-- > 0;)
    if (w->open.items[i].point == point)
      return (int64_t)i;
  return -1;
}

/* Whether what the point at `number` stands in is the test's body, or that of an `every`. */
static bool is_telling(const struct watch *w, size_t number)
{
  const struct rego_point *here = rego_point(w->program, w->open.items[number].point);
  for (size_t i = 0; i < number; i++) {
    const struct rego_point *around = rego_point(w->program, w->open.items[i].point);
    if (is_within(here, around) && !starts_with(around->text, "every"))
      return false;
  }
  return true;
}

static void on_fail(struct watch *w, uint32_t point, const struct rego_variable *variables,
                    uint32_t count)
{
  int64_t number = find_open(w, point);
  if (number < 0)
    return;
  bool telling = !w->open.items[number].answered && is_telling(w, (size_t)number);
  /* of an every that failed, the expression inside it has been told */
  const struct rego_point *here = rego_point(w->program, point);
  if (telling && starts_with(here->text, "every") && w->failed.known &&
      is_within(rego_point(w->program, w->failed.point), here))
    telling = false;
  w->open.count = (size_t)number;
  if (!telling)
    return;
  keep_failure(&w->failed, point, variables, count);
  if (w->current >= 0)
    keep_failure(&w->cases.items[w->current].failed, point, variables, count);
}

static void on_event(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                     const struct rego_variable *variables, uint32_t count)
{
  struct watch *w = user;
  (void)depth;
  if (w->cover)
    rego_cover_note(w->cover, event, point);
  const struct rego_point *here = rego_point(w->program, point);
  if (here->rule != w->rule)
    return;
  if (here->kind == REGO_POINT_RULE) {
    if (event == REGO_ENTER)
      w->open.count = 0;
    for (size_t i = 0; event == REGO_EXIT && i < w->open.count; i++)
      w->open.items[i].answered = true;
    return;
  }
  if (event == REGO_EVAL || event == REGO_FAIL)
    find_case(w, variables, count);
  if (event == REGO_EVAL)
    on_eval(w, point);
  else if (event == REGO_FAIL)
    on_fail(w, point, variables, count);
  else if (event == REGO_REDO && find_open(w, point) >= 0)
    w->open.count = (size_t)find_open(w, point) + 1;
}

static void watch_init(struct watch *w, const struct rego_tests *tests,
                       const struct test_entry *entry, struct rego_cover *cover, struct arena *a)
{
  *w = (struct watch){
      .program = tests->program, .cover = cover, .rule = entry->point, .current = -1};
  map_init(&w->case_numbers, a);
}

/* ---- jobs */

struct job {
  struct job *next_free;
  size_t number;
  struct arena arena;
  struct map case_keys;
  struct buf output;
  struct rego_test_result result;
};

struct runner {
  struct rego_tests *tests;
  const struct rego_test_run *run;
  struct rego_worker **workers;
  struct rego_cover **covers;
  unsigned jobs;
  size_t next;
  struct job *free_jobs;
};

static void *next_job(void *ctx)
{
  struct runner *r = ctx;
  if (r->next == r->tests->entries.count)
    return NULL;
  struct job *job = r->free_jobs;
  if (job) {
    r->free_jobs = job->next_free;
  } else {
    job = mem_zalloc(1, sizeof *job);
    arena_init(&job->arena, REGO_TEST_MEMORY_MAX);
    buf_init(&job->output, REGO_TEST_OUTPUT_MAX);
  }
  job->number = r->next++;
  return job;
}

static void give_back(void *ctx, void *item)
{
  struct runner *r = ctx;
  struct job *job = item;
  arena_reset(&job->arena);
  buf_clear(&job->output);
  job->result = (struct rego_test_result){0};
  job->next_free = r->free_jobs;
  r->free_jobs = job;
}

/* ---- from what was seen to what is told */

/* The comparison that a point is, or a side of which it computes; NULL: it is none. */
static const struct test_comparison *comparison_at(const struct rego_tests *tests,
                                                   const struct test_entry *entry,
                                                   struct rego_place place)
{
  for (size_t i = 0; i < entry->comparison_count; i++) {
    const struct test_comparison *c = &tests->comparisons.items[entry->first + i];
    if ((c->start == place.start && c->end == place.end) ||
        (c->left.start == place.start && c->left.end == place.end) ||
        (c->right.start == place.start && c->right.end == place.end))
      return c;
  }
  return NULL;
}

static struct value side_value(const struct failed_at *failed, const struct test_side *side)
{
  for (size_t i = 0; side->variable.len && i < failed->variables.count; i++)
    if (str_eq(failed->variables.items[i].name, side->variable))
      return failed->variables.items[i].value;
  return VALUE_NONE;
}

static struct str first_line(struct str text)
{
  struct str rest;
  struct str line = str_trim(str_cut(text, '\n', &rest));
  return line;
}

static bool is_own(struct str name)
{
  return starts_with(name, "__") || str_eq(name, STR("input")) || str_eq(name, STR("data"));
}

static void tell_variables(struct job *job, const struct failed_at *failed,
                           struct rego_test_failure *ret)
{
  struct rego_test_variable *list =
      arena_array(&job->arena, struct rego_test_variable, failed->variables.count + 1);
  for (size_t i = 0; i < failed->variables.count; i++) {
    const struct rego_variable *v = &failed->variables.items[i];
    if (!is_own(v->name))
      list[ret->variable_count++] = (struct rego_test_variable){
          v->name, rego_test_text(&job->arena, v->value, REGO_TEST_VALUE_MAX)};
  }
  ret->variables = list;
}

static void tell_failure(struct runner *r, struct job *job, const struct failed_at *failed,
                         struct rego_test_failure *ret)
{
  const struct test_entry *entry = &r->tests->entries.items[job->number];
  *ret = (struct rego_test_failure){0};
  if (!failed->known)
    return;
  const struct rego_point *point = rego_point(r->tests->program, failed->point);
  ret->known = true;
  ret->file = point->file;
  ret->place = point->place;
  ret->text = point->text;
  tell_variables(job, failed, ret);
  const struct test_comparison *c = comparison_at(r->tests, entry, point->place);
  if (!c)
    return;
  ret->compares = true;
  ret->left = side_value(failed, &c->left);
  ret->right = side_value(failed, &c->right);
  struct str whole = entry->module->text;
  ret->text = first_line(str_sub(whole, c->start, c->end - c->start));
}

/* ---- cases */

/* A node of the tree of cases while it is built. */
struct node {
  struct str name;
  bool failed;
  struct node *children, *next;
  uint32_t count;
  const struct failed_at *at;
};

static struct str case_name(struct job *job, struct value v)
{
  if (v.type == VALUE_STRING)
    return value_str(v);
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, v, 0);
  return arena_copy(&job->arena, buf_str(&text));
}

/* Names of many cases are looked up in a map: the address of their parent, then the name. */
static struct node *child_of(struct job *job, struct node *parent, struct str name, bool *ret_added)
{
  _cleanup_(buf_free) struct buf key = {0};
  buf_printf(&key, "%p ", (void *)parent);
  buf_add(&key, name);
  union map_value *known = map_put(&job->case_keys, buf_str(&key), ret_added);
  if (!*ret_added)
    return known->pointer;
  struct node *child = arena_new(&job->arena, struct node);
  child->name = name;
  child->next = parent->children;
  parent->children = child;
  parent->count++;
  known->pointer = child;
  return child;
}

enum { CASE_DEPTH_MAX = 20 };

/* What the rule came to: true has passed, an object holds cases, anything else has failed. */
static bool add_value(struct job *job, struct node *node, struct value v, unsigned depth)
{
  if (v.type != VALUE_OBJECT || depth == CASE_DEPTH_MAX)
    return node->failed = !value_is_true(v);
  for (uint32_t i = 0; i < v.len; i++) {
    bool added;
    struct node *child = child_of(job, node, case_name(job, v.members[i].key), &added);
    node->failed |= add_value(job, child, v.members[i].value, depth + 1);
  }
  return node->failed;
}

/* A case that was begun: one that did not come true has failed, and so has all around it. */
static bool add_begun(struct job *job, struct node *node, const struct begun_case *begun,
                      uint32_t i)
{
  if (i == begun->names.len) {
    node->at = &begun->failed;
    return node->failed;
  }
  bool added;
  struct node *child = child_of(job, node, case_name(job, begun->names.items[i]), &added);
  child->failed |= added;
  return node->failed |= add_begun(job, child, begun, i + 1);
}

static int compare_nodes(const void *a, const void *b)
{
  return str_compare((*(const struct node *const *)a)->name,
                     (*(const struct node *const *)b)->name);
}

struct case_list VEC_BODY(struct rego_test_case);

static void list_cases(struct runner *r, struct job *job, const struct node *node, uint32_t depth,
                       struct case_list *out)
{
  const struct node **sorted = arena_array(&job->arena, const struct node *, node->count + 1);
  uint32_t count = 0;
  for (const struct node *child = node->children; child; child = child->next)
    sorted[count++] = child;
  qsort(sorted, count, sizeof *sorted, compare_nodes);
  for (uint32_t i = 0; i < count; i++) {
    struct rego_test_case c = {.name = sorted[i]->name,
                               .depth = depth,
                               .failed = sorted[i]->failed,
                               .leaf = sorted[i]->count == 0};
    if (c.leaf && c.failed && sorted[i]->at)
      tell_failure(r, job, sorted[i]->at, &c.failure);
    vec_push(out, c);
    list_cases(r, job, sorted[i], depth + 1, out);
  }
}

static void tell_cases(struct runner *r, struct job *job, const struct watch *w, struct value value)
{
  struct node root = {0};
  map_init(&job->case_keys, &job->arena);
  bool failed = value.type == VALUE_OBJECT ? add_value(job, &root, value, 0) : true;
  for (size_t i = 0; i < w->cases.count; i++)
    if (w->cases.items[i].names.type == VALUE_ARRAY &&
        w->cases.items[i].names.len <= CASE_DEPTH_MAX)
      failed |= add_begun(job, &root, &w->cases.items[i], 0);
  struct case_list list = {0};
  list_cases(r, job, &root, 0, &list);
  struct rego_test_case *kept = arena_array(&job->arena, struct rego_test_case, list.count + 1);
  if (list.count)
    memcpy(kept, list.items, list.count * sizeof *kept);
  job->result.cases = kept;
  job->result.case_count = list.count;
  job->result.outcome = failed ? REGO_TEST_FAIL : REGO_TEST_PASS;
  vec_free(&list);
  map_free(&job->case_keys);
}

/* ---- running */

static void on_print(void *user, struct str text, struct str file, struct rego_place place)
{
  struct job *job = user;
  (void)file, (void)place;
  buf_add(&job->output, text);
  buf_add_byte(&job->output, '\n');
}

static void tell_error(struct job *job, struct rego_worker *worker, const struct error *err)
{
  const struct rego_failure *failure = rego_failure(worker);
  job->result.outcome = REGO_TEST_ERROR;
  job->result.error_code = str_from(failure ? failure->code : "");
  job->result.error_message =
      arena_copy(&job->arena, failure ? failure->message : str_from(err->message));
  if (failure) {
    job->result.error_file = failure->file;
    job->result.error_place = failure->place;
  }
}

static void judge(struct runner *r, struct job *job, const struct watch *w, struct value value)
{
  struct rego_test_result *result = &job->result;
  result->outcome = value_is_true(value) ? REGO_TEST_PASS : REGO_TEST_FAIL;
  if (result->test->cases && value.type != VALUE_ABSENT)
    tell_cases(r, job, w, value);
  else if (result->outcome == REGO_TEST_FAIL && value.type != VALUE_ABSENT)
    result->value = rego_test_text(&job->arena, value, REGO_TEST_VALUE_MAX);
  if (result->outcome == REGO_TEST_FAIL && !result->value.len && !result->case_count)
    tell_failure(r, job, &w->failed, &result->failure);
}

static void run_test(struct runner *r, unsigned number, struct job *job)
{
  const struct test_entry *entry = &r->tests->entries.items[job->number];
  struct rego_cover *cover = r->covers ? r->covers[number] : NULL;
  struct watch w;
  watch_init(&w, r->tests, entry, cover, &job->arena);
  struct rego_observer observer = {.event = on_event, .user = &w};
  uint64_t begun = clock_monotonic_ns(clock_system());
  uint64_t timeout = r->run->timeout_ns ? r->run->timeout_ns : REGO_TEST_TIMEOUT_DEFAULT;
  struct rego_run run = {.arena = &job->arena,
                         .data = r->run->data,
                         .environment = r->run->environment,
                         .deadline_ns = (int64_t)(begun + timeout),
                         .observer = &observer,
                         .print = on_print,
                         .user = job};
  struct value value = VALUE_NONE;
  struct error err;
  rego_begin(r->workers[number], r->tests->program, &run);
  int rc = rego_ask(r->workers[number], entry->entry, &value, &err);
  job->result.duration_ns = clock_monotonic_ns(clock_system()) - begun;
  if (rc < 0)
    tell_error(job, r->workers[number], &err);
  else
    judge(r, job, &w, value);
  job->result.output = buf_str(&job->output);
  for (size_t i = 0; i < w.cases.count; i++)
    vec_free(&w.cases.items[i].failed.variables);
  vec_free(&w.cases);
  vec_free(&w.open);
  vec_free(&w.failed.variables);
  map_free(&w.case_numbers);
}

static void work(void *ctx, unsigned worker, void *item)
{
  struct runner *r = ctx;
  struct job *job = item;
  const struct test_entry *entry = &r->tests->entries.items[job->number];
  job->result.test = &entry->test;
  job->result.outcome = REGO_TEST_SKIP;
  if (!entry->test.skipped)
    run_test(r, worker, job);
}

static int hand_over(void *ctx, void *item, struct error *err)
{
  struct runner *r = ctx;
  (void)err;
  r->run->result(r->run->ctx, &((struct job *)item)->result);
  give_back(ctx, item);
  return 0;
}

static const struct pool_ops pool = {
    .produce = next_job, .work = work, .consume = hand_over, .discard = give_back};

static void start_workers(struct runner *r)
{
  r->workers = mem_zalloc(r->jobs, sizeof *r->workers);
  if (r->run->cover)
    r->covers = mem_zalloc(r->jobs, sizeof *r->covers);
  for (unsigned i = 0; i < r->jobs; i++) {
    r->workers[i] = rego_worker_new();
    if (r->covers)
      r->covers[i] = rego_cover_new(r->tests->program);
  }
}

static void stop_workers(struct runner *r)
{
  for (unsigned i = 0; i < r->jobs; i++) {
    rego_worker_free(r->workers[i]);
    if (r->covers) {
      rego_cover_add(r->run->cover, r->covers[i]);
      rego_cover_free(r->covers[i]);
    }
  }
  mem_free(r->workers);
  mem_free(r->covers);
  while (r->free_jobs) {
    struct job *job = r->free_jobs;
    r->free_jobs = job->next_free;
    arena_free(&job->arena);
    buf_free(&job->output);
    mem_free(job);
  }
}

int rego_tests_run(struct rego_tests *tests, const struct rego_test_run *run, struct error *err)
{
  struct runner r = {.tests = tests, .run = run, .jobs = run->jobs ? run->jobs : pool_cpus()};
  if (!tests->program)
    return error_set(err, SW_EUSAGE, "the tests have not been compiled");
  if (r.jobs > POOL_JOBS_MAX)
    r.jobs = POOL_JOBS_MAX;
  start_workers(&r);
  int rc = pool_run(&pool, &r, r.jobs, 0, err);
  stop_workers(&r);
  return rc;
}
