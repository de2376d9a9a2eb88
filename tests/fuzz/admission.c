/*
 * Any bytes as a review, decided by a fixed set of policies of every source. The answer is always one that
 * an API server understands; what cannot be read is never allowed; the same review gets the same answer; a
 * patch can be applied to what it is for.
 */
#include "policy/admission.h"
#include "base/buf.h"
#include "data/compare.h"
#include "data/json.h"
#include "data/patch.h"
#include "data/pointer.h"
#include "policy/admission_inventory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { INPUT_MAX = 65536, STEPS = 200000 };

static struct admission_worker *worker;
static struct arena arena;
static struct buf first, second;

static const char template_text[] =
    "apiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: named}\n"
    "spec:\n  crd: {spec: {names: {kind: Named}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package named\n"
    "      violation[{\"msg\": msg}] {\n        input.review.object.metadata.labels.bad\n"
    "        msg := sprintf(\"%v\", [input.review.object.metadata.name])\n      }\n"
    "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Named\nmetadata: {name: one}\n"
    "spec: {match: {excludedNamespaces: [kube-*]}}\n"
    "---\napiVersion: templates.gatekeeper.sh/v1\nkind: ConstraintTemplate\nmetadata: {name: unique}\n"
    "spec:\n  crd: {spec: {names: {kind: Unique}}}\n  targets:\n"
    "  - target: admission.k8s.gatekeeper.sh\n    rego: |\n      package unique\n"
    "      violation[{\"msg\": \"taken\", \"details\": input.review}] {\n"
    "        data.inventory.namespace[_][_][_][_].metadata.name == "
    "input.review.object.metadata.labels.like\n      }\n"
    "---\napiVersion: constraints.gatekeeper.sh/v1beta1\nkind: Unique\nmetadata: {name: one}\n";

static const char module_text[] =
    "package objects\nimport rego.v1\n"
    "deny contains msg if {\n  some c in input.spec.containers\n  c.securityContext.privileged\n"
    "  msg := sprintf(\"%v\", [c.name])\n}\n"
    "warn contains \"unlabelled\" if not input.metadata.labels\n";

static const char main_text[] =
    "package system\nimport rego.v1\n"
    "main := {\"response\": {\"allowed\": allowed, \"patch\": patches}}\n"
    "default allowed := true\n"
    "allowed := false if input.request.userInfo.username == \"eve\"\n"
    "default patches := []\n"
    "patches := [{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"a\": \"b\"}}] if {\n"
    "  is_object(input.request.object.metadata)\n}\n";

static int digest_of(void *ctx, const struct image_reference *r, int64_t deadline_ns,
                     struct arena *a, struct str *ret_digest, struct error *err)
{
  (void)ctx, (void)r, (void)deadline_ns, (void)a, (void)err;
  *ret_digest = STR("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  return 0;
}

/* One object, so that constraints have something to look at. */
static struct admission_inventory inventory_of_one(void)
{
  static struct admission_inventory_store *store; /* as long as the worker */
  struct kube_object object;
  struct value root;
  arena_init(&arena, 0);
  int rc = json_parse(&arena,
                      STR("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\","
                          "\"namespace\":\"shop\"}}"),
                      NULL, &root, NULL);
  assert(rc == 0);
  kube_object_read(root, (struct value_position){0}, &object);
  store = admission_inventory_store_new();
  rc = admission_inventory_put(store, &object, NULL);
  assert(rc == 0);
  admission_inventory_publish(store);
  arena_free(&arena);
  return admission_inventory_service(store);
}

static void put(const char *folder, const char *name, const char *text)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  assert(f);
  fputs(text, f);
  fclose(f);
}

static void set_up(void)
{
  static char folder[] = "/tmp/seawall-fuzz-admission-XXXXXX";
  static const char *const paths[] = {folder};
  static const struct str allowed[] = {{"docker.io", 9}, {"quay.io/**", 10}};
  static struct podsecurity_config config;
  char command[128];
  struct admission_options options = {
      .paths = paths,
      .path_count = 1,
      .pod_security = true,
      .pod_security_config = &config,
      .rules_enabled = true,
      .rules = {.action = ADMISSION_ACTION_WARN},
      .images_enabled = true,
      .images = {.allowed = allowed,
                 .allowed_count = 2,
                 .require_digest = true,
                 .resolve = true,
                 .resolver = {digest_of, NULL}},
      .steps = STEPS,
      .inventory = inventory_of_one(),
  };
  struct admission_snapshot *snapshot;
  struct error err;
  config.defaults = podsecurity_policy_default();
  config.defaults.enforce.level = PODSECURITY_BASELINE;
  config.defaults.warn.level = PODSECURITY_RESTRICTED;
  assert(mkdtemp(folder));
  put(folder, "template.yaml", template_text);
  put(folder, "objects.rego", module_text);
  put(folder, "main.rego", main_text);
  int rc = admission_snapshot_load(&options, &snapshot, NULL, &err);
  if (rc < 0)
    fprintf(stderr, "%s\n", err.message);
  assert(rc == 0);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert(system(command) == 0);
  worker = admission_worker_new(snapshot);
  admission_snapshot_drop(snapshot);
  arena_init(&arena, 0);
}

static struct value reread(struct str text)
{
  struct value root;
  struct error err;
  int rc = json_parse(&arena, text, NULL, &root, &err);
  assert(rc == 0);
  return root;
}

/* Is it a review by itself? */
static bool is_readable(struct str text, bool images)
{
  struct json_options options = {.size_max = ADMISSION_SIZE_MAX};
  struct admission_request request;
  struct image_review review;
  struct value root;
  if (json_parse(&arena, text, &options, &root, NULL) < 0)
    return false;
  return images ? image_review_read(root, &review, NULL) == 0
                : admission_read(root, &request, NULL) == 0;
}

static void check_patch(const struct admission_decision *d, struct str text)
{
  struct value changed;
  struct error err;
  if (value_is(d->patch, VALUE_ABSENT))
    return;
  assert(d->allowed);
  struct value object = pointer_get(reread(text), STR("/request/object"));
  assert(patch_apply_document(&arena, object, d->patch, &changed, &err) == 0);
  assert(value_equal(changed, d->request.object));
}

static void decide(struct str text, unsigned phases)
{
  struct admission_decision d;
  buf_clear(&first);
  buf_clear(&second);
  admission_answer(worker, text, phases, 0, &second, NULL);
  admission_answer(worker, text, phases, 0, &first, &d);
  assert(str_eq(buf_str(&first), buf_str(&second)));
  assert(d.readable == is_readable(text, phases == 0));
  assert(d.readable || !d.allowed);
  assert(d.allowed || d.message.len);
  struct value root = reread(buf_str(&first));
  struct value allowed =
      pointer_get(root, phases ? STR("/response/allowed") : STR("/status/allowed"));
  assert(value_is(allowed, VALUE_BOOL) && allowed.boolean == d.allowed);
  if (d.readable && phases)
    assert(value_eq_str(pointer_get(root, STR("/response/uid")), d.request.uid));
  check_patch(&d, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > INPUT_MAX)
    return 0;
  if (!worker)
    set_up();
  struct str text = str_make((const char *)data, size);
  decide(text, 0);
  decide(text, ADMISSION_VALIDATE);
  decide(text, ADMISSION_MUTATE | ADMISSION_VALIDATE);
  arena_reset(&arena);
  return 0;
}
