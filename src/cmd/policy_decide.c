#include "base/clock.h"
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_decide_write.h"
#include "cmd/verb.h"
#include "data/yaml.h"
#include "policy/admission_inventory.h"
#include "policy/admission_namespaces.h"

#include <unistd.h>

enum { CONFIG_MAX = 4 << 20, SECONDS = 10 };

static const char *const format_values[] = {"text", "json", "review", NULL};
static const char *const severity_values[] = {"info", "low", "medium", "high", "critical", NULL};
static const char *const action_values[] = {"off", "dryrun", "warn", "deny", NULL};

static const struct option options[] = {
    {.name = "policies",
     .letter = 'p',
     .argument = "PATH",
     .help = "Rego, and Gatekeeper's templates, constraints, mutators; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "explain", .help = "show which policies were asked, what they said, and the time"},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "text, json, or review: the answer an API server would get (default text)",
     .values = format_values},
    {.name = "namespace-labels",
     .argument = "FILE",
     .help = "Namespaces, or an object from their names to their labels",
     .complete = COMPLETE_FILES},
    {.name = "inventory",
     .argument = "PATH",
     .help =
         "manifests of the cluster's other objects, for constraints that look at them; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "pod-security",
     .argument = "FILE",
     .help = "the cluster's PodSecurityConfiguration (default: labels alone)",
     .complete = COMPLETE_FILES},
    {.name = "rules",
     .argument = "ACTION",
     .help = "what the built-in rules do: off, dryrun, warn, deny (default warn)",
     .values = action_values},
    {.name = "rules-severity",
     .argument = "SEVERITY",
     .help = "findings of the built-in rules that count, from this severity up (default medium)",
     .values = severity_values},
    {.name = "allow-image",
     .argument = "PATTERN",
     .help = "registry or repository that images may come from; may be repeated",
     .repeatable = true},
    {.name = "require-digest", .help = "refuse images without a digest"},
    {.name = "refuse-latest", .help = "refuse images with the tag latest, or none"},
    {.name = "ignore-failures",
     .argument = "PATTERN",
     .help = "policies that warn instead of denying when they fail; may be repeated",
     .repeatable = true},
    {.name = "v0-compatible", .help = "modules are Rego v0"},
    {0},
};

/* All that a decision needs, so that one function can give it all back. */
struct run {
  const struct arguments *args;
  struct arena arena;
  struct admission_options options;
  struct podsecurity_config pod_security;
  VEC(const char *) paths;
  VEC(struct str) images;
  VEC(struct admission_setting) settings;
  VEC(const char *) inventory_paths;
  struct admission_inventory_store *inventory;
  struct admission_namespace_map *namespaces;
  struct admission_rule_setting rules; /* what holds from a severity up */
  struct admission_problems problems;
  struct admission_snapshot *snapshot;
  struct admission_worker *worker;
  struct buf text; /* what is decided */
};

static void give_back(struct run *r)
{
  admission_worker_free(r->worker);
  admission_snapshot_drop(r->snapshot);
  admission_problems_free(&r->problems);
  admission_namespace_map_free(r->namespaces);
  admission_inventory_store_free(r->inventory);
  vec_free(&r->inventory_paths);
  vec_free(&r->paths);
  vec_free(&r->images);
  vec_free(&r->settings);
  buf_free(&r->text);
  arena_free(&r->arena);
}

/* ---- options */

static int at_line(struct error *err, const char *path)
{
  return err->line ? error_wrap(err, "%s:%u:%u", path, err->line, err->column)
                   : error_wrap(err, "%s", path);
}

static int read_one_document(struct run *r, struct str text, struct value *ret, struct error *err)
{
  struct yaml_document document = {0}, another;
  struct yaml_options how = {.positions = true};
  struct yaml_reader *reader = yaml_reader_new(text, &how);
  int got = yaml_reader_next(reader, &r->arena, &document, err);
  if (got == 0)
    got = error_set(err, SW_EINVAL, "there is nothing in it");
  if (got > 0 && yaml_reader_next(reader, &r->arena, &another, NULL) != 0)
    got = error_set(err, SW_EINVAL, "it has several documents; one is decided at a time");
  yaml_reader_free(reader);
  *ret = document.root;
  return got < 0 ? got : 0;
}

static int read_pod_security(struct run *r, const char *path, struct error *err)
{
  struct buf text = {0};
  struct value document;
  int rc = file_read(path, CONFIG_MAX, &text, err);
  if (rc < 0)
    return rc;
  struct str kept = arena_copy(&r->arena, buf_str(&text));
  buf_free(&text);
  rc = read_one_document(r, kept, &document, err);
  if (rc == 0)
    rc = podsecurity_config_read(&r->arena, document, &r->pod_security, err);
  r->options.pod_security_config = &r->pod_security;
  return rc < 0 ? at_line(err, path) : 0;
}

static int read_namespaces(struct run *r, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  int rc = file_read(path, CONFIG_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = admission_namespace_map_read(buf_str(&text), &r->namespaces, err);
  if (rc < 0)
    return at_line(err, path);
  r->options.namespaces = admission_namespace_map_service(r->namespaces);
  return 0;
}

static int read_inventory(struct run *r, struct error *err)
{
  if (r->inventory_paths.count == 0)
    return 0;
  r->inventory = admission_inventory_store_new();
  int rc = admission_inventory_read(r->inventory, r->inventory_paths.items,
                                    r->inventory_paths.count, NULL, err);
  if (rc < 0)
    return rc;
  admission_inventory_publish(r->inventory);
  r->options.inventory = admission_inventory_service(r->inventory);
  return 0;
}

static void read_lists(struct run *r)
{
  for (size_t i = 0; i < r->args->list.count; i++) {
    const struct argument *a = &r->args->list.items[i];
    struct str name = str_from(a->option->name);
    if (str_eq(name, STR("policies")))
      vec_push(&r->paths, a->value);
    else if (str_eq(name, STR("inventory")))
      vec_push(&r->inventory_paths, a->value);
    else if (str_eq(name, STR("allow-image")))
      vec_push(&r->images, str_from(a->value));
    else if (str_eq(name, STR("ignore-failures")))
      vec_push(&r->settings, (struct admission_setting){.policy = str_from(a->value),
                                                        .failure = ADMISSION_FAIL_IGNORE});
  }
}

/* As the server's rules.mode and rules.severity. */
static void read_rules(struct run *r, const char *action)
{
  const char *severity = arguments_value(r->args, "rules-severity");
  struct admission_options *o = &r->options;
  r->rules =
      (struct admission_rule_setting){.severity = SEVERITY_MEDIUM, .action = ADMISSION_ACTION_WARN};
  if (action)
    admission_action_from_name(str_from(action), &r->rules.action);
  if (severity)
    severity_from_name(str_from(severity), &r->rules.severity);
  o->rules_enabled = r->rules.action != ADMISSION_ACTION_OFF;
  o->rules = (struct admission_rules){
      .action = ADMISSION_ACTION_OFF, .settings = &r->rules, .setting_count = 1};
}

static int read_options(struct run *r, struct error *err)
{
  struct admission_options *o = &r->options;
  const char *action = arguments_value(r->args, "rules");
  const char *pod_security = arguments_value(r->args, "pod-security");
  const char *namespaces = arguments_value(r->args, "namespace-labels");
  read_lists(r);
  o->paths = r->paths.items;
  o->path_count = r->paths.count;
  o->settings = r->settings.items;
  o->setting_count = r->settings.count;
  o->rego_v0 = arguments_has(r->args, "v0-compatible");
  o->pod_security = true;
  read_rules(r, action);
  o->images = (struct image_policy_config){
      .allowed = r->images.items,
      .allowed_count = r->images.count,
      .require_digest = arguments_has(r->args, "require-digest"),
      .refuse_latest = arguments_has(r->args, "refuse-latest"),
  };
  o->images_enabled = o->images.allowed_count || o->images.require_digest ||
                      o->images.refuse_latest;
  int rc = pod_security ? read_pod_security(r, pod_security, err) : 0;
  if (rc == 0 && namespaces)
    rc = read_namespaces(r, namespaces, err);
  return rc == 0 ? read_inventory(r, err) : rc;
}

static int load(struct run *r, struct error *err)
{
  int rc = admission_snapshot_load(&r->options, &r->snapshot, &r->problems, err);
  for (size_t i = 0; i < r->problems.count; i++)
    console_text(str_from(r->problems.items[i].text));
  if (rc < 0)
    return error_set(err, rc, "the policies cannot be used, so nothing is decided");
  r->worker = admission_worker_new(r->snapshot);
  admission_begin(r->worker);
  return 0;
}

/* ---- what is asked */

static int read_review(struct run *r, struct value *ret, struct error *err)
{
  const char *path = r->args->operands.items[0];
  bool standard = strcmp(path, "-") == 0;
  int rc = standard
               ? file_read_fd(STDIN_FILENO, "standard input", ADMISSION_SIZE_MAX, &r->text, err)
               : file_read(path, ADMISSION_SIZE_MAX, &r->text, err);
  if (rc < 0)
    return rc;
  rc = read_one_document(r, buf_str(&r->text), ret, err);
  return rc < 0 ? at_line(err, standard ? "standard input" : path) : 0;
}

static int decide_admission(struct run *r, struct value root, int64_t deadline_ns,
                            struct admission_decision *ret, struct error *err)
{
  struct admission_request request;
  struct value review = root;
  int rc = 0;
  if (!admission_is_review(root))
    rc = admission_review_make(admission_worker_arena(r->worker), root, &review, err);
  if (rc == 0)
    rc = admission_read(review, &request, err);
  if (rc < 0)
    return error_wrap(err, "%s", r->args->operands.items[0]);
  admission_decide(r->worker, &request, ADMISSION_MUTATE | ADMISSION_VALIDATE, deadline_ns, ret);
  return 0;
}

static int decide_images(struct run *r, struct value root, int64_t deadline_ns,
                         struct admission_decision *ret, struct error *err)
{
  struct image_review review;
  int rc = image_review_read(root, &review, err);
  if (rc < 0)
    return error_wrap(err, "%s", r->args->operands.items[0]);
  admission_decide_images(r->worker, &review, deadline_ns, ret);
  return 0;
}

static int decide(struct run *r, struct admission_decision *ret, struct error *err)
{
  struct value root = VALUE_NONE;
  if (r->args->operands.count != 1)
    return error_set(err, SW_EUSAGE,
                     "name one review or object to decide, or - for standard input");
  int rc = read_options(r, err);
  if (rc == 0)
    rc = read_review(r, &root, err);
  if (rc == 0)
    rc = load(r, err);
  if (rc < 0)
    return rc;
  int64_t deadline_ns = (int64_t)clock_monotonic_ns(clock_system()) + SECONDS * INT64_C(1000000000);
  return image_review_is(root) ? decide_images(r, root, deadline_ns, ret, err)
                               : decide_admission(r, root, deadline_ns, ret, err);
}

/* ---- */

static int show(const struct run *r, const struct admission_decision *d, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  const char *format = arguments_value(r->args, "format");
  bool explain = arguments_has(r->args, "explain");
  if (format && strcmp(format, "json") == 0)
    policy_decide_write_json(&out, d, explain);
  else if (format && strcmp(format, "review") == 0)
    policy_decide_write_review(&out, d);
  else
    policy_decide_write_text(&out, d, explain, console_unicode());
  int rc = fd_write_all(STDOUT_FILENO, out.data, out.len, err);
  return rc < 0 ? error_wrap(err, "writing to standard output") : 0;
}

static int run(const struct arguments *args)
{
  struct run r = {.args = args};
  struct admission_decision decision;
  struct error err;
  arena_init(&r.arena, 0);
  int rc = decide(&r, &decision, &err);
  if (rc == 0)
    rc = show(&r, &decision, &err);
  int status = rc < 0 ? STATUS_FAILED : decision.allowed ? STATUS_OK : STATUS_FINDINGS;
  if (rc < 0)
    console_error(&err);
  give_back(&r);
  return status;
}

const struct verb verb_policy_decide = {
    .name = "policy decide",
    .operand = "REVIEW.json|-",
    .summary = "decide an admission review, as the webhook would",
    .details =
        "Reads an AdmissionReview (v1, v1beta1) or an ImageReview, JSON or YAML, and says whether the\n"
        "policies allow it. A bare object is taken as a request to create it. Asked are Pod Security\n"
        "by the labels of the namespace (--namespace-labels, --pod-security), Gatekeeper's templates,\n"
        "constraints and mutators and Rego packages (--policies), the built-in rules (--rules), and the\n"
        "image policy (--allow-image, --require-digest, --refuse-latest).\n\n"
        "Of Rego, the rules deny, violation and warn of a package are asked, with the object or, where\n"
        "the package mentions input.request, the review as input; and data.system.main. What mutators and its\n"
        "patch change is changed before anything is judged. A policy that cannot be evaluated denies, unless\n"
        "--ignore-failures names it.\n\n"
        "Constraints that look at other objects (data.inventory) see those of --inventory; without it they see\n"
        "none, which is said. Namespaces among them serve as --namespace-labels, if that is not given. Rules\n"
        "over sets of objects are not asked: seawall scan does.\n\n"
        "Exit status: 0 allowed, 1 denied, 2 something could not be read.\n",
    .example = "  seawall policy decide --policies policies/ review.json\n"
               "  kubectl get pod web -o json | seawall policy decide --explain -p policies/ -\n",
    .options = options,
    .complete = COMPLETE_FILES,
    .run = run,
};
