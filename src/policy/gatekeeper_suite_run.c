/* Tests and cases of one suite. */
#include "base/buf.h"
#include "base/file.h"
#include "base/vec.h"
#include "data/json_write.h"
#include "data/yaml.h"
#include "policy/gatekeeper_suite_int.h"

enum {
  MESSAGES_SHOWN = 20, /* violations that a failure lists */
  MESSAGE_SHOWN = 2000,
};

/* A test under way. */
struct testing {
  struct verifying *v;
  struct str folder; /* of the suite, with '/' at the end, or empty */
  struct value test;
  struct gatekeeper *g;
  struct gatekeeper_worker *worker;
  struct arena *a; /* of results */
};

static struct str text_of(struct value v, const char *name)
{
  return value_str_or_empty(value_get_str(v, str_from(name)));
}

static struct value list_of(struct value v, const char *name)
{
  struct value list = value_get_str(v, str_from(name));
  return value_is(list, VALUE_ARRAY) ? list : VALUE_NONE;
}

static bool is_set(struct value v, const char *name)
{
  return value_is_true(value_get_str(v, str_from(name)));
}

/* ---- files that a suite names */

/* The objects of a file, with the texts that they view. */
struct objects {
  struct arena arena;
  struct buf text;
  VEC(struct kube_object) list;
};

static void objects_free(struct objects *o)
{
  arena_free(&o->arena);
  buf_free(&o->text);
  vec_free(&o->list);
}

static int take_objects(struct objects *o, const struct yaml_document *document, struct error *err)
{
  struct kube_object object;
  if (document->duplicate_count)
    return error_set_at(err, SW_EINVAL, document->duplicates[0].position.line, 0,
                        "line %u: key \"%.*s\" is given twice in one mapping",
                        document->duplicates[0].position.line,
                        STR_FMT(document->duplicates[0].key));
  if (!kube_object_read(document->root, document->position, &object)) {
    struct str why = kube_object_reason(&object, &o->arena);
    return error_set(err, SW_EINVAL, "line %u: not a Kubernetes object: %.*s",
                     document->position.line, STR_FMT(why));
  }
  vec_push(&o->list, object);
  return 0;
}

static int read_documents(const struct testing *t, struct objects *o, struct error *err)
{
  struct yaml_options options = {.positions = true, .symbols = gatekeeper_symbols(t->g)};
  struct yaml_document document;
  struct yaml_reader *reader = yaml_reader_new(buf_str(&o->text), &options);
  int rc;
  while ((rc = yaml_reader_next(reader, &o->arena, &document, err)) > 0)
    if ((rc = take_objects(o, &document, err)) < 0)
      break;
  yaml_reader_free(reader);
  if (rc < 0 && !str_starts(str_from(err->message), STR("line ")))
    error_wrap(err, "line %u", err->line);
  return rc;
}

/* Reads a file named in the suite. To be freed in any case. */
static int read_objects(const struct testing *t, struct str name, struct objects *o,
                        struct error *err)
{
  *o = (struct objects){0};
  arena_init(&o->arena, (size_t)1 << 30);
  if (str_starts(name, STR("/")))
    return error_set(err, SW_EINVAL, "%.*s: names of files must be relative to the suite",
                     STR_FMT(name));
  struct str path = arena_printf(&o->arena, "%.*s%.*s", STR_FMT(t->folder), STR_FMT(name));
  int rc = file_read(path.data, GATEKEEPER_SUITE_FILE_MAX, &o->text, err);
  if (rc < 0)
    return rc;
  rc = read_documents(t, o, err);
  if (rc == 0 && o->list.count == 0)
    rc = error_set(err, SW_EINVAL, "there is no object in it");
  return rc < 0 ? error_wrap(err, "%.*s", STR_FMT(name)) : 0;
}

/* ---- assertions */

struct assertion {
  bool exactly;
  int64_t count; /* exactly: that many; else at least one if it is 1, none if it is 0 */
  struct regex *message;
};

static int read_assertion(struct value v, struct assertion *ret, struct error *err)
{
  struct value wanted = value_get_str(v, STR("violations"));
  struct value message = value_get_str(v, STR("message"));
  *ret = (struct assertion){.count = 1};
  if (value_eq_str(wanted, STR("no")) || value_is_false(wanted))
    *ret = (struct assertion){.exactly = true};
  else if (value_to_int(wanted, &ret->count) && ret->count >= 0)
    ret->exactly = true;
  else if (!value_is_nil(wanted) && !value_is_true(wanted) && !value_eq_str(wanted, STR("yes")))
    return error_set(err, SW_EINVAL, "violations must be yes, no or a number from 0");
  if (!value_is(message, VALUE_STRING))
    return 0;
  if (regex_compile(value_str(message), 0, &ret->message, err) < 0)
    return error_wrap(err, "message");
  return 0;
}

static bool assertion_holds(const struct assertion *a, const struct gatekeeper_decision *d,
                            int64_t *ret_count)
{
  int64_t count = 0;
  for (uint32_t i = 0; i < d->count; i++)
    count += !a->message || regex_match(a->message, d->items[i].message);
  *ret_count = count;
  return a->exactly ? count == a->count : count >= 1;
}

static void write_messages(struct buf *out, const struct gatekeeper_decision *d)
{
  for (uint32_t i = 0; i < d->count && i < MESSAGES_SHOWN; i++) {
    struct str message = d->items[i].message;
    buf_add_text(out, "\n  - ");
    buf_add(out, str_sub(message, 0, MESSAGE_SHOWN));
    if (message.len > MESSAGE_SHOWN)
      buf_add_text(out, "...");
  }
  if (d->count > MESSAGES_SHOWN)
    buf_printf(out, "\n  ... and %u more", d->count - MESSAGES_SHOWN);
}

static struct str explain(struct arena *arena, const struct assertion *a, int64_t count,
                          const struct gatekeeper_decision *d)
{
  _cleanup_(buf_free) struct buf out = {0};
  if (a->exactly && a->count == 0)
    buf_add_text(&out, "expected no violations");
  else if (a->exactly)
    buf_printf(&out, "expected exactly %lld violation%s", (long long)a->count,
               a->count == 1 ? "" : "s");
  else
    buf_add_text(&out, "expected at least 1 violation");
  if (a->message)
    buf_printf(&out, " with a message that matches \"%.*s\"", STR_FMT(regex_pattern(a->message)));
  buf_printf(&out, ", got %lld", (long long)count);
  if (a->message && d->count)
    buf_printf(&out, " of %u", d->count);
  if (d->count) {
    buf_add_byte(&out, ':');
    write_messages(&out, d);
  }
  return arena_copy(arena, buf_str(&out));
}

static int check_assertion(struct arena *a, struct value v, const struct gatekeeper_decision *d,
                           struct str *ret_message)
{
  struct assertion assertion;
  struct error err;
  int64_t count;
  int rc = read_assertion(v, &assertion, &err);
  if (rc < 0)
    *ret_message = arena_copy(a, str_from(err.message));
  else if (!assertion_holds(&assertion, d, &count)) {
    *ret_message = explain(a, &assertion, count, d);
    rc = SW_ETEST;
  }
  regex_free(assertion.message);
  return rc;
}

/* ---- cases */

static int fill_inventory(const struct testing *t, struct value one,
                          struct gatekeeper_inventory *inventory, struct error *err)
{
  struct value names = list_of(one, "inventory");
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < names.len; i++) {
    struct objects o;
    rc = read_objects(t, value_str(names.items[i]), &o, err);
    for (size_t k = 0; rc == 0 && k < o.list.count; k++)
      rc = gatekeeper_inventory_add(inventory, &o.list.items[k], err);
    objects_free(&o);
  }
  gatekeeper_inventory_finish(inventory);
  return rc < 0 ? error_wrap(err, "inventory") : 0;
}

static int read_review(const struct testing *t, const struct kube_object *object, struct arena *a,
                       struct gatekeeper_review *review, struct error *err)
{
  struct openapi_faults faults;
  if (!kube_object_is(object, STR("admission.k8s.io"), STR("AdmissionReview"))) {
    review->object = object->value;
    return 0;
  }
  if (openapi_schema_check(t->v->review_schema, a, object->value, STR_EMPTY, &faults) > 0)
    return error_set(err, SW_EINVAL, "not an AdmissionReview: %.*s %.*s",
                     STR_FMT(faults.items[0].path), STR_FMT(faults.items[0].message));
  review->request = value_get_str(object->value, STR("request"));
  if (value_is_nil(review->request))
    return error_set(err, SW_EINVAL, "the AdmissionReview has no request");
  return 0;
}

static void keep_printed(void *user, struct str text)
{
  struct buf *out = user;
  if (out->len + text.len < GATEKEEPER_PRINT_MAX) {
    buf_add(out, text);
    buf_add_byte(out, '\n');
  }
}

static int judge(const struct testing *t, struct value one, struct objects *o,
                 const struct gatekeeper_inventory *inventory, struct gatekeeper_case_result *ret,
                 struct error *err)
{
  _cleanup_(buf_free) struct buf printed = {0};
  struct gatekeeper_decision decision;
  struct gatekeeper_review review = {
      .inventory = inventory,
      .point = GATEKEEPER_POINT_GATOR,
      .print = t->v->asked->print ? keep_printed : NULL,
      .user = &printed,
  };
  struct value assertions = list_of(one, "assertions");
  int rc = read_review(t, &o->list.items[0], &o->arena, &review, err);
  if (rc == 0)
    rc = gatekeeper_decide(t->worker, &o->arena, &review, &decision, err);
  if (rc < 0)
    return error_wrap(err, "%.*s", STR_FMT(text_of(one, "object")));
  ret->violations = decision.count;
  ret->printed = arena_copy(t->a, buf_str(&printed));
  for (uint32_t i = 0; i < assertions.len; i++)
    if (check_assertion(t->a, assertions.items[i], &decision, &ret->message) < 0) {
      ret->outcome = GATEKEEPER_FAILED;
      break;
    }
  return 0;
}

static int try_case(const struct testing *t, struct value one, struct gatekeeper_case_result *ret,
                    struct error *err)
{
  struct objects o;
  if (text_of(one, "object").len == 0)
    return error_set(err, SW_EINVAL, "the case names no object");
  if (list_of(one, "assertions").len == 0)
    return error_set(err, SW_EINVAL, "the case asserts nothing");
  int rc = read_objects(t, text_of(one, "object"), &o, err);
  if (rc == 0 && o.list.count != 1)
    rc = error_set(err, SW_EINVAL, "%.*s: there must be one object in it, there are %zu",
                   STR_FMT(text_of(one, "object")), o.list.count);
  if (rc == 0) {
    _cleanup_(gatekeeper_inventory_freep) struct gatekeeper_inventory *inventory =
        gatekeeper_inventory_new(t->g);
    rc = fill_inventory(t, one, inventory, err);
    if (rc == 0)
      rc = judge(t, one, &o, inventory, ret, err);
  }
  objects_free(&o);
  return rc;
}

static void run_case(const struct testing *t, struct value one, struct gatekeeper_case_result *ret)
{
  struct error err;
  *ret = (struct gatekeeper_case_result){.name = text_of(one, "name")};
  if (is_set(one, "skip") || !filter_takes_case(&t->v->filter, t->test, one))
    ret->outcome = GATEKEEPER_SKIPPED;
  else if (try_case(t, one, ret, &err) < 0) {
    ret->outcome = GATEKEEPER_FAILED;
    ret->message = arena_copy(t->a, str_from(err.message));
  }
  uint64_t *counters[] = {
      [GATEKEEPER_PASSED] = &t->v->summary->passed,
      [GATEKEEPER_FAILED] = &t->v->summary->failed,
      [GATEKEEPER_SKIPPED] = &t->v->summary->skipped,
  };
  ++*counters[ret->outcome];
}

/* ---- tests */

/* Takes the one object of a file, which must be a template, or a constraint. */
static int add_policy(const struct testing *t, const char *field, bool is_template,
                      struct error *err)
{
  struct objects o;
  struct str name = text_of(t->test, field);
  if (name.len == 0)
    return error_set(err, SW_EINVAL, "the test names no %s", field);
  int rc = read_objects(t, name, &o, err);
  if (rc == 0) {
    const struct kube_object *object = &o.list.items[0];
    bool found = kube_object_is(object, STR("templates.gatekeeper.sh"), STR("ConstraintTemplate"));
    if (!gatekeeper_is_policy(object) || found != is_template)
      rc = error_set(err, SW_EINVAL, "%.*s: not a %s", STR_FMT(name),
                     is_template ? "ConstraintTemplate" : "constraint");
    else
      rc = gatekeeper_add(t->g, object, name, err);
  }
  objects_free(&o);
  return rc < 0 ? rc : 0;
}

static struct str problems_text(const struct testing *t)
{
  _cleanup_(buf_free) struct buf out = {0};
  for (size_t i = 0; i < gatekeeper_problem_count(t->g); i++) {
    if (i)
      buf_add_byte(&out, '\n');
    gatekeeper_problem_write(&out, gatekeeper_problem(t->g, i));
  }
  return arena_copy(t->a, buf_str(&out));
}

static bool failed_schema(const struct gatekeeper *g)
{
  for (size_t i = 0; i < gatekeeper_problem_count(g); i++)
    if (gatekeeper_problem(g, i)->kind == GATEKEEPER_PROBLEM_SCHEMA)
      return true;
  return false;
}

/* Template and constraint. Empty: they are ready, or, with `invalid`, not valid as they should be. */
static struct str prepare(const struct testing *t)
{
  struct error err;
  bool invalid = is_set(t->test, "invalid");
  if (text_of(t->test, "expansion").len)
    return STR("expansion templates are not supported yet");
  if (add_policy(t, "template", true, &err) < 0 || add_policy(t, "constraint", false, &err) < 0)
    return arena_copy(t->a, str_from(err.message));
  int rc = gatekeeper_finish(t->g, &err);
  if (invalid && rc == 0)
    return STR("the constraint should not fit the template's schema, but it does");
  if (invalid && failed_schema(t->g))
    return STR_EMPTY;
  if (rc == 0)
    return STR_EMPTY;
  struct str why = problems_text(t);
  return why.len ? why : arena_copy(t->a, str_from(err.message));
}

static void run_cases(struct testing *t, struct gatekeeper_test_result *ret)
{
  struct value cases = list_of(t->test, "cases");
  struct gatekeeper_case_result *results =
      arena_array(t->a, struct gatekeeper_case_result, cases.len);
  t->worker = gatekeeper_worker_new(t->g);
  for (uint32_t i = 0; i < cases.len; i++) {
    run_case(t, cases.items[i], &results[i]);
    if (results[i].outcome == GATEKEEPER_FAILED)
      ret->outcome = GATEKEEPER_FAILED;
  }
  gatekeeper_worker_free(t->worker);
  ret->cases = results;
  ret->case_count = cases.len;
}

static void run_test(struct verifying *v, struct str folder, struct value test,
                     struct gatekeeper_test_result *ret)
{
  struct testing t = {.v = v, .folder = folder, .test = test, .a = &v->arena};
  *ret = (struct gatekeeper_test_result){.name = text_of(test, "name")};
  if (is_set(test, "skip") || !filter_takes_test(&v->filter, test)) {
    ret->outcome = GATEKEEPER_SKIPPED;
    v->summary->skipped += list_of(test, "cases").len;
    return;
  }
  struct gatekeeper_options options = {.print = v->asked->print,
                                       .no_optimiser = v->asked->no_optimiser};
  t.g = gatekeeper_new(&options);
  ret->message = prepare(&t);
  bool invalid = is_set(test, "invalid");
  if (ret->message.len) {
    ret->outcome = GATEKEEPER_FAILED;
    v->summary->failed++;
  } else if (invalid) {
    v->summary->passed++;
  } else {
    run_cases(&t, ret);
  }
  gatekeeper_free(t.g);
}

void gatekeeper_suite_run(struct verifying *v, struct str path, struct value suite,
                          struct gatekeeper_suite_result *ret)
{
  struct value tests = list_of(suite, "tests");
  ptrdiff_t slash = str_find_last_byte(path, '/');
  struct str folder = str_sub(path, 0, (size_t)(slash + 1));
  *ret = (struct gatekeeper_suite_result){.path = path};
  if (is_set(suite, "skip")) {
    ret->outcome = GATEKEEPER_SKIPPED;
    for (uint32_t i = 0; i < tests.len; i++)
      v->summary->skipped += list_of(tests.items[i], "cases").len;
    return;
  }
  struct gatekeeper_test_result *results =
      arena_array(&v->arena, struct gatekeeper_test_result, tests.len);
  uint32_t skipped = 0;
  for (uint32_t i = 0; i < tests.len; i++) {
    run_test(v, folder, tests.items[i], &results[i]);
    v->summary->tests++;
    skipped += results[i].outcome == GATEKEEPER_SKIPPED;
    if (results[i].outcome == GATEKEEPER_FAILED)
      ret->outcome = GATEKEEPER_FAILED;
  }
  if (tests.len && skipped == tests.len)
    ret->outcome = GATEKEEPER_SKIPPED;
  ret->tests = results;
  ret->test_count = tests.len;
}
