#include "daemon/policy_options.h"

#define NS_IN_MS INT64_C(1000000)

/* The modes of the configuration are in the order of the actions, as are the failure modes. */
_Static_assert((int)SERVE_OFF == ADMISSION_ACTION_OFF &&
                   (int)SERVE_ENFORCE == ADMISSION_ACTION_DENY,
               "modes and actions have the same order");
_Static_assert((int)SERVE_FAIL_IGNORE == ADMISSION_FAIL_IGNORE, "so have failure modes");

static const char *const *names_of(struct arena *a, const struct setting_texts *texts)
{
  const char **names = arena_array(a, const char *, texts->count);
  for (size_t i = 0; i < texts->count; i++)
    names[i] = texts->items[i].data; /* zero-terminated */
  return names;
}

static enum severity severity_of(unsigned configured)
{
  static const enum severity severities[] = {
      [SERVE_SEVERITY_ANY] = SEVERITY_UNKNOWN, [SERVE_SEVERITY_INFO] = SEVERITY_INFO,
      [SERVE_SEVERITY_LOW] = SEVERITY_LOW,     [SERVE_SEVERITY_MEDIUM] = SEVERITY_MEDIUM,
      [SERVE_SEVERITY_HIGH] = SEVERITY_HIGH,   [SERVE_SEVERITY_CRITICAL] = SEVERITY_CRITICAL,
  };
  return severities[configured];
}

static struct admission_setting setting_of(const struct serve_policy_setting *s)
{
  return (struct admission_setting){
      .policy = str_from(s->policy),
      .scope = {.namespaces = s->namespaces.items,
                .namespace_count = s->namespaces.count,
                .excluded_namespaces = s->excluded_namespaces.items,
                .excluded_namespace_count = s->excluded_namespaces.count,
                .kinds = s->kinds.items,
                .kind_count = s->kinds.count},
      .failure = (enum admission_failure)s->failure,
      .limit_action = s->mode != SERVE_ENFORCE,
      .action = (enum admission_action)s->mode,
  };
}

/* The settings as written, and behind them, for whatever they do not match, policies.failure. */
static void read_settings(struct policy_options *options, const struct serve_config *config)
{
  const struct serve_policy_setting *given = config->policies.settings.items;
  size_t count = config->policies.settings.count;
  struct admission_setting *settings =
      arena_array(&options->arena, struct admission_setting, count + 1);
  for (size_t i = 0; i < count; i++)
    settings[i] = setting_of(&given[i]);
  settings[count] = (struct admission_setting){
      .policy = STR("*"), .failure = (enum admission_failure)config->policies.failure};
  options->admission.settings = settings;
  options->admission.setting_count = count + 1;
}

/* The settings as written, and behind them what holds from rules.severity up. */
static void read_rules(struct policy_options *options, const struct serve_config *config)
{
  const struct serve_rule_setting *given = config->rules.settings.items;
  size_t count = config->rules.settings.count;
  struct admission_rule_setting *settings =
      arena_array(&options->arena, struct admission_rule_setting, count + 1);
  settings[count] = (struct admission_rule_setting){
      .rule = STR_EMPTY,
      .severity = severity_of(config->rules.severity),
      .action = (enum admission_action)config->rules.mode,
  };
  for (size_t i = 0; i < count; i++)
    settings[i] = (struct admission_rule_setting){
        .rule = given[i].rule ? str_from(given[i].rule) : STR_EMPTY,
        .severity = severity_of(given[i].severity),
        .namespaces = given[i].namespaces.items,
        .namespace_count = given[i].namespaces.count,
        .action = (enum admission_action)given[i].mode,
    };
  options->admission.rules_enabled = config->rules.enabled;
  options->admission.rules = (struct admission_rules){
      .action = ADMISSION_ACTION_OFF,
      .settings = settings,
      .setting_count = count + 1,
      .skip = config->rules.skip.items,
      .skip_count = config->rules.skip.count,
      .directories = names_of(&options->arena, &config->rules.paths),
      .directory_count = config->rules.paths.count,
      .parameters = config->rules.parameters,
  };
}

static void read_tags(struct policy_options *options, const struct serve_config *config)
{
  const struct setting_texts *lines = &config->images.mirrors;
  struct oci_mirror *mirrors = arena_array(&options->arena, struct oci_mirror, lines->count);
  for (size_t i = 0; i < lines->count; i++)
    mirrors[i].registry = str_cut(lines->items[i], '=', &mirrors[i].location);
  options->tags = (struct tag_resolver_options){
      .auth_file = config->images.registry_auth,
      .ca_file = config->images.registry_ca,
      .insecure = config->images.insecure_registries.items,
      .insecure_count = config->images.insecure_registries.count,
      .mirrors = mirrors,
      .mirror_count = lines->count,
      .timeout_ms = (unsigned)(config->images.resolve_timeout / NS_IN_MS),
      .keep_ms = (unsigned)(config->images.resolve_keep / NS_IN_MS),
  };
}

void policy_options_init(struct policy_options *options, const struct serve_config *config)
{
  *options = (struct policy_options){0};
  arena_init(&options->arena, 0);
  options->admission = (struct admission_options){
      .paths = names_of(&options->arena, &config->policies.paths),
      .path_count = config->policies.paths.count,
      .rego_v0 = config->policies.rego_v0,
      .pod_security = config->pod_security.enabled,
      .pod_security_config = &config->pod_security.config,
      .images_enabled = config->images.enabled,
      .images = {.allowed = config->images.allowed.items,
                 .allowed_count = config->images.allowed.count,
                 .denied = config->images.denied.items,
                 .denied_count = config->images.denied.count,
                 .require_digest = config->images.require_digest,
                 .refuse_latest = config->images.refuse_latest,
                 .resolve = config->images.resolve},
      .refuse_unknown_namespaces = config->namespaces.refuse_unknown,
      .steps = (uint64_t)config->policies.steps,
      .memory = (size_t)config->policies.memory,
  };
  read_settings(options, config);
  read_rules(options, config);
  read_tags(options, config);
}

void policy_options_free(struct policy_options *options)
{
  arena_free(&options->arena);
}
