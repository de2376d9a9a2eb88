#include "policy/gatekeeper_mutate_int.h"

#include "data/compare.h"
#include "data/copy.h"
#include "kube/keys.h"

#include <stdlib.h>

struct gatekeeper_mutators {
  struct arena arena;
  struct openapi_schema *schema; /* of spec.match */
  VEC(struct mutator *) items;
};

struct gatekeeper_mutators *gatekeeper_mutators_new(void)
{
  struct gatekeeper_mutators *m = mem_zalloc(1, sizeof *m);
  arena_init(&m->arena, 0);
  return m;
}

void gatekeeper_mutators_free(struct gatekeeper_mutators *mutators)
{
  if (!mutators)
    return;
  openapi_schema_free(mutators->schema);
  vec_free(&mutators->items);
  arena_free(&mutators->arena);
  mem_free(mutators);
}

size_t gatekeeper_mutators_count(const struct gatekeeper_mutators *mutators)
{
  return mutators->items.count;
}

bool gatekeeper_is_mutator(const struct kube_object *object)
{
  return str_eq(object->group, STR("mutations.gatekeeper.sh"));
}

/* ---- reading */

static struct value field(struct value v, const char *key)
{
  return value_get(v, value_from(key));
}

static bool is_texts(struct value v)
{
  for (uint32_t i = 0; value_is(v, VALUE_ARRAY) && i < v.len; i++)
    if (!value_is(v.items[i], VALUE_STRING))
      return false;
  return value_is(v, VALUE_ARRAY) && v.len > 0;
}

static int read_apply_to(struct arena *a, struct value spec, struct mutator *m, struct error *err)
{
  struct value list = field(spec, "applyTo");
  if (m->ops->on_metadata)
    return value_is_nil(list)
               ? 0
               : error_set(err, SW_EINVAL, "spec.applyTo is not known here; use match");
  if (!value_is(list, VALUE_ARRAY) || list.len == 0)
    return error_set(err, SW_EINVAL, "spec.applyTo must list groups, versions and kinds");
  struct apply_to *items = arena_array(a, struct apply_to, list.len);
  for (uint32_t i = 0; i < list.len; i++) {
    struct value v = list.items[i];
    items[i] = (struct apply_to){field(v, "groups"), field(v, "versions"), field(v, "kinds")};
    if (!is_texts(items[i].groups) || !is_texts(items[i].versions) || !is_texts(items[i].kinds))
      return error_set(err, SW_EINVAL,
                       "spec.applyTo[%u] must have groups, versions and kinds, lists of strings",
                       i);
  }
  m->apply_to = items;
  m->apply_count = list.len;
  return 0;
}

static bool same_node(const struct path_node *a, const struct path_node *b)
{
  return a->is_list == b->is_list && a->glob == b->glob && str_eq(a->name, b->name) &&
         value_equal(a->key, b->key);
}

static int read_test(struct arena *a, struct value test, struct mutator *m, struct error *err)
{
  struct path path;
  struct str condition = value_str_or_empty(field(test, "condition"));
  int rc = gatekeeper_path_read(a, value_str_or_empty(field(test, "subPath")), &path, err);
  if (rc < 0)
    return error_wrap(err, "spec.parameters.pathTests");
  bool exist = str_eq(condition, STR("MustExist"));
  if (!exist && !str_eq(condition, STR("MustNotExist")))
    return error_set(err, SW_EINVAL,
                     "a condition of spec.parameters.pathTests is neither MustExist nor "
                     "MustNotExist");
  bool fits = path.count <= m->path.count;
  for (uint32_t i = 0; fits && i < path.count; i++)
    fits = same_node(&path.nodes[i], &m->path.nodes[i]);
  if (!fits)
    return error_set(err, SW_EINVAL,
                     "a subPath of spec.parameters.pathTests is no beginning of the location");
  m->path.nodes[path.count - 1].test = exist ? TEST_MUST_EXIST : TEST_MUST_NOT_EXIST;
  return 0;
}

static int read_tests(struct arena *a, struct value parameters, struct mutator *m,
                      struct error *err)
{
  struct value tests = field(parameters, "pathTests");
  int rc = 0;
  if (!value_is_nil(tests) && !value_is(tests, VALUE_ARRAY))
    return error_set(err, SW_EINVAL, "spec.parameters.pathTests is %s, must be an array",
                     kube_type_with_article(tests));
  for (uint32_t i = 0; rc == 0 && value_is(tests, VALUE_ARRAY) && i < tests.len; i++)
    rc = read_test(a, tests.items[i], m, err);
  return rc;
}

static int read_location(struct arena *a, struct value spec, struct mutator *m, struct error *err)
{
  int rc = gatekeeper_path_read(a, value_str_or_empty(field(spec, "location")), &m->path, err);
  if (rc < 0)
    return error_wrap(err, "spec.location");
  struct str root = m->path.nodes[0].name;
  if (m->ops->on_metadata)
    return str_eq(root, STR("metadata")) ? 0
                                         : error_set(err, SW_EINVAL, "it changes metadata alone");
  if (str_eq(root, STR("metadata")) || str_eq(root, STR("kind")) || str_eq(root, STR("apiVersion")))
    return error_set(err, SW_EINVAL, "it must not change %.*s", STR_FMT(root));
  const struct path_node *last = &m->path.nodes[m->path.count - 1];
  if (m->path.count > 1 && last[-1].is_list && !last->is_list && str_eq(last[-1].name, last->name))
    return error_set(err, SW_EINVAL, "it must not change the key \"%.*s\" of the list",
                     STR_FMT(last->name));
  return 0;
}

static int read_match(struct gatekeeper_mutators *all, struct value spec, struct mutator *m,
                      struct error *err)
{
  struct value match = field(spec, "match"), whole;
  struct openapi_faults faults;
  int rc = 0;
  if (value_is_nil(match))
    return 0;
  if (!all->schema)
    rc = gatekeeper_spec_schema(&all->schema, err);
  if (rc < 0)
    return rc;
  const struct value_member member = {value_from("match"), match};
  value_object_make(&all->arena, &member, NULL, 1, VALUE_LAST_WINS, NULL, &whole);
  if (openapi_schema_check(all->schema, &all->arena, whole, STR("spec"), &faults) > 0)
    return error_set(err, SW_EINVAL, "%.*s: %.*s", STR_FMT(faults.items[0].path),
                     STR_FMT(faults.items[0].message));
  return gatekeeper_match_read(&all->arena, match, &m->match, err);
}

static int read_spec(struct gatekeeper_mutators *all, struct value spec, struct mutator *m,
                     struct error *err)
{
  struct value parameters = field(spec, "parameters");
  int rc = read_location(&all->arena, spec, m, err);
  if (rc == 0)
    rc = read_apply_to(&all->arena, spec, m, err);
  if (rc == 0)
    rc = read_match(all, spec, m, err);
  if (rc == 0)
    rc = m->ops->read(&all->arena, parameters, m, err);
  if (rc == 0)
    rc = read_tests(&all->arena, parameters, m, err);
  return rc;
}

static const struct mutator_ops *ops_of(struct str kind)
{
  for (size_t i = 0; mutator_kinds[i]; i++)
    if (str_eq(mutator_kinds[i]->kind, kind))
      return mutator_kinds[i];
  return NULL;
}

static bool version_known(struct str version)
{
  return str_eq(version, STR("v1")) || str_eq(version, STR("v1beta1")) ||
         str_eq(version, STR("v1alpha1"));
}

static int add(struct gatekeeper_mutators *all, const struct kube_object *object, struct error *err)
{
  const struct mutator_ops *ops = ops_of(object->kind);
  struct value copy;
  if (!ops || !version_known(object->version))
    return error_set(err, SW_EUNSUPPORTED, "%.*s is not a mutator that is known",
                     STR_FMT(str_sub(object->api_version, 0, 128)));
  if (vec_full(&all->items, GATEKEEPER_MUTATORS_MAX))
    return error_set(err, SW_ELIMIT, "there are more than %d mutators", GATEKEEPER_MUTATORS_MAX);
  int rc = value_copy(&all->arena, object->value, NULL, &copy, err);
  if (rc < 0)
    return rc;
  struct mutator *m = arena_new(&all->arena, struct mutator);
  m->ops = ops;
  m->name = value_str_or_empty(field(field(copy, "metadata"), "name"));
  if (!m->name.len)
    return error_set(err, SW_EINVAL, "metadata.name is missing");
  rc = read_spec(all, field(copy, "spec"), m, err);
  if (rc == 0)
    vec_push(&all->items, m);
  return rc;
}

int gatekeeper_mutators_add(struct gatekeeper_mutators *mutators, const struct kube_object *object,
                            struct error *err)
{
  if (!gatekeeper_is_mutator(object))
    return 0;
  int rc = add(mutators, object, err);
  return rc < 0 ? error_wrap(err, "%.*s %.*s", STR_FMT(str_sub(object->kind, 0, 64)),
                             STR_FMT(str_sub(object->name, 0, 128)))
                : 1;
}

/* ---- contradictions */

static bool overlap(struct value a, struct value b)
{
  for (uint32_t i = 0; i < a.len; i++)
    for (uint32_t k = 0; k < b.len; k++)
      if (value_eq_str(a.items[i], STR("*")) || value_eq_str(b.items[k], STR("*")) ||
          value_equal(a.items[i], b.items[k]))
        return true;
  return false;
}

static bool share_a_kind(const struct mutator *a, const struct mutator *b)
{
  for (uint32_t i = 0; i < a->apply_count; i++)
    for (uint32_t k = 0; k < b->apply_count; k++)
      if (overlap(a->apply_to[i].groups, b->apply_to[k].groups) &&
          overlap(a->apply_to[i].versions, b->apply_to[k].versions) &&
          overlap(a->apply_to[i].kinds, b->apply_to[k].kinds))
        return true;
  return false;
}

enum shape { SHAPE_ANY, SHAPE_OBJECT, SHAPE_LIST, SHAPE_TEXT, SHAPE_SET };

/* What a mutator takes the value of node i to be. */
static enum shape shape_at(const struct mutator *m, uint32_t i)
{
  if (i + 1 < m->path.count)
    return m->path.nodes[i + 1].is_list ? SHAPE_LIST : SHAPE_OBJECT;
  return m->ops->end == END_TEXT ? SHAPE_TEXT : m->ops->end == END_SET ? SHAPE_SET : SHAPE_ANY;
}

static bool contradict(const struct mutator *a, const struct mutator *b)
{
  if (!share_a_kind(a, b))
    return false;
  for (uint32_t i = 0; i < a->path.count && i < b->path.count; i++) {
    const struct path_node *x = &a->path.nodes[i], *y = &b->path.nodes[i];
    if (x->is_list && !str_eq(x->name, y->name))
      return true;
    if (!str_eq(x->name, y->name))
      return false;
    enum shape s = shape_at(a, i), t = shape_at(b, i);
    if (s != t && s != SHAPE_ANY && t != SHAPE_ANY)
      return true;
    if (s != t)
      return false;
  }
  return false;
}

static int compare(const void *x, const void *y)
{
  const struct mutator *const *a = x, *const *b = y;
  int order = str_compare((*a)->ops->kind, (*b)->ops->kind);
  return order ? order : str_compare((*a)->name, (*b)->name);
}

int gatekeeper_mutators_finish(struct gatekeeper_mutators *all, struct error *err)
{
  size_t count = all->items.count;
  if (count)
    qsort(all->items.items, count, sizeof *all->items.items, compare);
  for (size_t i = 0; i < count; i++)
    for (size_t k = i + 1; k < count; k++) {
      const struct mutator *a = all->items.items[i], *b = all->items.items[k];
      bool twice = a->ops == b->ops && str_eq(a->name, b->name);
      if (twice || contradict(a, b))
        return error_set(err, SW_EINVAL, "%.*s %.*s and %.*s %.*s %s", STR_FMT(a->ops->kind),
                         STR_FMT(a->name), STR_FMT(b->ops->kind), STR_FMT(b->name),
                         twice ? "are one name given twice"
                               : "contradict each other: their locations take one place for "
                                 "different things");
    }
  return 0;
}

/* ---- applying */

struct applying {
  const struct mutator *m;
  struct arena *arena;
  const struct kube_object *object;
  struct error *err;
};

/* What is to be at a node, for what is there; absent: it stays as it is. */
static int apply(const struct applying *ap, uint32_t depth, struct value current,
                 struct value *ret);

static bool may_exist(const struct path_node *n)
{
  return n->test != TEST_MUST_NOT_EXIST;
}

static bool may_be_missing(const struct path_node *n)
{
  return n->test != TEST_MUST_EXIST;
}

static int mismatch(const struct applying *ap, struct value found, const char *wanted)
{
  return error_set(ap->err, SW_EINVAL, "there is %s on the way to its location, must be %s",
                   kube_type_with_article(found), wanted);
}

static struct value empty(struct arena *a, bool list)
{
  struct value made;
  if (list)
    return value_array_make(a, NULL, NULL, 0);
  value_object_make(a, NULL, NULL, 0, VALUE_LAST_WINS, NULL, &made);
  return made;
}

static int apply_field(const struct applying *ap, uint32_t depth, struct value current,
                       struct value *ret)
{
  const struct path *path = &ap->m->path;
  const struct path_node *node = &path->nodes[depth];
  struct value made = VALUE_NONE;
  if (!value_is(current, VALUE_OBJECT))
    return mismatch(ap, current, "an object");
  struct value found = value_get_str(current, node->name);
  bool exists = !value_is_nil(found);
  found = exists ? found : VALUE_NONE;
  if (exists ? !may_exist(node) : !may_be_missing(node))
    return 0;
  int rc;
  if (depth + 1 == path->count)
    rc = ap->m->ops->value(ap->m, ap->arena, ap->object, found, &made, ap->err);
  else
    rc = apply(ap, depth + 1, exists ? found : empty(ap->arena, path->nodes[depth + 1].is_list),
               &made);
  if (rc == 0 && !value_is(made, VALUE_ABSENT))
    *ret = value_object_with(ap->arena, current, value_string(node->name), made);
  return rc;
}

/* The element that a node names, when it has to be made. */
static int make_element(const struct applying *ap, uint32_t depth, struct value *ret)
{
  const struct path_node *node = &ap->m->path.nodes[depth];
  struct value element =
      value_object_with(ap->arena, empty(ap->arena, false), value_string(node->name), node->key);
  return apply(ap, depth + 1, element, ret);
}

static int apply_list(const struct applying *ap, uint32_t depth, struct value current,
                      struct value *ret)
{
  const struct path_node *node = &ap->m->path.nodes[depth];
  bool last = depth + 1 == ap->m->path.count, found = false;
  struct value list = current, made = VALUE_NONE;
  int rc = 0;
  if (!value_is(current, VALUE_ARRAY))
    return mismatch(ap, current, "a list");
  if (node->glob && !may_exist(node))
    return 0;
  for (uint32_t i = 0; rc == 0 && i < current.len; i++) {
    struct value element = current.items[i], changed = VALUE_NONE;
    if (!node->glob && !value_equal(value_get_str(element, node->name), node->key))
      continue;
    if (!may_exist(node))
      return 0;
    found = true;
    if (last)
      changed = ap->m->value;
    else
      rc = apply(ap, depth + 1, element, &changed);
    if (rc == 0 && !value_is(changed, VALUE_ABSENT))
      list = value_array_with(ap->arena, list, i, changed);
  }
  if (rc == 0 && !found && !node->glob && may_be_missing(node)) {
    if (last)
      made = ap->m->value;
    else
      rc = make_element(ap, depth, &made);
    if (!value_is(made, VALUE_ABSENT))
      list = value_array_insert(ap->arena, list, list.len, made);
  }
  if (rc == 0 && (list.items != current.items || list.len != current.len))
    *ret = list;
  return rc;
}

static int apply(const struct applying *ap, uint32_t depth, struct value current, struct value *ret)
{
  *ret = VALUE_NONE;
  return ap->m->path.nodes[depth].is_list ? apply_list(ap, depth, current, ret)
                                          : apply_field(ap, depth, current, ret);
}

/* ---- which objects */

static bool list_has(struct value list, struct str text)
{
  for (uint32_t i = 0; i < list.len; i++)
    if (value_eq_str(list.items[i], text) || value_eq_str(list.items[i], STR("*")))
      return true;
  return false;
}

static bool applies_to(const struct mutator *m, const struct kube_object *o)
{
  for (uint32_t i = 0; i < m->apply_count; i++)
    if (list_has(m->apply_to[i].groups, o->group) &&
        list_has(m->apply_to[i].versions, o->version) && list_has(m->apply_to[i].kinds, o->kind))
      return true;
  return m->ops->on_metadata;
}

static enum match_verdict matches(const struct mutator *m, const struct kube_object *o,
                                  struct value namespace)
{
  if (!applies_to(m, o))
    return MATCH_NO;
  struct value metadata = value_get(namespace, kube_key(KUBE_METADATA));
  struct match_target t = {
      .object = *o,
      .is_namespace = kube_object_is(o, STR_EMPTY, STR("Namespace")),
      .namespace = namespace,
      .source = SOURCE_ORIGINAL,
  };
  t.namespace_name = t.is_namespace ? o->name
                     : !value_is(namespace, VALUE_ABSENT)
                         ? value_str_or_empty(value_get(metadata, kube_key(KUBE_NAME)))
                         : o->namespace;
  return gatekeeper_match(&m->match, &t);
}

/* What the object does not say of its namespace, the caller did. */
static void read_again(struct value changed, struct kube_object *io_object)
{
  struct str namespace = io_object->namespace;
  kube_object_read(changed, (struct value_position){0}, io_object);
  if (!io_object->namespace.len)
    io_object->namespace = namespace;
}

/* One mutator, once. */
static int mutate(const struct mutator *m, struct arena *arena, struct value namespace,
                  struct kube_object *io_object, uint32_t *matched, struct error *err)
{
  struct value changed = VALUE_NONE;
  enum match_verdict verdict = matches(m, io_object, namespace);
  int rc = 0;
  if (verdict == MATCH_NO)
    return 0;
  ++*matched;
  const struct applying ap = {m, arena, io_object, err};
  if (verdict == MATCH_UNKNOWN)
    rc = error_set(err, SW_EINVAL,
                   "it selects namespaces by label, and Namespace \"%.*s\" is not "
                   "known",
                   STR_FMT(io_object->namespace));
  if (rc == 0)
    rc = apply(&ap, 0, io_object->value, &changed);
  if (rc < 0)
    return error_wrap(err, "%.*s %.*s", STR_FMT(m->ops->kind), STR_FMT(m->name));
  if (!value_is(changed, VALUE_ABSENT) && !value_equal(changed, io_object->value))
    read_again(changed, io_object);
  return 0;
}

int gatekeeper_mutate(const struct gatekeeper_mutators *all, struct arena *arena,
                      const struct kube_object *object, struct value namespace,
                      struct value *ret_object, uint32_t *ret_matched, struct error *err)
{
  struct kube_object o = *object;
  size_t rounds = all->items.count + 1;
  *ret_matched = 0;
  for (size_t round = 0; round < rounds; round++) {
    struct value before = o.value;
    uint32_t matched = 0;
    for (size_t i = 0; i < all->items.count; i++) {
      int rc = mutate(all->items.items[i], arena, namespace, &o, &matched, err);
      if (rc < 0)
        return rc;
    }
    if (round == 0)
      *ret_matched = matched;
    /* What one undoes that another did in the same round is as it was. */
    if (o.value.members == before.members || value_equal(o.value, before)) {
      *ret_object = before;
      return 0;
    }
    if (arena_over(arena))
      return error_set(err, SW_ELIMIT, "mutators take more memory than a review may have");
  }
  return error_set(err, SW_EINVAL, "the mutators come to no end: each round changes something");
}
