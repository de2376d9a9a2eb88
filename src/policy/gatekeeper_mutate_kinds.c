/* The kinds of mutators: what their parameters say, and what they make of a value. */
#include "data/compare.h"
#include "policy/gatekeeper_mutate_int.h"

static struct value field(struct value v, const char *key)
{
  return value_get(v, value_from(key));
}

/* ---- Assign and AssignMetadata */

static int read_source(struct value assign, struct mutator *m, struct error *err)
{
  struct value from = field(assign, "fromMetadata");
  m->value = field(assign, "value");
  if (!value_is_nil(field(assign, "externalData")))
    return error_set(err, SW_EUNSUPPORTED, "externalData is not supported");
  if (!value_is(m->value, VALUE_ABSENT) && !value_is_nil(from))
    return error_set(err, SW_EINVAL, "parameters.assign has both value and fromMetadata");
  if (!value_is(m->value, VALUE_ABSENT))
    return 0;
  struct str name = value_str_or_empty(field(from, "field"));
  m->from_name = str_eq(name, STR("name"));
  if (!m->from_name && !str_eq(name, STR("namespace")))
    return error_set(
        err, SW_EINVAL,
        "parameters.assign has neither a value nor fromMetadata with field \"name\" or "
        "\"namespace\"");
  return 0;
}

static struct value source_of(const struct mutator *m, const struct kube_object *object)
{
  if (!value_is(m->value, VALUE_ABSENT))
    return m->value;
  return value_string(m->from_name ? object->name : object->namespace);
}

/* A location that ends in a list names an element; the value must be that element. */
static int check_element(const struct mutator *m, struct error *err)
{
  const struct path_node *last = &m->path.nodes[m->path.count - 1];
  if (!last->is_list)
    return 0;
  if (last->glob)
    return error_set(err, SW_EINVAL, "the location must not end in [%.*s: *]", STR_FMT(last->name));
  if (!value_equal(value_get_str(m->value, last->name), last->key))
    return error_set(err, SW_EINVAL, "the value must be an object whose %.*s is the location's",
                     STR_FMT(last->name));
  return 0;
}

static int read_assign(struct arena *a, struct value parameters, struct mutator *m,
                       struct error *err)
{
  (void)a;
  if (!value_is_nil(field(parameters, "assignIf")))
    return error_set(err, SW_EUNSUPPORTED, "assignIf is not supported; use pathTests");
  int rc = read_source(field(parameters, "assign"), m, err);
  return rc < 0 ? rc : check_element(m, err);
}

static int assign_value(const struct mutator *m, struct arena *a, const struct kube_object *object,
                        struct value found, struct value *ret, struct error *err)
{
  (void)a, (void)found, (void)err;
  *ret = source_of(m, object);
  return 0;
}

static int read_metadata(struct arena *a, struct value parameters, struct mutator *m,
                         struct error *err)
{
  (void)a;
  const struct path_node *nodes = m->path.nodes;
  bool fits = m->path.count == 3 && !nodes[1].is_list && !nodes[2].is_list &&
              (str_eq(nodes[1].name, STR("labels")) || str_eq(nodes[1].name, STR("annotations")));
  if (!fits)
    return error_set(err, SW_EINVAL,
                     "the location must be metadata.labels.NAME or metadata.annotations.NAME");
  int rc = read_source(field(parameters, "assign"), m, err);
  if (rc == 0 && !value_is(m->value, VALUE_ABSENT) && !value_is(m->value, VALUE_STRING))
    rc = error_set(err, SW_EINVAL, "the value is %s, must be a string",
                   kube_type_with_article(m->value));
  return rc;
}

/* Labels and annotations that are there are somebody's. */
static int metadata_value(const struct mutator *m, struct arena *a,
                          const struct kube_object *object, struct value found, struct value *ret,
                          struct error *err)
{
  (void)a, (void)err;
  *ret = value_is(found, VALUE_ABSENT) ? source_of(m, object) : VALUE_NONE;
  return 0;
}

/* ---- ModifySet */

static int read_set(struct arena *a, struct value parameters, struct mutator *m, struct error *err)
{
  (void)a;
  struct str operation = value_str_or_empty(field(parameters, "operation"));
  m->value = field(field(parameters, "values"), "fromList");
  m->prune = str_eq(operation, STR("prune"));
  if (operation.len && !m->prune && !str_eq(operation, STR("merge")))
    return error_set(err, SW_EINVAL, "parameters.operation is neither merge nor prune");
  if (!value_is(m->value, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "parameters.values.fromList is %s, must be an array",
                     kube_type_with_article(m->value));
  if (m->path.nodes[m->path.count - 1].is_list)
    return error_set(err, SW_EINVAL, "the location must end in a field that holds the set");
  return 0;
}

static bool has(struct value list, struct value item)
{
  for (uint32_t i = 0; i < list.len; i++)
    if (value_equal(list.items[i], item))
      return true;
  return false;
}

static int set_value(const struct mutator *m, struct arena *a, const struct kube_object *object,
                     struct value found, struct value *ret, struct error *err)
{
  (void)object;
  *ret = VALUE_NONE;
  if (value_is(found, VALUE_ABSENT)) {
    if (!m->prune)
      *ret = m->value;
    return 0;
  }
  if (!value_is(found, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "there is %s at its location, which is no set",
                     kube_type_with_article(found));
  struct value *items = arena_array(a, struct value, (size_t)found.len + m->value.len);
  uint32_t count = 0;
  for (uint32_t i = 0; i < found.len; i++)
    if (!m->prune || !has(m->value, found.items[i]))
      items[count++] = found.items[i];
  for (uint32_t i = 0; !m->prune && i < m->value.len; i++)
    if (!has((struct value){.type = VALUE_ARRAY, .len = count, .items = items}, m->value.items[i]))
      items[count++] = m->value.items[i];
  *ret = value_array_make(a, items, NULL, count);
  return 0;
}

/* ---- AssignImage */

static bool is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_host(struct str s)
{
  return str_find_byte(s, 0, '.') >= 0 || str_find_byte(s, 0, ':') >= 0 ||
         str_eq(s, STR("localhost"));
}

static bool valid_domain(struct str s)
{
  struct str port;
  struct str host = str_cut(s, ':', &port);
  unsigned long long number;
  for (size_t i = 0; i < host.len; i++)
    if (!is_word(host.data[i]) && (i == 0 || (host.data[i] != '.' && host.data[i] != '-')))
      return false;
  return host.len && is_host(s) && (!port.data || str_to_u64(port, 65535, &number));
}

static bool is_name_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lower case parts; not one that would be read as a domain. */
static bool valid_path(struct str s)
{
  struct str rest;
  struct str first = str_cut(s, '/', &rest);
  if (!s.len || !is_name_character(s.data[0]) || !is_name_character(s.data[s.len - 1]) ||
      (rest.data && is_host(first)))
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (!is_name_character(s.data[i]) && !strchr("._-/", s.data[i]))
      return false;
  return str_find(s, 0, STR("//")) < 0 && str_find(s, 0, STR("..")) < 0;
}

static bool valid_tag(struct str s)
{
  bool digest = str_starts(s, STR("@"));
  if (s.len < 2 || (!digest && s.data[0] != ':') || s.len > 200 || !is_word(s.data[1]))
    return false;
  for (size_t i = 1; i < s.len; i++)
    if (!is_word(s.data[i]) && !strchr(digest ? ":+.-" : ".-", s.data[i]))
      return false;
  return digest ? str_find_byte(s, 0, ':') > 0 : s.len <= 129;
}

static int read_part(struct value parameters, const char *key, bool (*valid)(struct str),
                     struct str *ret, struct error *err)
{
  struct value v = field(parameters, key);
  if (!value_is_nil(v) && !value_is(v, VALUE_STRING))
    return error_set(err, SW_EINVAL, "parameters.%s is %s, must be a string", key,
                     kube_type_with_article(v));
  *ret = value_str_or_empty(v);
  if (ret->len && !valid(*ret))
    return error_set(err, SW_EINVAL, "parameters.%s \"%.*s\" is not valid", key,
                     STR_FMT(str_sub(*ret, 0, 128)));
  return 0;
}

static int read_image(struct arena *a, struct value parameters, struct mutator *m,
                      struct error *err)
{
  (void)a;
  int rc = read_part(parameters, "assignDomain", valid_domain, &m->domain, err);
  if (rc == 0)
    rc = read_part(parameters, "assignPath", valid_path, &m->image_path, err);
  if (rc == 0)
    rc = read_part(parameters, "assignTag", valid_tag, &m->tag, err);
  if (rc == 0 && !m->domain.len && !m->image_path.len && !m->tag.len)
    rc =
        error_set(err, SW_EINVAL, "parameters needs one of assignDomain, assignPath and assignTag");
  if (rc == 0 && m->path.nodes[m->path.count - 1].is_list)
    rc = error_set(err, SW_EINVAL, "the location must end in a field that holds the image");
  return rc;
}

static int image_value(const struct mutator *m, struct arena *a, const struct kube_object *object,
                       struct value found, struct value *ret, struct error *err)
{
  (void)object;
  if (!value_is(found, VALUE_ABSENT) && !value_is(found, VALUE_STRING))
    return error_set(err, SW_EINVAL, "there is %s at its location, which is no image",
                     kube_type_with_article(found));
  struct str rest, domain = STR_EMPTY, path = value_str_or_empty(found), tag = STR_EMPTY;
  struct str first = str_cut(path, '/', &rest);
  if (rest.data && is_host(first)) {
    domain = first;
    path = rest;
  }
  for (size_t i = 0; i < path.len; i++)
    if (path.data[i] == ':' || path.data[i] == '@') {
      tag = str_sub(path, i, path.len);
      path = str_sub(path, 0, i);
      break;
    }
  domain = m->domain.len ? m->domain : domain;
  path = m->image_path.len ? m->image_path : path;
  tag = m->tag.len ? m->tag : tag;
  *ret = value_string(arena_printf(a, "%.*s%s%.*s%.*s", STR_FMT(domain), domain.len ? "/" : "",
                                   STR_FMT(path), STR_FMT(tag)));
  return 0;
}

/* ---- the table */

static const struct mutator_ops assign = {
    .kind = STR_INIT("Assign"), .read = read_assign, .value = assign_value};
static const struct mutator_ops assign_image = {
    .kind = STR_INIT("AssignImage"), .end = END_TEXT, .read = read_image, .value = image_value};
static const struct mutator_ops assign_metadata = {.kind = STR_INIT("AssignMetadata"),
                                                   .end = END_TEXT,
                                                   .on_metadata = true,
                                                   .read = read_metadata,
                                                   .value = metadata_value};
static const struct mutator_ops modify_set = {
    .kind = STR_INIT("ModifySet"), .end = END_SET, .read = read_set, .value = set_value};

const struct mutator_ops *const mutator_kinds[] = {&assign, &assign_image, &assign_metadata,
                                                   &modify_set, NULL};
