/*
 * admission_fixture.h - what the tests of admission decisions share: policies in a directory of their own, a
 * snapshot of them, and reviews in short.
 */
#ifndef SEAWALL_TESTS_UNIT_POLICY_ADMISSION_FIXTURE_H
#define SEAWALL_TESTS_UNIT_POLICY_ADMISSION_FIXTURE_H

#include "../test.h"

#include "base/buf.h"
#include "data/json.h"
#include "data/pointer.h"
#include "policy/admission.h"
#include "policy/admission_inventory.h"
#include "policy/admission_namespaces.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test works in a directory of its own, with its policies in "p". */
static char directory[64];
static struct arena arena;

/* What is under test; all of it is given back by tear_down. */
static struct {
  struct admission_options options;
  struct admission_namespace_map *namespaces;
  struct admission_inventory_store *inventory;
  struct admission_snapshot *snapshot;
  struct admission_worker *worker;
  struct admission_problems problems;
  struct admission_decision d;
  struct buf out;
} t;

static inline int set_up(void **state)
{
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/seawall-admission-XXXXXX");
  assert_non_null(mkdtemp(directory));
  assert_int_equal(chdir(directory), 0);
  assert_int_equal(mkdir("p", 0755), 0);
  arena_init(&arena, 0);
  memset(&t, 0, sizeof t);
  static const char *const paths[] = {"p"};
  t.options.paths = paths;
  t.options.path_count = 1;
  return 0;
}

static inline void give_back(void)
{
  admission_worker_free(t.worker);
  admission_snapshot_drop(t.snapshot);
  admission_problems_free(&t.problems);
  t.worker = NULL;
  t.snapshot = NULL;
}

static inline int tear_down(void **state)
{
  (void)state;
  char command[128];
  give_back();
  admission_namespace_map_free(t.namespaces);
  admission_inventory_store_free(t.inventory);
  buf_free(&t.out);
  arena_free(&arena);
  snprintf(command, sizeof command, "rm -r %s", directory);
  return chdir("/") == 0 && system(command) == 0 ? 0 : 1;
}

static inline void put(const char *name, const char *text)
{
  char path[128];
  snprintf(path, sizeof path, "p/%s", name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static inline void load(void)
{
  struct error err;
  if (admission_snapshot_load(&t.options, &t.snapshot, &t.problems, &err) < 0)
    fail_msg("%s", err.message);
  t.worker = admission_worker_new(t.snapshot);
}

static inline void know_namespaces(const char *yaml)
{
  struct error err;
  assert_int_equal(admission_namespace_map_read(str_from(yaml), &t.namespaces, &err), 0);
  t.options.namespaces = admission_namespace_map_service(t.namespaces);
}

/* JSON with ' for ". */
static inline struct str unquoted(const char *quoted)
{
  struct str text = arena_copy(&arena, str_from(quoted));
  for (char *c = (char *)(uintptr_t)text.data; *c; c++)
    *c = *c == '\'' ? '"' : *c;
  return text;
}

/* What a review may say; what is NULL is left out. */
struct asked {
  const char *operation, *kind, *group, *resource, *subresource, *namespace, *user, *object, *old;
};

static inline struct str review_of(const struct asked *q)
{
  return unquoted(
      arena_printf(
          &arena,
          "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'u1',"
          "'kind':{'group':'%s','version':'v1','kind':'%s'},'resource':{'group':'%s','version':"
          "'v1','resource':'%s'},'subResource':'%s','name':'web','namespace':'%s','operation':'%s',"
          "'userInfo':{'username':'%s'},'object':%s,'oldObject':%s}}",
          q->group ? q->group : "", q->kind ? q->kind : "Pod", q->group ? q->group : "",
          q->resource ? q->resource : "pods", q->subresource ? q->subresource : "",
          q->namespace ? q->namespace : "shop", q->operation ? q->operation : "CREATE",
          q->user ? q->user : "ann", q->object ? q->object : "null", q->old ? q->old : "null")
          .data);
}

static inline void decide_text(struct str text, unsigned phases, int64_t deadline_ns)
{
  buf_clear(&t.out);
  admission_answer(t.worker, text, phases, deadline_ns, &t.out, &t.d);
}

/* Decides; the answer in bytes must say the same. */
static inline bool allows(struct asked q)
{
  struct value root;
  struct error err;
  decide_text(review_of(&q), ADMISSION_MUTATE | ADMISSION_VALIDATE, 0);
  assert_int_equal(json_parse(&arena, arena_copy(&arena, buf_str(&t.out)), NULL, &root, &err), 0);
  assert_str(value_str_or_empty(pointer_get(root, STR("/response/uid"))), "u1");
  assert_true(t.d.readable);
  assert_int_equal(value_is_true(pointer_get(root, STR("/response/allowed"))), t.d.allowed);
  return t.d.allowed;
}

/* One of the reasons is of that policy and action, and says that. */
static inline void assert_reason(const char *policy, enum admission_action action, const char *text)
{
  for (size_t i = 0; i < t.d.reason_count; i++) {
    const struct admission_reason *r = &t.d.reasons[i];
    if (str_eq(r->policy, str_from(policy)) && r->action == action &&
        str_find(r->message, 0, str_from(text)) >= 0)
      return;
  }
  for (size_t i = 0; i < t.d.reason_count; i++)
    print_error("  %.*s: %.*s\n", STR_FMT(t.d.reasons[i].policy), STR_FMT(t.d.reasons[i].message));
  fail_msg("no reason of %s says \"%s\"", policy, text);
}

static inline void assert_asked(size_t count)
{
  assert_int_equal(t.d.asked_count, count);
}

#define POD(spec) "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web'},'spec':" spec "}"
#define GOOD POD("{'containers':[{'name':'c','image':'nginx:1'}]}")
#define BAD                                                                                        \
  POD("{'containers':[{'name':'c','image':'nginx:1','securityContext':{'privileged':true}}]}")
#define DEPLOYMENT(spec)                                                                           \
  "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{'template':{"     \
  "'spec':" spec "}}}"

/* A template and a constraint of it, at an action. */
__attribute__((unused)) static const char template_text[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: noprivileged}\n"
    "spec:\n  crd: {spec: {names: {kind: NoPrivileged}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package noprivileged\n"
    "      violation[{\"msg\": msg}] {\n        c := input.review.object.spec.containers[_]\n"
    "        c.securityContext.privileged\n"
    "        msg := sprintf(\"%v is privileged (%v)\", [c.name, input.review.operation])\n      }\n";

static inline void put_constraint(const char *action)
{
  char text[1024];
  snprintf(
      text, sizeof text,
      "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: NoPrivileged\nmetadata: {name: none}\n"
      "spec:\n  enforcementAction: %s\n  match: {kinds: [{apiGroups: [\"\"], kinds: [Pod]}]}\n",
      action);
  put("template.yaml", template_text);
  put("constraint.yaml", text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
