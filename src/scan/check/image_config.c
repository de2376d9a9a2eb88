#include "scan/check/image_config.h"

#include "base/clock.h"
#include "scan/check/check_int.h"
#include "scan/check/image_config_int.h"
#include "scan/check/image_setting.h"
#include "scan/check/secret_name.h"

#include <stdarg.h>
#include <stdio.h>

#define BASE_NAME_LABEL "org.opencontainers.image.base.name"

void image_config_tell(struct config_judge *j, enum image_config_rule rule, struct str message,
                       struct str pointer, struct str key)
{
  if (j->told[rule]++ >= IMAGE_CONFIG_TOLD_MAX)
    return;
  _cleanup_(buf_free) struct buf text = {0};
  check_quote_all(&text, message);
  struct finding *f = check_finding(j->findings, &image_config_rules[rule], j->target, STR_EMPTY);
  f->message = arena_copy(j->findings->arena, buf_str(&text));
  f->location.pointer = arena_copy(j->findings->arena, pointer);
  finding_seal(f, key);
}

void image_config_say(struct config_judge *j, enum image_config_rule rule, struct str pointer,
                      struct str key, const char *format, ...)
{
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  image_config_tell(j, rule, str_from(text), pointer, key);
}

/* What was not made because there was too much of it. */
static void tell_rest(struct config_judge *j)
{
  for (int rule = 0; rule < IMAGE_CONFIG_RULES; rule++) {
    if (j->told[rule] <= IMAGE_CONFIG_TOLD_MAX)
      continue;
    uint64_t rest = j->told[rule] - IMAGE_CONFIG_TOLD_MAX;
    j->told[rule] = 0;
    image_config_say(j, (enum image_config_rule)rule, STR_EMPTY, STR("more"),
                     "%llu more like these", (unsigned long long)rest);
  }
}

/* ---- user */

/* "root:app" and "0" are root, also as 00. */
static bool is_root(const struct config_judge *j, struct str user)
{
  unsigned long long id;
  if (!user.len || str_eq(user, STR("root")) || (str_to_u64(user, UINT32_MAX, &id) && id == 0))
    return true;
  return j->facts->accounts && account_facts_is_root(j->facts->accounts, user);
}

static void judge_user(struct config_judge *j)
{
  struct str rest, user = str_cut(str_trim(j->config->user), ':', &rest);
  unsigned long long id;
  if (!user.len)
    image_config_tell(j, IMAGE_RULE_USER_ROOT, STR("no user is set, so it starts as root"),
                      STR("/config/User"), STR_EMPTY);
  else if (is_root(j, user))
    image_config_say(j, IMAGE_RULE_USER_ROOT, STR("/config/User"), STR_EMPTY,
                     "it starts as %.*s, which is root", STR_FMT(user));
  else if (!str_to_u64(user, UINT32_MAX, &id))
    image_config_say(j, IMAGE_RULE_USER_NAME, STR("/config/User"), STR_EMPTY,
                     "the user is the name \"%.*s\", not a number", STR_FMT(user));
}

/* ---- environment and labels */

static void judge_secret_env(struct config_judge *j, struct str name, struct str value)
{
  if (secret_name(name) && secret_value(value))
    image_config_say(j, IMAGE_RULE_SECRET_ENV, STR("/config/Env"), name,
                     "the variable %.*s has a value", STR_FMT(name));
}

static void judge_setting(struct config_judge *j, struct str name, struct str value)
{
  struct str folder;
  if (image_setting_weak_path(name, value, &folder))
    image_config_say(j, IMAGE_RULE_ENV_PATH, STR("/config/Env"), name,
                     "%.*s has \"%.*s\" in it, where others may write", STR_FMT(name),
                     STR_FMT(folder));
  if (image_setting_unverified(name, value))
    image_config_say(j, IMAGE_RULE_ENV_UNVERIFIED, STR("/config/Env"), name,
                     "%.*s is set, so certificates or checksums are not checked", STR_FMT(name));
}

static void judge_env(struct config_judge *j)
{
  for (size_t i = 0; i < j->config->env.count; i++) {
    struct str value, name = str_cut(j->config->env.items[i], '=', &value);
    if (!value.data)
      continue;
    judge_secret_env(j, name, value);
    judge_setting(j, name, value);
  }
}

static bool has_label(const struct oci_config *config, struct str name)
{
  for (size_t i = 0; i < config->label_count; i++)
    if (str_eq(config->labels[i].key, name) && config->labels[i].value.len)
      return true;
  return false;
}

/* Labels that have "key" or "token" in their name by their nature. */
static bool is_usual_label(struct str name)
{
  return str_starts(name, STR("org.opencontainers.")) || str_starts(name, STR("io.buildpacks.")) ||
         str_starts(name, STR("io.k8s.")) || str_starts(name, STR("io.openshift."));
}

static void judge_labels(struct config_judge *j)
{
  const struct image_config_facts *facts = j->facts;
  for (size_t i = 0; i < j->config->label_count; i++) {
    const struct oci_pair *label = &j->config->labels[i];
    if (!is_usual_label(label->key) && secret_name(label->key) && secret_value(label->value))
      image_config_say(j, IMAGE_RULE_SECRET_LABEL, STR("/config/Labels"), label->key,
                       "the label %.*s has a value", STR_FMT(label->key));
  }
  for (size_t i = 0; i < facts->label_count; i++)
    if (!has_label(j->config, facts->labels_wanted[i]))
      image_config_say(j, IMAGE_RULE_LABEL_MISSING, STR("/config/Labels"), facts->labels_wanted[i],
                       "the label %.*s is missing", STR_FMT(facts->labels_wanted[i]));
}

/* ---- ports and volumes */

static void judge_port(struct config_judge *j, struct str text)
{
  struct str rest, number = str_cut(text, '/', &rest);
  unsigned long long port;
  if (!str_to_u64(number, 65535, &port) || port == 0)
    return;
  const char *remote = str_eq(rest, STR("udp")) ? NULL : image_setting_remote_port(port);
  if (remote)
    image_config_say(j, IMAGE_RULE_PORT_REMOTE, STR("/config/ExposedPorts"), text,
                     "port %llu (%s) is exposed", port, remote);
  else if (port < 1024)
    image_config_say(j, IMAGE_RULE_PORT_PRIVILEGED, STR("/config/ExposedPorts"), text,
                     "port %.*s is exposed", STR_FMT(text));
}

static void judge_ports_and_volumes(struct config_judge *j)
{
  for (size_t i = 0; i < j->config->exposed_ports.count; i++)
    judge_port(j, j->config->exposed_ports.items[i]);
  for (size_t i = 0; i < j->config->volumes.count; i++) {
    struct str volume = j->config->volumes.items[i];
    if (image_setting_sensitive_volume(volume))
      image_config_say(j, IMAGE_RULE_VOLUME, STR("/config/Volumes"), volume,
                       "%.*s is declared a volume", STR_FMT(volume));
  }
}

/* ---- the rest of the configuration */

static void judge_health(struct config_judge *j)
{
  const struct oci_strings *test = &j->config->health_test;
  bool none = test->count == 1 && str_eq(test->items[0], STR("NONE"));
  if (!test->count || none)
    image_config_tell(j, IMAGE_RULE_HEALTHCHECK,
                      none ? STR("the health check is switched off")
                           : STR("there is no health check"),
                      STR("/config/Healthcheck"), STR_EMPTY);
}

static void judge_start(struct config_judge *j)
{
  const struct oci_config *c = j->config;
  struct str signal = str_trim(c->stop_signal);
  if (image_setting_kill(signal))
    image_config_say(j, IMAGE_RULE_STOP_SIGNAL, STR("/config/StopSignal"), STR_EMPTY,
                     "it is stopped with %.*s", STR_FMT(signal));
  const struct oci_strings *start = c->entrypoint.count ? &c->entrypoint : &c->cmd;
  bool shell = start->count == 3 && str_eq(start->items[1], STR("-c")) &&
               (str_ends(start->items[0], STR("/sh")) || str_ends(start->items[0], STR("/bash")));
  if (shell && !str_starts(str_trim(start->items[2]), STR("exec ")))
    image_config_tell(j, IMAGE_RULE_SHELL_ENTRYPOINT,
                      STR("a shell starts the program, and takes the signals meant for it"),
                      c->entrypoint.count ? STR("/config/Entrypoint") : STR("/config/Cmd"),
                      STR_EMPTY);
  if (c->on_build.count)
    image_config_say(j, IMAGE_RULE_ON_BUILD, STR("/config/OnBuild"), STR_EMPTY,
                     "%zu instruction%s run in builds that use it as a base", c->on_build.count,
                     c->on_build.count == 1 ? "" : "s");
}

static void judge_registry(struct config_judge *j, const char *what, struct str reference,
                           struct str pointer)
{
  const struct image_config_facts *facts = j->facts;
  if (reference.len && facts->registry_count &&
      !image_setting_allowed(reference, facts->registries, facts->registry_count))
    image_config_say(j, IMAGE_RULE_REGISTRY, pointer, reference,
                     "%s %.*s comes from none of the allowed registries", what, STR_FMT(reference));
}

static void judge_names(struct config_judge *j)
{
  judge_registry(j, "the image", j->facts->reference, STR_EMPTY);
  if (j->facts->reference.len && image_setting_latest(j->facts->reference))
    image_config_say(j, IMAGE_RULE_LATEST, STR_EMPTY, STR_EMPTY, "%.*s is another image tomorrow",
                     STR_FMT(j->facts->reference));
  for (size_t i = 0; i < j->config->label_count; i++) {
    const struct oci_pair *label = &j->config->labels[i];
    if (!str_eq(label->key, STR(BASE_NAME_LABEL)))
      continue;
    judge_registry(j, "its base", label->value, STR("/config/Labels"));
    if (label->value.len && image_setting_latest(label->value))
      image_config_say(j, IMAGE_RULE_BASE_LATEST, STR("/config/Labels"), STR_EMPTY,
                       "it was built from %.*s", STR_FMT(label->value));
  }
  if (j->facts->signature == IMAGE_SIGNATURE_ABSENT)
    image_config_tell(j, IMAGE_RULE_SIGNATURE, STR("it has no signature"), STR_EMPTY, STR_EMPTY);
}

/* Builds that are to be the same to the byte have a date of their own choice: 1970, 1980, the year 1. */
static bool read_age(const struct image_config_facts *facts, int64_t *ret_days)
{
  const int64_t day = 24 * 60 * 60,
                earliest = 1356998400; /* 2013-01-01: there were no images before */
  int64_t created;
  struct error err;
  if (!facts->now || clock_parse(str_trim(facts->config->created), &created, NULL, &err) < 0 ||
      created < earliest || created > facts->now)
    return false;
  *ret_days = (facts->now - created) / day;
  return true;
}

static void judge_age(struct config_judge *j)
{
  unsigned limit = j->facts->age_max ? j->facts->age_max : IMAGE_AGE_DAYS;
  int64_t days;
  if (read_age(j->facts, &days) && days > limit)
    image_config_say(j, IMAGE_RULE_AGE, STR("/created"), STR_EMPTY,
                     "it was built %lld days ago (%.10s)", (long long)days,
                     arena_copy(j->findings->arena, str_trim(j->config->created)).data);
}

/* ---- what can be asked */

static bool has_history(const struct image_config_facts *facts)
{
  return facts->config->history_count > 0;
}

static bool has_reference(const struct image_config_facts *facts)
{
  return facts->reference.len > 0;
}

static bool has_base_name(const struct image_config_facts *facts)
{
  return has_label(facts->config, STR(BASE_NAME_LABEL));
}

static bool has_registries(const struct image_config_facts *facts)
{
  return facts->registry_count && (has_reference(facts) || has_base_name(facts));
}

static bool has_age(const struct image_config_facts *facts)
{
  int64_t days;
  return read_age(facts, &days);
}

static bool has_signature(const struct image_config_facts *facts)
{
  return facts->signature != IMAGE_SIGNATURE_UNKNOWN;
}

static bool has_labels_wanted(const struct image_config_facts *facts)
{
  return facts->label_count > 0;
}

/* Rules that are not here need nothing but the configuration. */
static bool (*const needs[IMAGE_CONFIG_RULES])(const struct image_config_facts *) = {
    [IMAGE_RULE_SECRET_BUILD_ARG] = has_history,
    [IMAGE_RULE_ENV_UNVERIFIED] = has_history, /* what the build did with it is what matters */
    [IMAGE_RULE_SECRET_COMMAND] = has_history,
    [IMAGE_RULE_PIPE_TO_SHELL] = has_history,
    [IMAGE_RULE_UNVERIFIED] = has_history,
    [IMAGE_RULE_PLAIN_HTTP] = has_history,
    [IMAGE_RULE_ADD_URL] = has_history,
    [IMAGE_RULE_ADD] = has_history,
    [IMAGE_RULE_SUDO] = has_history,
    [IMAGE_RULE_WORLD_WRITABLE] = has_history,
    [IMAGE_RULE_SSH_SERVER] = has_history,
    [IMAGE_RULE_UPDATE_ALONE] = has_history,
    [IMAGE_RULE_UPGRADE] = has_history,
    [IMAGE_RULE_DIST_UPGRADE] = has_history,
    [IMAGE_RULE_RECOMMENDS] = has_history,
    [IMAGE_RULE_CACHE_LEFT] = has_history,
    [IMAGE_RULE_LATEST] = has_reference,
    [IMAGE_RULE_BASE_LATEST] = has_base_name,
    [IMAGE_RULE_REGISTRY] = has_registries,
    [IMAGE_RULE_AGE] = has_age,
    [IMAGE_RULE_SIGNATURE] = has_signature,
    [IMAGE_RULE_LABEL_MISSING] = has_labels_wanted,
};

bool image_config_asks(const struct image_config_facts *facts, const struct rule *rule)
{
  bool (*need)(const struct image_config_facts *) = needs[rule - image_config_rules];
  return !need || need(facts);
}

void image_config_judge(const struct image_config_facts *facts, const struct check_target *target,
                        struct finding_list *findings)
{
  struct config_judge j = {
      .facts = facts, .config = facts->config, .target = target, .findings = findings};
  static void (*const parts[])(struct config_judge *) = {
      judge_user,  judge_env,   judge_labels, judge_ports_and_volumes,    judge_health,
      judge_start, judge_names, judge_age,    image_config_judge_history,
  };
  for (size_t i = 0; i < CHECK_COUNT(parts); i++)
    parts[i](&j);
  tell_rest(&j);
}
