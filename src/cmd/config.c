#include "cmd/config.h"

#include "base/file.h"
#include "data/copy.h"
#include "data/settings.h"

static const char *keep_text(struct config *config, struct value v)
{
  return arena_copy(&config->arena, value_str(v)).data;
}

/* Calls back for each text of a list. */
static int take_list(struct config *config, const struct setting *row, struct setting_place where,
                     void (*take)(struct config *config, const char *text), struct error *err)
{
  if (!value_is(where.value, VALUE_ARRAY))
    return setting_wrong_type(setting_name(row), where, "a list of texts", err);
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct setting_place item = {where.value.items[i], value_position(where.value, i)};
    if (!value_is(item.value, VALUE_STRING))
      return setting_wrong_type(setting_name(row), item, "a list of texts (put them in quotes)",
                                err);
    take(config, keep_text(config, item.value));
  }
  return 0;
}

static void add_exclude(struct config *config, const char *text)
{
  vec_push(&config->exclude, text);
}

static int take_exclude(const struct setting *row, struct setting_place where, struct arena *arena,
                        void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  return take_list(config, row, where, add_exclude, err);
}

static void add_path(struct config *config, const char *text)
{
  vec_push(&config->rule_paths, text);
}

static int take_paths(const struct setting *row, struct setting_place where, struct arena *arena,
                      void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  return take_list(config, row, where, add_path, err);
}

static struct rule_setting *setting_of(struct config *config, struct str id)
{
  for (size_t i = 0; i < config->rule_settings.count; i++)
    if (str_eq(config->rule_settings.items[i].id, id))
      return &config->rule_settings.items[i];
  struct rule_setting *setting = vec_add(&config->rule_settings);
  setting->id = id;
  return setting;
}

static void add_disabled(struct config *config, const char *text)
{
  setting_of(config, str_from(text))->disabled = true;
}

static int take_disable(const struct setting *row, struct setting_place where, struct arena *arena,
                        void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  return take_list(config, row, where, add_disabled, err);
}

static int take_severities(const struct setting *row, struct setting_place where,
                           struct arena *arena, void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  if (!value_is(where.value, VALUE_OBJECT))
    return setting_wrong_type(setting_name(row), where, "a mapping of rules to severities", err);
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct value id = where.value.members[i].key, severity = where.value.members[i].value;
    struct value_position at = value_position(where.value, i);
    struct rule_setting *setting = setting_of(config, str_from(keep_text(config, id)));
    if (!severity_from_name(value_str_or_empty(severity), &setting->severity) ||
        setting->severity == SEVERITY_UNKNOWN)
      return error_set_at(err, SW_EINVAL, at.line, at.column,
                          "a severity must be one of info, low, medium, high, critical");
  }
  return 0;
}

static int take_parameters(const struct setting *row, struct setting_place where,
                           struct arena *arena, void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  int rc = rule_library_check_parameters(where.value, err);
  if (rc < 0)
    return err->line ? rc
                     : setting_wrong_type(setting_name(row), where,
                                          "a mapping of parameters to values", err);
  return value_copy(&config->arena, where.value, NULL, &config->rule_parameters, err);
}

static int take_exceptions(const struct setting *row, struct setting_place where,
                           struct arena *arena, void *field, struct error *err)
{
  struct config *config = field;
  (void)arena;
  (void)row;
  return exceptions_load(&config->arena, where.value, where.at, config->file, config->today,
                         &config->exceptions, err);
}

/* What only this file knows: lists into vectors, rules, exceptions. Their field is the configuration. */
static const struct setting_type exclude_type = {.read = take_exclude};
static const struct setting_type paths_type = {.read = take_paths};
static const struct setting_type disable_type = {.read = take_disable};
static const struct setting_type severities_type = {.read = take_severities};
static const struct setting_type parameters_type = {.read = take_parameters};
static const struct setting_type exceptions_type = {.read = take_exceptions};

static const struct setting rows[] = {
    {"apiVersion", &setting_fixed, 0, .detail = "seawall.dev/v1"},
    {"kind", &setting_fixed, 0, .detail = "Config"},
    {"scan.level", &setting_text, offsetof(struct config, level)},
    {"scan.kubernetesVersion", &setting_text, offsetof(struct config, kubernetes_version)},
    {"scan.severity", &setting_text, offsetof(struct config, severity)},
    {"scan.failOn", &setting_text, offsetof(struct config, fail_on)},
    {"scan.exclude", &exclude_type},
    {"rules.paths", &paths_type},
    {"rules.disable", &disable_type},
    {"rules.severity", &severities_type},
    {"rules.parameters", &parameters_type},
    {"exceptions", &exceptions_type},
    {0},
};

void config_init(struct config *config)
{
  *config = (struct config){0};
  arena_init(&config->arena, 64 << 20);
}

int config_read(struct config *config, const char *path, struct str today, struct error *err)
{
  int rc = file_read(path, CONFIG_SIZE_MAX, &config->text, err);
  if (rc < 0)
    return rc;
  config->file = arena_copy(&config->arena, str_from(path));
  config->today = today;
  rc = settings_read_text(rows, config, &config->arena, buf_str(&config->text), "the configuration",
                          err);
  if (rc < 0 && err->line)
    return error_wrap(err, "%s:%u:%u", path, err->line, err->column);
  if (rc < 0)
    return error_wrap(err, "%s", path);
  return 0;
}

void config_free(struct config *config)
{
  arena_free(&config->arena);
  buf_free(&config->text);
  vec_free(&config->exclude);
  vec_free(&config->rule_paths);
  vec_free(&config->rule_settings);
}
