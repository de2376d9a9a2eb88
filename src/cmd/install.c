/* Verb "install": everything that a cluster needs, for kubectl apply. */
#include "base/clock.h"
#include "base/file.h"
#include "base/walk.h"
#include "cmd/console.h"
#include "cmd/install_write.h"
#include "cmd/verb.h"
#include "crypto/key.h"
#include "daemon/deployment.h"
#include "daemon/serve_config.h"
#include "data/yaml.h"
#include "data/yaml_write.h"
#include "policy/admission.h"

enum { PEM_MAX = 1 << 20, SECRET_MAX = 4 << 20, DAY = 86400 };

static const char *const format_values[] = {"yaml", "json", NULL};
static const char *const failure_values[] = {"fail", "ignore", NULL};
static const char *const pull_values[] = {"Always", "IfNotPresent", "Never", NULL};
static const char *const part_values[] = {"namespace", "mutate", "network-policy", "quota", NULL};

static const struct option options[] = {
    {.name = "image",
     .letter = 'i',
     .argument = "IMAGE",
     .help = "the image to run, best with its digest (there is no published one)"},
    {.name = "namespace",
     .letter = 'n',
     .argument = "NAME",
     .help = "where it lives (default seawall)"},
    {.name = "policies",
     .letter = 'p',
     .argument = "PATH",
     .help = "Rego, and Gatekeeper's templates, constraints, mutators; may be repeated",
     .complete = COMPLETE_FILES,
     .repeatable = true},
    {.name = "config",
     .letter = 'c',
     .argument = "FILE",
     .help = "configuration of the server, over what it needs in a cluster",
     .complete = COMPLETE_FILES},
    {.name = "failure-policy",
     .argument = "POLICY",
     .help = "what holds while it does not answer: fail or ignore (default fail)",
     .values = failure_values},
    {.name = "replicas", .argument = "N", .help = "pods (default 2)"},
    {.name = "secret",
     .argument = "FILE",
     .help = "the Secret in a file of its own: used again if it is there, else made",
     .complete = COMPLETE_FILES},
    {.name = "renew", .help = "a new certificate into the file of --secret"},
    {.name = "validity",
     .argument = "DAYS",
     .help = "how long a new certificate holds (default 3650)"},
    {.name = "certificate",
     .argument = "FILE",
     .help = "a certificate of your own, with --key and --ca",
     .complete = COMPLETE_FILES},
    {.name = "key", .argument = "FILE", .help = "its private key", .complete = COMPLETE_FILES},
    {.name = "ca", .argument = "FILE", .help = "who issued it", .complete = COMPLETE_FILES},
    {.name = "cert-manager", .help = "let cert-manager make and renew the certificate"},
    {.name = "exempt-namespace",
     .argument = "NAME",
     .help = "left alone besides kube-system and its own; may be repeated",
     .repeatable = true},
    {.name = "judge",
     .argument = "RESOURCE",
     .help = "judged besides: secrets, gateways.gateway.networking.k8s.io; may be repeated",
     .repeatable = true},
    {.name = "judge-deletes", .help = "ask about DELETE too"},
    {.name = "api-server",
     .argument = "RANGE",
     .help = "where API servers are: 10.0.0.0/24 (default anywhere); may be repeated",
     .repeatable = true},
    {.name = "image-pull-policy",
     .argument = "POLICY",
     .help = "Always, IfNotPresent, Never (default: by whether there is a digest)",
     .values = pull_values},
    {.name = "image-pull-secret",
     .argument = "NAME",
     .help = "a Secret with the registry's credentials"},
    {.name = "priority-class",
     .argument = "NAME",
     .help = "one that exists (default: one of its own)"},
    {.name = "runtime-class", .argument = "NAME", .help = "a sandbox that the nodes have"},
    {.name = "app-armor",
     .help = "the runtime's AppArmor profile (nodes with AppArmor, from 1.30)"},
    {.name = "without",
     .argument = "PART",
     .help = "leave out namespace, mutate, network-policy or quota; may be repeated",
     .values = part_values,
     .repeatable = true},
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     .help = "yaml, or json: a List (default yaml)",
     .values = format_values},
    {.name = "output-dir",
     .letter = 'o',
     .argument = "DIR",
     .help = "a file for each object instead of standard output",
     .complete = COMPLETE_DIRECTORIES},
    {0},
};

/* All that it needs, so that one function can give it all back. */
struct run {
  const struct arguments *args;
  struct arena arena;
  struct deployment_options options;
  struct deployment_policies policies;
  struct deployment_certificate tls;
  VEC(const char *) paths, exempt, resources, ranges;
  int64_t now;
};

static void give_back(struct run *r)
{
  if (r->tls.key.len)
    key_cleanse(r->tls.key);
  vec_free(&r->policies);
  vec_free(&r->paths);
  vec_free(&r->exempt);
  vec_free(&r->resources);
  vec_free(&r->ranges);
  arena_free(&r->arena);
}

/* ---- options */

static int number_of(struct run *r, const char *name, unsigned long long most, int64_t otherwise,
                     int64_t *ret, struct error *err)
{
  unsigned long long number;
  const char *text = arguments_value(r->args, name);
  *ret = otherwise;
  if (!text)
    return 0;
  if (!str_to_u64(str_from(text), most, &number) || number == 0)
    return error_set(err, SW_EUSAGE, "--%s \"%s\" is not a number from 1 to %llu", name, text,
                     most);
  *ret = (int64_t)number;
  return 0;
}

static unsigned part_of(const char *name)
{
  static const struct {
    const char *name;
    unsigned part;
  } parts[] = {
      {"namespace", DEPLOYMENT_NAMESPACE},
      {"mutate", DEPLOYMENT_MUTATE},
      {"network-policy", DEPLOYMENT_NETWORK_POLICY},
      {"quota", DEPLOYMENT_QUOTA},
  };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (strcmp(parts[i].name, name) == 0)
      return parts[i].part;
  return 0;
}

static void read_lists(struct run *r)
{
  for (size_t i = 0; i < r->args->list.count; i++) {
    const struct argument *a = &r->args->list.items[i];
    struct str name = str_from(a->option->name);
    if (str_eq(name, STR("policies")))
      vec_push(&r->paths, a->value);
    else if (str_eq(name, STR("exempt-namespace")))
      vec_push(&r->exempt, a->value);
    else if (str_eq(name, STR("judge")))
      vec_push(&r->resources, a->value);
    else if (str_eq(name, STR("api-server")))
      vec_push(&r->ranges, a->value);
    else if (str_eq(name, STR("without")))
      r->options.without |= part_of(a->value);
  }
  r->options.exempt_namespaces = (struct deployment_texts){r->exempt.items, r->exempt.count};
  r->options.resources = (struct deployment_texts){r->resources.items, r->resources.count};
  r->options.api_servers = (struct deployment_texts){r->ranges.items, r->ranges.count};
}

static int read_options(struct run *r, struct error *err)
{
  struct deployment_options *o = &r->options;
  const struct arguments *args = r->args;
  const char *in = arguments_value(args, "namespace");
  const char *failure = arguments_value(args, "failure-policy");
  deployment_options_init(o);
  o->namespace_name = in ? in : o->namespace_name;
  o->image = arguments_value(args, "image");
  o->pull_policy = arguments_value(args, "image-pull-policy");
  o->pull_secret = arguments_value(args, "image-pull-secret");
  o->priority_class = arguments_value(args, "priority-class");
  o->runtime_class = arguments_value(args, "runtime-class");
  o->app_armor = arguments_has(args, "app-armor");
  o->deletes = arguments_has(args, "judge-deletes");
  o->fail_open = failure && strcmp(failure, "ignore") == 0;
  read_lists(r);
  return number_of(r, "replicas", DEPLOYMENT_REPLICAS_MAX, o->replicas, &o->replicas, err);
}

/* ---- files */

/* The one document of a text, which must outlive it. */
static int read_document(struct run *r, struct str text, struct value *ret, struct error *err)
{
  struct yaml_options how = {.duplicates = VALUE_REFUSE};
  struct yaml_document document = {0}, another;
  struct yaml_reader *reader = yaml_reader_new(text, &how);
  int got = yaml_reader_next(reader, &r->arena, &document, err);
  if (got > 0 && yaml_reader_next(reader, &r->arena, &another, NULL) != 0)
    got = error_set(err, SW_EINVAL, "it has several documents");
  yaml_reader_free(reader);
  *ret = got > 0 ? document.root : VALUE_NONE;
  return got < 0 ? got : 0;
}

static int read_text(struct run *r, const char *path, size_t most, struct str *ret,
                     struct error *err)
{
  struct buf text = {0};
  int rc = file_read(path, most, &text, err);
  *ret = arena_copy(&r->arena, buf_str(&text));
  if (text.len)
    key_cleanse(buf_str(&text));
  buf_free(&text);
  return rc;
}

static int at_line(struct error *err, const char *path)
{
  return err->line ? error_wrap(err, "%s:%u:%u", path, err->line, err->column)
                   : error_wrap(err, "%s", path);
}

/* The user's file alone first: so errors have its lines. */
static int read_config(struct run *r, bool *ret_rego_v0, struct error *err)
{
  const char *path = arguments_value(r->args, "config");
  struct serve_config config;
  struct str text;
  if (!path)
    return 0;
  serve_config_init(&config);
  int rc = serve_config_read(&config, path, err);
  if (rc == 0)
    *ret_rego_v0 = config.policies.rego_v0;
  serve_config_free(&config);
  if (rc < 0)
    return rc;
  rc = read_text(r, path, SERVE_CONFIG_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = read_document(r, text, &r->options.config, err);
  return rc < 0 ? at_line(err, path) : 0;
}

/* ---- policies */

static const char *skip_others(void *ctx, struct str path, struct str name, bool is_directory)
{
  if (is_directory)
    return name.len && name.data[0] == '.' ? "hidden" : NULL;
  return deployment_policy_named(name) ? NULL : "no policy";
}

static struct str last_part(struct str path)
{
  ptrdiff_t slash = str_find_last_byte(path, '/');
  return str_sub(path, (size_t)(slash + 1), path.len);
}

static int pack_file(struct run *r, struct walk *w, const struct walk_entry *entry,
                     struct error *err)
{
  _cleanup_(buf_free) struct buf text = {0};
  bool named = walk_at_root(w);
  struct str below = named ? last_part(entry->path) : walk_below(w, entry->path);
  if (named && !deployment_policy_named(below))
    return error_set(err, SW_EUSAGE,
                     "%.*s: policies are files *.rego (no tests), *.yaml, *.yml, *.json",
                     STR_FMT(entry->path));
  int rc = walk_read(w, DEPLOYMENT_POLICIES_MAX, &text, err);
  return rc < 0 ? rc : deployment_policies_add(&r->arena, &r->policies, below, buf_str(&text), err);
}

static int pack(struct run *r, struct error *err)
{
  struct walk_options how = {.skip_dirs = walk_usual_dirs, .skip = skip_others};
  struct walk *w = walk_new(r->paths.items, r->paths.count, &how);
  struct walk_entry entry;
  int rc = 0;
  while (rc == 0 && walk_next(w, &entry)) {
    if (entry.kind == WALK_ERROR) {
      *err = entry.error;
      rc = err->code;
    } else if (entry.kind == WALK_FILE) {
      rc = pack_file(r, w, &entry, err);
    }
  }
  walk_free(w);
  if (rc == 0)
    rc = deployment_policies_finish(&r->policies, err);
  r->options.policies = r->policies.items;
  r->options.policy_count = r->policies.count;
  return rc;
}

/* Policies that the server could not load would keep its pods from ever being ready. */
static int try_policies(struct run *r, bool rego_v0, struct error *err)
{
  struct admission_options how = {
      .paths = r->paths.items, .path_count = r->paths.count, .rego_v0 = rego_v0};
  struct admission_problems problems = {0};
  struct admission_snapshot *snapshot = NULL;
  int rc = admission_snapshot_load(&how, &snapshot, &problems, err);
  for (size_t i = 0; i < problems.count; i++)
    if (rc < 0 || !problems.items[i].note)
      console_text(str_from(problems.items[i].text));
  admission_problems_free(&problems);
  admission_snapshot_drop(snapshot);
  return rc < 0 ? error_set(err, rc, "the policies cannot be used, so nothing is printed") : 0;
}

static int read_policies(struct run *r, bool rego_v0, struct error *err)
{
  if (r->paths.count == 0)
    return 0;
  int rc = pack(r, err);
  if (rc == 0 && r->policies.count == 0)
    rc = error_set(err, SW_EUSAGE, "there are no policies in %s", r->paths.items[0]);
  return rc == 0 ? try_policies(r, rego_v0, err) : rc;
}

/* ---- certificate */

static int write_secret(struct run *r, const char *path, struct error *err)
{
  _cleanup_(buf_free) struct buf out = {0};
  struct value secret =
      deployment_certificate_secret(&r->arena, r->options.namespace_name, &r->tls);
  int rc = yaml_write(&out, secret, err);
  if (rc == 0)
    rc = install_write_private(path, buf_str(&out), err);
  key_cleanse(buf_str(&out));
  return rc;
}

static int read_secret(struct run *r, const char *path, struct error *err)
{
  struct str text;
  struct value secret;
  int rc = read_text(r, path, SECRET_MAX, &text, err);
  if (rc < 0)
    return rc;
  rc = read_document(r, text, &secret, err);
  if (rc == 0)
    rc = deployment_certificate_from_secret(&r->arena, secret, &r->tls, err);
  return rc < 0 ? at_line(err, path) : 0;
}

static int check(struct run *r, const char *whose, struct error *err)
{
  int rc = deployment_certificate_check(&r->arena, r->options.namespace_name, r->now, &r->tls, err);
  return rc < 0 ? error_wrap(err, "%s", whose) : 0;
}

static int make(struct run *r, const struct deployment_certificate *previous, struct error *err)
{
  int64_t days;
  int rc = number_of(r, "validity", DEPLOYMENT_CERTIFICATE_DAYS_MAX, DEPLOYMENT_CERTIFICATE_DAYS,
                     &days, err);
  return rc < 0 ? rc
                : deployment_certificate_make(&r->arena, r->options.namespace_name, r->now,
                                              (unsigned)days, previous, &r->tls, err);
}

static int kept_certificate(struct run *r, const char *path, struct error *err)
{
  struct deployment_certificate old;
  int rc = read_secret(r, path, err);
  bool there = rc == 0;
  if (rc < 0 && rc != SW_ENOENT)
    return rc;
  if (there && !arguments_has(r->args, "renew")) {
    rc = check(r, path, err);
    return rc < 0 ? error_wrap(err, "the certificate cannot be used again (--renew makes another)")
                  : 0;
  }
  old = r->tls;
  rc = make(r, there ? &old : NULL, err);
  if (there)
    key_cleanse(old.key);
  return rc == 0 ? write_secret(r, path, err) : rc;
}

static int own_certificate(struct run *r, struct error *err)
{
  const char *certificate = arguments_value(r->args, "certificate");
  const char *key = arguments_value(r->args, "key");
  const char *ca = arguments_value(r->args, "ca");
  if (!certificate || !key || !ca)
    return error_set(err, SW_EUSAGE, "--certificate, --key and --ca go together");
  int rc = read_text(r, certificate, PEM_MAX, &r->tls.certificate, err);
  if (rc == 0)
    rc = read_text(r, key, PEM_MAX, &r->tls.key, err);
  if (rc == 0)
    rc = read_text(r, ca, PEM_MAX, &r->tls.ca, err);
  return rc == 0 ? check(r, certificate, err) : rc;
}

static void tell_end(const struct run *r)
{
  char until[CLOCK_TEXT];
  clock_format(r->tls.not_after, until);
  if (r->tls.not_after < r->now + (int64_t)DEPLOYMENT_CERTIFICATE_SOON * DAY)
    console_note("the webhook's certificate ends on %.10s: renew it now (docs/install.md)", until);
  else
    console_note("the webhook's certificate holds until %.10s", until);
}

static int read_certificate(struct run *r, struct error *err)
{
  const char *secret = arguments_value(r->args, "secret");
  bool own = arguments_value(r->args, "certificate") || arguments_value(r->args, "key") ||
             arguments_value(r->args, "ca");
  bool managed = arguments_has(r->args, "cert-manager");
  if ((secret != NULL) + own + managed > 1)
    return error_set(
        err, SW_EUSAGE,
        "the certificate comes from --secret, from --certificate, --key and --ca, or from "
        "--cert-manager: one of them");
  if (arguments_has(r->args, "renew") && !secret)
    return error_set(err, SW_EUSAGE, "--renew needs --secret FILE: what is renewed");
  if (managed)
    return 0;
  int rc = secret ? kept_certificate(r, secret, err)
           : own  ? own_certificate(r, err)
                  : make(r, NULL, err);
  if (rc < 0)
    return rc;
  r->options.certificate = &r->tls;
  r->options.secret_apart = secret != NULL;
  tell_end(r);
  return 0;
}

/* ---- */

static int install(struct run *r, struct error *err)
{
  struct value objects = VALUE_NONE;
  bool rego_v0 = false;
  const char *directory = arguments_value(r->args, "output-dir");
  const char *format = arguments_value(r->args, "format");
  int rc = read_options(r, err);
  if (rc == 0)
    rc = read_config(r, &rego_v0, err);
  if (rc == 0)
    rc = deployment_options_check(&r->arena, &r->options, err);
  if (rc == 0)
    rc = read_policies(r, rego_v0, err);
  if (rc == 0)
    rc = read_certificate(r, err);
  if (rc == 0)
    rc = deployment_build(&r->arena, &r->options, &objects, err);
  if (rc < 0)
    return rc;
  bool json = format && strcmp(format, "json") == 0;
  return directory ? install_write_files(&r->arena, objects, json, directory, err)
                   : install_write_list(objects, json, err);
}

static int run(const struct arguments *args)
{
  struct run r = {.args = args, .now = clock_wall_seconds(clock_system())};
  struct error err;
  arena_init(&r.arena, 0);
  int rc = install(&r, &err);
  if (rc < 0)
    console_error(&err);
  give_back(&r);
  return rc < 0 ? STATUS_FAILED : STATUS_OK;
}

const struct verb verb_install = {
    .name = "install",
    .summary = "print everything a cluster needs to run seawall as its webhook",
    .details =
        "Prints, for kubectl apply: the namespace with its bounds, a service account that may read\n"
        "namespaces and nothing else, network policies, the certificate, the configuration, the policies,\n"
        "the Deployment with its Service and disruption budget, and last the webhook configurations, which\n"
        "leave kube-system, seawall's own namespace and those labelled admission.seawall.dev/ignore=true\n"
        "alone. Configuration and policies are checked first, and nothing is printed if they are wrong.\n\n"
        "A certificate is made anew each time, unless --secret names a file to keep it in: with that, an\n"
        "upgrade is the same command again, and what is printed holds no key and can be kept in git.\n"
        "--renew changes the certificate there; both the new authority and the one before are trusted then.\n\n"
        "Kubernetes 1.26 or newer. docs/install.md: upgrade, rotate, remove, and the way out of a lock-out.\n",
    .example =
        "  seawall install -i registry.example.com/seawall@sha256:... --secret seawall-tls.yaml \\\n"
        "    -p policies/ > seawall.yaml\n"
        "  seawall install -i registry.example.com/seawall:0.3 --cert-manager | kubectl apply --server-side -f -\n",
    .options = options,
    .run = run,
};
