#include "policy/podsecurity_policy.h"

#include "kube/object.h"
#include "policy/podsecurity_quote.h"

#include <stdlib.h>

struct podsecurity_policy podsecurity_policy_default(void)
{
  const struct podsecurity_target none = {PODSECURITY_PRIVILEGED, PODSECURITY_LATEST};
  return (struct podsecurity_policy){none, none, none};
}

#define LABEL(name) "pod-security.kubernetes.io/" name

static const struct mode {
  struct str level_label, version_label;
  enum podsecurity_level wrong_level; /* what a wrong level counts as */
} modes[] = {
    {STR_INIT(LABEL("enforce")), STR_INIT(LABEL("enforce-version")), PODSECURITY_RESTRICTED},
    {STR_INIT(LABEL("audit")), STR_INIT(LABEL("audit-version")), PODSECURITY_PRIVILEGED},
    {STR_INIT(LABEL("warn")), STR_INIT(LABEL("warn-version")), PODSECURITY_PRIVILEGED},
};

static void add_error(struct podsecurity_label_errors *errors, struct str label, struct value value,
                      const char *problem)
{
  errors->items[errors->count++] = (struct podsecurity_label_error){label, value, problem};
}

/* What a label of one mode says. */
struct labels_read {
  bool has_level, level_valid, has_version;
};

static struct labels_read read_mode(struct value labels, const struct mode *mode,
                                    struct podsecurity_target *target,
                                    struct podsecurity_label_errors *errors)
{
  struct labels_read read = {0};
  struct value level = value_get_str(labels, mode->level_label);
  struct value version = value_get_str(labels, mode->version_label);
  read.has_level = !value_is(level, VALUE_ABSENT);
  read.has_version = !value_is(version, VALUE_ABSENT);
  if (read.has_level) {
    read.level_valid = podsecurity_level_parse(value_str_or_empty(level), &target->level, NULL) ==
                       0;
    if (!read.level_valid) {
      target->level = mode->wrong_level;
      add_error(errors, mode->level_label, level,
                "must be one of privileged, baseline, restricted");
    }
  }
  if (read.has_version &&
      podsecurity_version_parse(value_str_or_empty(version), &target->minor, NULL) < 0) {
    target->minor = PODSECURITY_LATEST;
    add_error(errors, mode->version_label, version, "must be \"latest\" or \"v1.x\"");
  }
  return read;
}

struct podsecurity_policy podsecurity_policy_from_labels(
    struct value labels, const struct podsecurity_policy *defaults,
    struct podsecurity_label_errors *ret_errors)
{
  struct podsecurity_policy p = *defaults;
  ret_errors->count = 0;
  struct labels_read enforce = read_mode(labels, &modes[0], &p.enforce, ret_errors);
  read_mode(labels, &modes[1], &p.audit, ret_errors);
  struct labels_read warn = read_mode(labels, &modes[2], &p.warn, ret_errors);
  if (!warn.has_level && enforce.level_valid && p.enforce.level > p.warn.level) {
    p.warn.level = p.enforce.level;
    if (!warn.has_version)
      p.warn.minor = p.enforce.minor;
  }
  return p;
}

static void write_label_error(struct buf *out, const struct podsecurity_label_error *e)
{
  buf_add_text(out, "metadata.labels[");
  buf_add(out, e->label);
  buf_add_text(out, "]: Invalid value: ");
  if (value_is(e->value, VALUE_STRING) || value_is_nil(e->value))
    podsecurity_quote(out, value_str_or_empty(e->value));
  else
    buf_add_text(out, kube_type_with_article(e->value));
  buf_add_text(out, ": ");
  buf_add_text(out, e->problem);
}

void podsecurity_label_errors_write(struct buf *out, const struct podsecurity_label_errors *errors)
{
  if (errors->count > 1)
    buf_add_byte(out, '[');
  for (unsigned i = 0; i < errors->count; i++) {
    if (i)
      buf_add_text(out, ", ");
    write_label_error(out, &errors->items[i]);
  }
  if (errors->count > 1)
    buf_add_byte(out, ']');
}

static bool contains(const struct str *list, uint32_t count, struct str text)
{
  for (uint32_t i = 0; text.len && i < count; i++)
    if (str_eq(list[i], text))
      return true;
  return false;
}

enum podsecurity_exemption podsecurity_exempt(const struct podsecurity_exemptions *e,
                                              struct str username, struct str namespace,
                                              struct str runtime_class)
{
  if (contains(e->namespaces, e->namespace_count, namespace))
    return PODSECURITY_EXEMPT_NAMESPACE;
  if (contains(e->usernames, e->username_count, username))
    return PODSECURITY_EXEMPT_USER;
  if (contains(e->runtime_classes, e->runtime_class_count, runtime_class))
    return PODSECURITY_EXEMPT_RUNTIME_CLASS;
  return PODSECURITY_NOT_EXEMPT;
}

struct str podsecurity_exemption_name(enum podsecurity_exemption exemption)
{
  switch (exemption) {
  case PODSECURITY_EXEMPT_NAMESPACE:
    return STR("namespace");
  case PODSECURITY_EXEMPT_USER:
    return STR("user");
  case PODSECURITY_EXEMPT_RUNTIME_CLASS:
    return STR("runtimeClass");
  case PODSECURITY_NOT_EXEMPT:
    break;
  }
  return STR_EMPTY;
}

/* An object of the configuration under way, for messages. */
struct section {
  struct value value;
  const char *path; /* "defaults." in front of its fields; "" for the whole */
};

static int fail(struct section s, struct str field, const char *problem, struct error *err)
{
  int64_t i = value_find(s.value, value_string(field));
  struct value_position at = i < 0 ? (struct value_position){0, 0}
                                   : value_position(s.value, (uint32_t)i);
  return error_set_at(err, SW_EINVAL, at.line, at.column, "%s%.*s %s", s.path, STR_FMT(field),
                      problem);
}

/* Every member is one of the fields. */
static int check_fields(struct section s, const struct str *fields, size_t count, struct error *err)
{
  for (uint32_t i = 0; i < s.value.len; i++) {
    struct str key = value_str_or_empty(s.value.members[i].key);
    bool known = false;
    for (size_t f = 0; f < count && !known; f++)
      known = str_eq(key, fields[f]);
    if (!known)
      return fail(s, str_sub(key, 0, 200), "is not a field of the configuration", err);
  }
  return 0;
}

/* A member that is a section of its own; an empty object if it is missing. */
static int get_section(struct section parent, struct str field, const char *path,
                       struct section *ret, struct error *err)
{
  struct value v = value_get_str(parent.value, field);
  if (!value_is_nil(v) && !value_is(v, VALUE_OBJECT))
    return fail(parent, field, "must be an object", err);
  *ret = (struct section){value_is_nil(v) ? VALUE_NONE : v, path};
  return 0;
}

/* A text that is there and not empty, as the API server's defaulting sees it. */
static int get_text(struct section s, struct str field, struct str *ret, struct error *err)
{
  struct value v = value_get_str(s.value, field);
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    return fail(s, field, "must be a string", err);
  *ret = value_str_or_empty(v);
  return 0;
}

static int read_target(struct section s, struct str level_field, struct str version_field,
                       struct podsecurity_target *target, struct error *err)
{
  struct str level = STR_EMPTY, version = STR_EMPTY;
  int r = get_text(s, level_field, &level, err);
  if (r == 0)
    r = get_text(s, version_field, &version, err);
  if (r < 0)
    return r;
  if (level.len && podsecurity_level_parse(level, &target->level, NULL) < 0)
    return fail(s, level_field, "must be one of privileged, baseline, restricted", err);
  if (version.len && podsecurity_version_parse(version, &target->minor, NULL) < 0)
    return fail(s, version_field, "must be \"latest\" or \"v1.x\"", err);
  return 0;
}

static int read_defaults(struct section root, struct podsecurity_policy *ret, struct error *err)
{
  static const struct str fields[] = {STR_INIT("enforce"), STR_INIT("enforce-version"),
                                      STR_INIT("audit"),   STR_INIT("audit-version"),
                                      STR_INIT("warn"),    STR_INIT("warn-version")};
  struct section s;
  struct podsecurity_policy p = podsecurity_policy_default();
  int r = get_section(root, STR("defaults"), "defaults.", &s, err);
  if (r == 0)
    r = check_fields(s, fields, sizeof fields / sizeof fields[0], err);
  if (r == 0)
    r = read_target(s, fields[0], fields[1], &p.enforce, err);
  if (r == 0)
    r = read_target(s, fields[2], fields[3], &p.audit, err);
  if (r == 0)
    r = read_target(s, fields[4], fields[5], &p.warn, err);
  if (r == 0)
    *ret = p;
  return r;
}

static bool is_letter_or_digit(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* A DNS label (RFC 1123) of at most 63 bytes. */
static bool is_label(struct str s)
{
  if (!s.len || s.len > 63 || !is_letter_or_digit(s.data[0]) ||
      !is_letter_or_digit(s.data[s.len - 1]))
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!is_letter_or_digit(s.data[i]) && s.data[i] != '-')
      return false;
  return true;
}

/* A DNS subdomain of at most 253 bytes; its labels have no limit of their own in Kubernetes. */
static bool is_subdomain(struct str s)
{
  char before = '.';
  if (!s.len || s.len > 253)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    bool joins = c == '.' || c == '-';
    if (!is_letter_or_digit(c) && !joins)
      return false;
    if ((before == '.' && joins) || (c == '.' && before == '-'))
      return false;
    before = c;
  }
  return is_letter_or_digit(before);
}

static bool is_any(struct str s)
{
  return s.len > 0;
}

static int compare_texts(const void *a, const void *b)
{
  return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static bool has_repetition(struct arena *arena, const struct str *list, uint32_t count)
{
  struct str *sorted = arena_array(arena, struct str, count);
  if (count < 2)
    return false;
  memcpy(sorted, list, count * sizeof *list);
  qsort(sorted, count, sizeof *sorted, compare_texts);
  for (uint32_t i = 1; i < count; i++)
    if (str_eq(sorted[i - 1], sorted[i]))
      return true;
  return false;
}

static int read_list(struct arena *arena, struct section s, struct str field,
                     bool (*valid)(struct str), const char *problem, const struct str **ret_list,
                     uint32_t *ret_count, struct error *err)
{
  struct value v = value_get_str(s.value, field);
  if (value_is_nil(v))
    return 0;
  if (!value_is(v, VALUE_ARRAY))
    return fail(s, field, "must be a list of strings", err);
  struct str *list = arena_array(arena, struct str, v.len);
  for (uint32_t i = 0; i < v.len; i++) {
    struct value_position at = value_position(v, i);
    if (!value_is(v.items[i], VALUE_STRING) || !valid(value_str(v.items[i])))
      return error_set_at(err, SW_EINVAL, at.line, at.column, "%s%.*s[%u] %s", s.path,
                          STR_FMT(field), i, problem);
    list[i] = value_str(v.items[i]);
  }
  if (has_repetition(arena, list, v.len))
    return fail(s, field, "names one more than once", err);
  *ret_list = list;
  *ret_count = v.len;
  return 0;
}

static int read_exemptions(struct arena *arena, struct section root,
                           struct podsecurity_exemptions *ret, struct error *err)
{
  static const struct str fields[] = {STR_INIT("usernames"), STR_INIT("namespaces"),
                                      STR_INIT("runtimeClasses")};
  struct section s;
  struct podsecurity_exemptions e = {0};
  int r = get_section(root, STR("exemptions"), "exemptions.", &s, err);
  if (r == 0)
    r = check_fields(s, fields, sizeof fields / sizeof fields[0], err);
  if (r == 0)
    r = read_list(arena, s, fields[0], is_any, "must be a string that is not empty", &e.usernames,
                  &e.username_count, err);
  if (r == 0)
    r = read_list(arena, s, fields[1], is_label, "must be the name of a namespace", &e.namespaces,
                  &e.namespace_count, err);
  if (r == 0)
    r = read_list(arena, s, fields[2], is_subdomain, "must be the name of a runtime class",
                  &e.runtime_classes, &e.runtime_class_count, err);
  if (r == 0)
    *ret = e;
  return r;
}

static int read_config(struct arena *arena, struct value document, struct podsecurity_config *ret,
                       struct error *err)
{
  static const struct str fields[] = {STR_INIT("apiVersion"), STR_INIT("kind"),
                                      STR_INIT("defaults"), STR_INIT("exemptions")};
  struct section root = {document, ""};
  struct podsecurity_config config = {0};
  int r = check_fields(root, fields, sizeof fields / sizeof fields[0], err);
  if (r == 0)
    r = read_defaults(root, &config.defaults, err);
  if (r == 0)
    r = read_exemptions(arena, root, &config.exemptions, err);
  if (r == 0)
    *ret = config;
  return r;
}

static bool is_kind(const struct kube_object *o, struct str group, struct str kind)
{
  return kube_object_is(o, group, kind) &&
         (str_eq(o->version, STR("v1")) || str_eq(o->version, STR("v1beta1")) ||
          str_eq(o->version, STR("v1alpha1")));
}

/* The configuration of the plugin in an AdmissionConfiguration. */
static int find_plugin(struct value document, struct value *ret, struct error *err)
{
  struct value plugins = value_get_str(document, STR("plugins"));
  for (uint32_t i = 0; value_is(plugins, VALUE_ARRAY) && i < plugins.len; i++) {
    if (!value_eq_str(value_get_str(plugins.items[i], STR("name")), STR("PodSecurity")))
      continue;
    struct value_position at = value_position(plugins, i);
    struct value configuration = value_get_str(plugins.items[i], STR("configuration"));
    struct value path = value_get_str(plugins.items[i], STR("path"));
    if (value_is(configuration, VALUE_OBJECT)) {
      *ret = configuration;
      return 0;
    }
    if (value_is(path, VALUE_STRING) && path.len)
      return error_set_at(err, SW_EUNSUPPORTED, at.line, at.column,
                          "the configuration of PodSecurity is in another file: read \"%.*s\"",
                          STR_FMT(str_sub(value_str(path), 0, 200)));
    return error_set_at(err, SW_EINVAL, at.line, at.column,
                        "the plugin PodSecurity has no configuration");
  }
  return error_set(err, SW_ENOENT, "no plugin PodSecurity in the AdmissionConfiguration");
}

int podsecurity_config_read(struct arena *arena, struct value document,
                            struct podsecurity_config *ret_config, struct error *err)
{
  struct kube_object object;
  const struct value_position start = {1, 1};
  if (kube_object_read(document, start, &object) &&
      is_kind(&object, STR("apiserver.config.k8s.io"), STR("AdmissionConfiguration"))) {
    int r = find_plugin(document, &document, err);
    if (r < 0)
      return r;
    kube_object_read(document, start, &object);
  }
  if (!object.is_object)
    return error_set_at(err, SW_EINVAL, 1, 1, "the configuration of Pod Security: %.*s",
                        STR_FMT(kube_object_reason(&object, arena)));
  if (!is_kind(&object, STR("pod-security.admission.config.k8s.io"),
               STR("PodSecurityConfiguration")))
    return error_set_at(
        err, SW_EUNSUPPORTED, 1, 1, "kind %.*s of %.*s is no configuration of Pod Security",
        STR_FMT(str_sub(object.kind, 0, 100)), STR_FMT(str_sub(object.api_version, 0, 100)));
  return read_config(arena, document, ret_config, err);
}
