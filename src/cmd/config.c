#include "cmd/config.h"

#include "base/file.h"
#include "cmd/verb.h"
#include "data/copy.h"
#include "data/yaml.h"

/* Where a value stands, for errors. */
struct place {
  struct value value;
  struct value_position at;
};

/* A key that an object may have, and what to do with its value. */
struct key {
  const char *name;
  int (*take)(struct config *config, const struct key *key, struct place where, struct error *err);
  size_t field;      /* offset of the text in struct config, for take_text */
  const char *fixed; /* the only value allowed, for take_fixed */
};

static int wrong_type(const char *name, struct place where, const char *wanted, struct error *err)
{
  return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\" is %s %s, must be %s",
                      name, strchr("aeiou", value_type_name(where.value)[0]) ? "an" : "a",
                      value_type_name(where.value), wanted);
}

static const char *keep_text(struct config *config, struct value v)
{
  return arena_copy(&config->arena, value_str(v)).data;
}

static int take_text(struct config *config, const struct key *key, struct place where,
                     struct error *err)
{
  const char **field = (const char **)(void *)((char *)config + key->field);
  if (!value_is(where.value, VALUE_STRING))
    return wrong_type(key->name, where, "a text (put it in quotes)", err);
  *field = keep_text(config, where.value);
  return 0;
}

static int take_fixed(struct config *config, const struct key *key, struct place where,
                      struct error *err)
{
  (void)config;
  if (value_eq_str(where.value, str_from(key->fixed)))
    return 0;
  return error_set_at(err, SW_EINVAL, where.at.line, where.at.column, "\"%s\" must be \"%s\"",
                      key->name, key->fixed);
}

/* Calls back for each text of a list. */
static int take_list(struct config *config, const struct key *key, struct place where,
                     void (*take)(struct config *config, const char *text), struct error *err)
{
  if (!value_is(where.value, VALUE_ARRAY))
    return wrong_type(key->name, where, "a list of texts", err);
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct place item = {where.value.items[i], value_position(where.value, i)};
    if (!value_is(item.value, VALUE_STRING))
      return wrong_type(key->name, item, "a list of texts (put them in quotes)", err);
    take(config, keep_text(config, item.value));
  }
  return 0;
}

static void add_exclude(struct config *config, const char *text)
{
  vec_push(&config->exclude, text);
}

static int take_exclude(struct config *config, const struct key *key, struct place where,
                        struct error *err)
{
  return take_list(config, key, where, add_exclude, err);
}

static void add_path(struct config *config, const char *text)
{
  vec_push(&config->rule_paths, text);
}

static int take_paths(struct config *config, const struct key *key, struct place where,
                      struct error *err)
{
  return take_list(config, key, where, add_path, err);
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

static int take_disable(struct config *config, const struct key *key, struct place where,
                        struct error *err)
{
  return take_list(config, key, where, add_disabled, err);
}

static int take_severities(struct config *config, const struct key *key, struct place where,
                           struct error *err)
{
  if (!value_is(where.value, VALUE_OBJECT))
    return wrong_type(key->name, where, "a mapping of rules to severities", err);
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

static int take_parameters(struct config *config, const struct key *key, struct place where,
                           struct error *err)
{
  int rc = rule_library_check_parameters(where.value, err);
  if (rc < 0)
    return err->line ? rc : wrong_type(key->name, where, "a mapping of parameters to values", err);
  return value_copy(&config->arena, where.value, NULL, &config->rule_parameters, err);
}

static int unknown_key(const struct key *keys, struct str name, struct value_position at,
                       struct error *err)
{
  struct suggestion s = {.word = name};
  for (const struct key *k = keys; k->name; k++)
    suggestion_consider(&s, k->name);
  if (s.best)
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "unknown key \"%.*s\", did you mean \"%s\"?", STR_FMT(name), s.best);
  return error_set_at(err, SW_EINVAL, at.line, at.column, "unknown key \"%.*s\"", STR_FMT(name));
}

static int take_object(struct config *config, const struct key *keys, const char *name,
                       struct place where, struct error *err)
{
  if (value_is_nil(where.value))
    return 0;
  if (!value_is(where.value, VALUE_OBJECT))
    return wrong_type(name, where, "a mapping of keys to values", err);
  for (uint32_t i = 0; i < where.value.len; i++) {
    struct str key_name = value_str(where.value.members[i].key);
    const struct key *k = keys;
    while (k->name && !str_eq(str_from(k->name), key_name))
      k++;
    if (!k->name)
      return unknown_key(keys, key_name, value_key_position(where.value, i), err);
    struct place member = {where.value.members[i].value, value_position(where.value, i)};
    int rc = k->take(config, k, member, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

static const struct key scan_keys[] = {
    {"level", take_text, offsetof(struct config, level), NULL},
    {"kubernetesVersion", take_text, offsetof(struct config, kubernetes_version), NULL},
    {"severity", take_text, offsetof(struct config, severity), NULL},
    {"failOn", take_text, offsetof(struct config, fail_on), NULL},
    {"exclude", take_exclude, 0, NULL},
    {0},
};

static int take_scan(struct config *config, const struct key *key, struct place where,
                     struct error *err)
{
  return take_object(config, scan_keys, key->name, where, err);
}

static const struct key rules_keys[] = {
    {"paths", take_paths, 0, NULL},
    {"disable", take_disable, 0, NULL},
    {"severity", take_severities, 0, NULL},
    {"parameters", take_parameters, 0, NULL},
    {0},
};

static int take_rules(struct config *config, const struct key *key, struct place where,
                      struct error *err)
{
  return take_object(config, rules_keys, key->name, where, err);
}

static int take_exceptions(struct config *config, const struct key *key, struct place where,
                           struct error *err)
{
  (void)key;
  return exceptions_load(&config->arena, where.value, where.at, config->file, config->today,
                         &config->exceptions, err);
}

static const struct key config_keys[] = {
    {"apiVersion", take_fixed, 0, "seawall.dev/v1"},
    {"kind", take_fixed, 0, "Config"},
    {"scan", take_scan, 0, NULL},
    {"rules", take_rules, 0, NULL},
    {"exceptions", take_exceptions, 0, NULL},
    {0},
};

void config_init(struct config *config)
{
  *config = (struct config){0};
  arena_init(&config->arena, 64 << 20);
}

static int read_document(struct config *config, struct error *err)
{
  struct yaml_options options = {.duplicates = VALUE_REFUSE, .positions = true};
  struct yaml_reader *reader = yaml_reader_new(buf_str(&config->text), &options);
  struct yaml_document document;
  int rc = yaml_reader_next(reader, &config->arena, &document, err);
  if (rc > 0) {
    struct place root = {document.root, document.position};
    rc = take_object(config, config_keys, "the configuration", root, err);
    struct yaml_document second;
    int more = rc == 0 ? yaml_reader_next(reader, &config->arena, &second, err) : 0;
    if (more > 0)
      rc = error_set_at(err, SW_EINVAL, second.position.line, second.position.column,
                        "a second document; the configuration is one");
    else if (more < 0)
      rc = more;
  }
  yaml_reader_free(reader);
  return rc;
}

int config_read(struct config *config, const char *path, struct str today, struct error *err)
{
  int rc = file_read(path, CONFIG_SIZE_MAX, &config->text, err);
  if (rc < 0)
    return rc;
  config->file = arena_copy(&config->arena, str_from(path));
  config->today = today;
  rc = read_document(config, err);
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
