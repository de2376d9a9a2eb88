/* spec.match of constraints: which objects they are about. */
#include "kube/keys.h"
#include "policy/gatekeeper_int.h"

/* ---- reading */

static struct wildcard read_wildcard(struct str text)
{
  bool front = str_starts(text, STR("*")), back = str_ends(text, STR("*"));
  struct str inner = str_sub(text, front, text.len);
  if (back && inner.len)
    inner.len--;
  enum wildcard_shape shape = front && back ? WILDCARD_CONTAINS
                              : front       ? WILDCARD_SUFFIX
                              : back        ? WILDCARD_PREFIX
                                            : WILDCARD_EXACT;
  return (struct wildcard){(uint8_t)shape, inner};
}

static struct wildcards read_wildcards(struct arena *a, struct value list)
{
  struct wildcard *items = arena_array(a, struct wildcard, list.len);
  for (uint32_t i = 0; i < list.len; i++)
    items[i] = read_wildcard(value_str(list.items[i]));
  return (struct wildcards){items, value_is(list, VALUE_ARRAY) ? list.len : 0};
}

static struct texts read_texts(struct arena *a, struct value list)
{
  if (!value_is(list, VALUE_ARRAY))
    return (struct texts){0};
  struct str *items = arena_array(a, struct str, list.len);
  for (uint32_t i = 0; i < list.len; i++)
    items[i] = value_str_or_empty(list.items[i]);
  return (struct texts){items, list.len};
}

/* A list that names "*" is as good as none. */
static struct texts read_names_or_any(struct arena *a, struct value list)
{
  struct texts texts = read_texts(a, list);
  for (uint32_t i = 0; i < texts.count; i++)
    if (str_eq(texts.items[i], STR("*")))
      return (struct texts){0};
  return texts;
}

static void read_kinds(struct arena *a, struct value list, struct match *ret)
{
  if (!value_is(list, VALUE_ARRAY))
    return;
  struct match_kinds *kinds = arena_array(a, struct match_kinds, list.len);
  for (uint32_t i = 0; i < list.len; i++) {
    kinds[i].groups = read_names_or_any(a, value_get_str(list.items[i], STR("apiGroups")));
    kinds[i].kinds = read_names_or_any(a, value_get_str(list.items[i], STR("kinds")));
  }
  ret->kinds = kinds;
  ret->kind_count = list.len;
}

static bool is_label_part(struct str s, size_t max)
{
  if (s.len == 0 || s.len > max)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    bool inner = i > 0 && i + 1 < s.len && (c == '-' || c == '_' || c == '.');
    if (!alphanumeric && !inner)
      return false;
  }
  return true;
}

/* "name" or "prefix/name", as Kubernetes writes keys of labels. */
static bool is_label_key(struct str key)
{
  ptrdiff_t slash = str_find_byte(key, 0, '/');
  if (slash < 0)
    return is_label_part(key, 63);
  return is_label_part(str_sub(key, 0, (size_t)slash), 253) &&
         is_label_part(str_sub(key, (size_t)slash + 1, key.len), 63);
}

static bool is_label_value(struct str text)
{
  return text.len == 0 || is_label_part(text, 63);
}

static int check_requirement(const struct selector_requirement *r, struct error *err)
{
  struct str key = value_str(r->key);
  if (!is_label_key(key))
    return error_set(err, SW_EINVAL, "\"%.*s\" is not a key of a label", STR_FMT(key));
  bool wants_values = r->operator== SELECTOR_IN || r->operator== SELECTOR_NOT_IN;
  if (wants_values && r->values.count == 0)
    return error_set(err, SW_EINVAL, "\"%.*s\": In and NotIn need values", STR_FMT(key));
  if (!wants_values && r->values.count)
    return error_set(err, SW_EINVAL, "\"%.*s\": Exists and DoesNotExist take no values",
                     STR_FMT(key));
  for (uint32_t i = 0; i < r->values.count; i++)
    if (!is_label_value(r->values.items[i]))
      return error_set(err, SW_EINVAL, "\"%.*s\" is not a value of a label",
                       STR_FMT(r->values.items[i]));
  return 0;
}

static int read_operator(struct str name, uint8_t *ret, struct error *err)
{
  static const struct str names[] = {STR_INIT("In"), STR_INIT("NotIn"), STR_INIT("Exists"),
                                     STR_INIT("DoesNotExist")};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (str_eq(name, names[i])) {
      *ret = (uint8_t)i;
      return 0;
    }
  return error_set(err, SW_EINVAL,
                   "operator \"%.*s\" is not one of In, NotIn, Exists, DoesNotExist",
                   STR_FMT(name));
}

static int read_selector(struct arena *a, struct value v, struct selector *ret, struct error *err)
{
  if (value_is_nil(v))
    return 0;
  struct value labels = value_get_str(v, STR("matchLabels"));
  struct value expressions = value_get_str(v, STR("matchExpressions"));
  uint32_t label_count = value_is(labels, VALUE_OBJECT) ? labels.len : 0;
  uint32_t expression_count = value_is(expressions, VALUE_ARRAY) ? expressions.len : 0;
  struct selector_requirement *items =
      arena_zalloc(a, (size_t)label_count + expression_count, sizeof *items);
  *ret = (struct selector){true, items, label_count + expression_count};
  for (uint32_t i = 0; i < label_count; i++) {
    struct str *text = arena_new(a, struct str);
    *text = value_str_or_empty(labels.members[i].value);
    items[i] = (struct selector_requirement){SELECTOR_IN, labels.members[i].key, {text, 1}};
  }
  for (uint32_t i = 0; i < expression_count; i++) {
    struct value e = expressions.items[i];
    struct selector_requirement *r = &items[label_count + i];
    r->key = value_get_str(e, STR("key"));
    r->values = read_texts(a, value_get_str(e, STR("values")));
    int rc =
        read_operator(value_str_or_empty(value_get_str(e, STR("operator"))), &r->operator, err);
    if (rc < 0)
      return rc;
  }
  for (uint32_t i = 0; i < ret->count; i++) {
    int rc = check_requirement(&items[i], err);
    if (rc < 0)
      return rc;
  }
  return 0;
}

int gatekeeper_match_read(struct arena *a, struct value match, struct match *ret, struct error *err)
{
  *ret = (struct match){0};
  read_kinds(a, value_get_str(match, STR("kinds")), ret);
  struct value scope = value_get_str(match, STR("scope"));
  if (value_eq_str(scope, STR("Cluster")))
    ret->scope = SCOPE_CLUSTER;
  else if (value_eq_str(scope, STR("Namespaced")))
    ret->scope = SCOPE_NAMESPACED;
  struct value source = value_get_str(match, STR("source"));
  if (value_eq_str(source, STR("Original")))
    ret->source = SOURCE_ORIGINAL;
  else if (value_eq_str(source, STR("Generated")))
    ret->source = SOURCE_GENERATED;
  ret->namespaces = read_wildcards(a, value_get_str(match, STR("namespaces")));
  ret->excluded = read_wildcards(a, value_get_str(match, STR("excludedNamespaces")));
  struct str name = value_str_or_empty(value_get_str(match, STR("name")));
  ret->has_name = name.len > 0;
  ret->name = read_wildcard(name);
  if (read_selector(a, value_get_str(match, STR("labelSelector")), &ret->labels, err) < 0)
    return error_wrap(err, "spec.match.labelSelector");
  struct value namespaces = value_get_str(match, STR("namespaceSelector"));
  if (read_selector(a, namespaces, &ret->namespace_labels, err) < 0)
    return error_wrap(err, "spec.match.namespaceSelector");
  return 0;
}

/* ---- matching */

static bool wildcard_matches(const struct wildcard *w, struct str text)
{
  switch ((enum wildcard_shape)w->shape) {
  case WILDCARD_PREFIX:
    return str_starts(text, w->text);
  case WILDCARD_SUFFIX:
    return str_ends(text, w->text);
  case WILDCARD_CONTAINS:
    return w->text.len == 0 || str_find(text, 0, w->text) >= 0;
  case WILDCARD_EXACT:
    break;
  }
  return str_eq(text, w->text);
}

/* What the API server will put behind a generated name is not known; so only the front can match. */
static bool wildcard_matches_generated(const struct wildcard *w, struct str text)
{
  return (w->shape == WILDCARD_PREFIX || w->shape == WILDCARD_CONTAINS) &&
         wildcard_matches(w, text);
}

static bool any_wildcard_matches(struct wildcards list, struct str text)
{
  for (uint32_t i = 0; i < list.count; i++)
    if (wildcard_matches(&list.items[i], text))
      return true;
  return false;
}

static bool has_text(struct texts texts, struct str text)
{
  for (uint32_t i = 0; i < texts.count; i++)
    if (str_eq(texts.items[i], text))
      return true;
  return false;
}

static bool requirement_holds(const struct selector_requirement *r, struct value labels)
{
  struct value label = value_get(labels, r->key);
  bool is_there = value_is(label, VALUE_STRING);
  switch ((enum selector_operator)r->operator) {
  case SELECTOR_IN:
    return is_there && has_text(r->values, value_str(label));
  case SELECTOR_NOT_IN:
    return !is_there || !has_text(r->values, value_str(label));
  case SELECTOR_EXISTS:
    return is_there;
  case SELECTOR_NOT_EXISTS:
    break;
  }
  return !is_there;
}

static bool selector_matches(const struct selector *s, struct value labels)
{
  for (uint32_t i = 0; i < s->count; i++)
    if (!requirement_holds(&s->items[i], labels))
      return false;
  return true;
}

static bool kinds_match(const struct match *m, const struct match_target *t)
{
  for (uint32_t i = 0; i < m->kind_count; i++) {
    const struct match_kinds *k = &m->kinds[i];
    if ((k->kinds.count == 0 || has_text(k->kinds, t->object.kind)) &&
        (k->groups.count == 0 || has_text(k->groups, t->object.group)))
      return true;
  }
  return m->kind_count == 0;
}

static bool scope_matches(const struct match *m, const struct match_target *t)
{
  bool is_in_namespace = t->object.namespace.len || !value_is(t->namespace, VALUE_ABSENT);
  if (m->scope == SCOPE_CLUSTER)
    return t->is_namespace || !is_in_namespace;
  if (m->scope == SCOPE_NAMESPACED)
    return !t->is_namespace && is_in_namespace;
  return true;
}

/* An object without a namespace is excluded by no list of namespaces. */
static bool namespaces_match(const struct match *m, const struct match_target *t)
{
  if (t->namespace_name.len == 0)
    return true;
  return (m->namespaces.count == 0 || any_wildcard_matches(m->namespaces, t->namespace_name)) &&
         !any_wildcard_matches(m->excluded, t->namespace_name);
}

static enum match_verdict namespace_labels_match(const struct match *m,
                                                 const struct match_target *t)
{
  if (!m->namespace_labels.given)
    return MATCH_YES;
  bool is_known = !value_is(t->namespace, VALUE_ABSENT);
  if (t->is_namespace)
    return selector_matches(&m->namespace_labels, t->object.labels) ? MATCH_YES : MATCH_NO;
  if (!is_known && t->object.namespace.len == 0)
    return MATCH_YES;
  if (!is_known)
    return MATCH_UNKNOWN;
  struct value metadata = value_get(t->namespace, kube_key(KUBE_METADATA));
  struct value labels = value_get(metadata, kube_key(KUBE_LABELS));
  return selector_matches(&m->namespace_labels, labels) ? MATCH_YES : MATCH_NO;
}

static bool name_matches(const struct match *m, const struct match_target *t)
{
  return !m->has_name || wildcard_matches(&m->name, t->object.name) ||
         wildcard_matches_generated(&m->name, t->object.generate_name);
}

enum match_verdict gatekeeper_match(const struct match *match, const struct match_target *target)
{
  if (!kinds_match(match, target) || !scope_matches(match, target) ||
      !namespaces_match(match, target) || !selector_matches(&match->labels, target->object.labels))
    return MATCH_NO;
  enum match_verdict verdict = namespace_labels_match(match, target);
  if (verdict != MATCH_YES)
    return verdict;
  bool of_source = match->source == SOURCE_ALL || match->source == target->source;
  return name_matches(match, target) && of_source ? MATCH_YES : MATCH_NO;
}
