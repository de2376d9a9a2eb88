/* References, and the tree of what rules may be. */
#include "lang/rego/check_types_int.h"

/* ---- the tree */

static const struct rego_type *type_at(const struct infer *f, const struct check_path *path)
{
  return f->known->values[path->number];
}

static bool is_present(const struct infer *f, const struct check_path *path)
{
  return f->known->present[path->number];
}

/* A child that has types; operands that are no constants have none. */
static const struct check_path *present_child(const struct infer *f, const struct check_path *path,
                                              const struct check_term *operand)
{
  if (!infer_is_scalar(operand))
    return NULL;
  const struct check_path *child = check_path_child(path, operand->value);
  return child && is_present(f, child) ? child : NULL;
}

static bool is_property(const struct check_path *path)
{
  return path->key.type == VALUE_STRING || path->key.type == VALUE_NUMBER ||
         path->key.type == VALUE_BOOL;
}

static const struct rego_type *extent(struct infer *f, const struct check_path *path, int depth)
{
  uint32_t count = 0;
  if (type_at(f, path))
    return type_at(f, path);
  if (f->known->extents[path->number])
    return f->known->extents[path->number];
  if (depth == REGO_TYPE_DEPTH_MAX || !rego_types_spend(&f->types, path->child_count))
    return &rego_type_any;
  struct value *keys = mem_zalloc(path->child_count, sizeof *keys);
  const struct rego_type **values = mem_zalloc(path->child_count, sizeof *values);
  for (uint32_t i = 0; i < path->child_count; i++) {
    const struct check_path *child = path->children[i];
    if (!is_present(f, child) || !is_property(child))
      continue;
    keys[count] = child->key;
    values[count++] = extent(f, child, depth + 1);
  }
  /* Base documents may add what they like. */
  const struct rego_type *type =
      rego_type_object(&f->types, keys, values, count, &rego_type_string, &rego_type_any);
  mem_free(keys);
  mem_free(values);
  if (!f->frozen && depth == 0)
    f->known->extents[path->number] = type;
  return type;
}

const struct rego_type *infer_data(struct infer *f)
{
  const struct check_path *data = f->c->program->data;
  return is_present(f, data) ? extent(f, data, 0) : &rego_type_any;
}

/* ---- adding rules */

static const struct rego_type *with_other(struct infer *f, const struct rego_type *object,
                                          const struct rego_type *key,
                                          const struct rego_type *value)
{
  return rego_type_object(&f->types, object->keys, object->items, object->count,
                          rego_type_or(&f->types, object->key, key),
                          rego_type_or(&f->types, object->rest, value));
}

static bool is_object(const struct rego_type *type)
{
  return type && type->kind == REGO_TYPE_OBJECT;
}

/* An object whose keys are all unknown ones. */
static bool is_map(const struct rego_type *type)
{
  return is_object(type) && type->count == 0 && type->rest;
}

static const struct rego_type *merge(struct infer *f, const struct rego_type *a,
                                     const struct rego_type *b, int depth);

static const struct rego_type *merge_maps(struct infer *f, const struct rego_type *a,
                                          const struct rego_type *b, int depth)
{
  return rego_type_object(&f->types, NULL, NULL, 0, rego_type_or(&f->types, a->key, b->key),
                          merge(f, a->rest, b->rest, depth + 1));
}

/* A union in which the first map has become one with another. */
static const struct rego_type *merge_into_union(struct infer *f, const struct rego_type *any,
                                                const struct rego_type *map)
{
  const struct rego_type *all = NULL;
  bool found = false;
  for (uint32_t i = 0; i < any->count; i++) {
    const struct rego_type *item = any->items[i];
    if (!found && is_map(item)) {
      found = true;
      item = with_other(f, item, map->key, map->rest);
    }
    all = rego_type_or(&f->types, all, item);
  }
  return found ? all : rego_type_or(&f->types, any, map);
}

/* What two rules of one name give together. */
static const struct rego_type *merge(struct infer *f, const struct rego_type *a,
                                     const struct rego_type *b, int depth)
{
  if (!a || !b || depth == REGO_TYPE_DEPTH_MAX || !rego_types_spend(&f->types, 1))
    return rego_type_or(&f->types, a, b);
  if (is_map(a) && is_map(b))
    return merge_maps(f, a, b, depth);
  if (is_map(a) && b->kind == REGO_TYPE_ANY)
    return merge_into_union(f, b, a);
  if (is_map(b) && a->kind == REGO_TYPE_ANY)
    return merge_into_union(f, a, b);
  if (a->kind == REGO_TYPE_SET && b->kind == REGO_TYPE_SET)
    return rego_type_set(&f->types, rego_type_or(&f->types, a->rest, b->rest));
  const struct rego_type *type = rego_type_or(&f->types, a, b);
  return type ? type : &rego_type_any;
}

/* The type under the keys from below `from` down to `path`, as an object below `from`. */
static const struct rego_type *nested_below(struct infer *f, const struct check_path *from,
                                            const struct check_path *path,
                                            const struct rego_type *type)
{
  for (; path->parent != from; path = path->parent)
    type = rego_type_object(&f->types, NULL, NULL, 0, rego_type_of(path->key), type);
  return with_other(f, type_at(f, from), rego_type_of(path->key), type);
}

/* What stands below a node whose value is an object is part of it. */
static void add_below(struct infer *f, const struct check_path *top, const struct check_path *path)
{
  for (uint32_t i = 0; i < path->child_count && rego_types_spend(&f->types, 1); i++) {
    const struct check_path *child = path->children[i];
    if (!is_present(f, child) || !is_object(type_at(f, top)))
      continue;
    if (type_at(f, child))
      f->known->values[top->number] = nested_below(f, top, child, type_at(f, child));
    else
      add_below(f, top, child);
  }
}

void infer_add_rule(struct infer *f, const struct check_path *path, const struct rego_type *type)
{
  const struct rego_type **values = f->known->values;
  for (const struct check_path *p = path; p && rego_types_spend(&f->types, 1); p = p->parent) {
    f->known->present[p->number] = true;
    f->known->extents[p->number] = NULL;
    if (p != path && is_object(values[p->number]))
      values[p->number] = nested_below(f, p, path, type);
  }
  values[path->number] = merge(f, values[path->number], type, 0);
  if (is_object(type))
    add_below(f, path, path);
}

void infer_forget_rule(struct infer *f, const struct check_path *path)
{
  infer_add_rule(f, path, &rego_type_any);
  f->known->values[path->number] = &rego_type_any;
}

/* ---- the type of a reference */

static const struct rego_type *select_operands(struct infer *f, const struct rego_type *type,
                                               const struct check_term *ref, uint32_t from)
{
  for (uint32_t i = from; type && i < ref->count; i++)
    type = infer_is_scalar(&ref->items[i]) ? rego_type_select(&f->types, type, ref->items[i].value)
                                           : rego_type_values(&f->types, type);
  return type;
}

/* Rules with variables in their refs, and others below the same place: what is known of the place
 * depends on which of them have been looked at, so nothing is said about it. */
static bool is_mixed(const struct check_path *path)
{
  for (uint32_t i = 0; i < path->rule_count && path->child_count; i++)
    if (path->rules[i]->key_count)
      return true;
  return false;
}

static const struct rego_type *data_type(struct infer *f, const struct check_term *ref)
{
  const struct check_path *path = f->c->program->data, *child;
  if (f->data)
    return select_operands(f, f->data, ref, 0);
  if (!is_present(f, path))
    return &rego_type_any;
  for (uint32_t i = 0; i < ref->count; i++, path = child) {
    child = present_child(f, path, &ref->items[i]);
    if (!child && is_mixed(path))
      return &rego_type_any;
    if (!child && type_at(f, path))
      return select_operands(f, type_at(f, path), ref, i);
    if (!child)
      return ref->items[i].kind == CHECK_CONSTANT || ref->items[i].constant
                 ? &rego_type_any
                 : select_operands(f, extent(f, path, 0), ref, i);
  }
  return is_mixed(path) ? &rego_type_any : extent(f, path, 0);
}

const struct rego_type *infer_ref(struct infer *f, const struct check_term *ref)
{
  if (!rego_types_spend(&f->types, ref->count))
    return &rego_type_any;
  if (ref->root == CHECK_ROOT_DATA)
    return data_type(f, ref);
  if (ref->root == CHECK_ROOT_INPUT)
    return select_operands(f, f->input ? f->input : &rego_type_any, ref, 0);
  return select_operands(f, f->locals[ref->local], ref, 0);
}

/* ---- does a reference lead somewhere? */

struct names VEC_BODY(struct value);

/* The known keys of a type, sorted, each once. */
static void list_keys(struct names *names, const struct rego_type *type)
{
  enum { NAMES_MAX = 1000 };
  for (uint32_t i = 0; i < type->count && names->count < NAMES_MAX; i++)
    if (type->kind == REGO_TYPE_OBJECT)
      vec_push(names, type->keys[i]);
    else if (type->kind == REGO_TYPE_ANY)
      list_keys(names, type->items[i]);
}

static bool fail_below_type(struct infer *f, const struct check_term *ref, uint32_t i,
                            const struct rego_type *have, const struct rego_type *type,
                            const struct rego_type *keys)
{
  struct names names = {0};
  list_keys(&names, type);
  infer_fail_operand(f, ref, i, have, keys, names.items, (uint32_t)names.count);
  vec_free(&names);
  return false;
}

static bool check_var(struct infer *f, const struct check_term *ref, uint32_t i,
                      const struct rego_type *type, const struct rego_type *keys)
{
  const struct check_term *operand = &ref->items[i];
  const struct rego_type *is = infer_term(f, operand);
  if (is && !rego_type_unifies(&f->types, is, keys))
    return fail_below_type(f, ref, i, is, type, keys);
  if (!is && operand->kind == CHECK_LOCAL)
    infer_set(f, operand->local, keys);
  return true;
}

/* The operands from `i` on, below a value of the type. */
static bool check_below(struct infer *f, const struct check_term *ref, uint32_t i,
                        const struct rego_type *type)
{
  for (; type && i < ref->count && rego_types_spend(&f->types, 1); i++) {
    const struct check_term *operand = &ref->items[i];
    const struct rego_type *keys = rego_type_keys(&f->types, type);
    if (!keys) {
      infer_fail_below(f, ref, i, type);
      return false;
    }
    if (infer_is_scalar(operand)) {
      const struct rego_type *part = rego_type_select(&f->types, type, operand->value);
      if (!part)
        return fail_below_type(f, ref, i, NULL, type, keys);
      type = part;
      continue;
    }
    if (infer_is_var(operand)) {
      if (!check_var(f, ref, i, type, keys))
        return false;
    } else if (!infer_fit(f, operand, keys, false)) {
      infer_fail_operand(f, ref, i, infer_term(f, operand), keys, NULL, 0);
      return false;
    }
    type = rego_type_values(&f->types, type);
  }
  return true;
}

static bool fail_below_node(struct infer *f, const struct check_term *ref, uint32_t i,
                            const struct check_path *path, const struct rego_type *want)
{
  struct names names = {0};
  for (uint32_t j = 0; j < path->child_count; j++)
    if (is_present(f, path->children[j]))
      vec_push(&names, path->children[j]->key);
  infer_fail_operand(f, ref, i, infer_term(f, &ref->items[i]), want, names.items,
                     (uint32_t)names.count);
  vec_free(&names);
  return false;
}

static bool check_data(struct infer *f, const struct check_term *ref)
{
  enum { NAMED = 2 }; /* operands that can only be strings: the shortest rule is data.x.y */
  const struct check_path *path = f->c->program->data;
  if (f->data)
    return check_below(f, ref, 0, f->data);
  for (uint32_t i = 0; i < ref->count && is_present(f, path); i++) {
    const struct check_term *operand = &ref->items[i];
    bool var = infer_is_var(operand);
    bool string = operand->kind == CHECK_CONSTANT && operand->value.type == VALUE_STRING;
    if (i < NAMED && !var && !string)
      return fail_below_node(f, ref, i, path, &rego_type_string);
    if (var && !is_mixed(path)) {
      const struct rego_type *is = infer_term(f, operand);
      const struct rego_type *keys = rego_type_keys(&f->types, extent(f, path, 0));
      if (is && !rego_type_unifies(&f->types, keys, is))
        return fail_below_node(f, ref, i, path, keys);
      if (!is && operand->kind == CHECK_LOCAL)
        infer_set(f, operand->local, keys);
    }
    const struct check_path *child = present_child(f, path, operand);
    if (!child)
      break;
    if (type_at(f, child) && !is_mixed(child))
      return check_below(f, ref, i + 1, type_at(f, child));
    path = child;
  }
  return check_below(f, ref, 0, &rego_type_any);
}

static void check_ref(struct infer *f, const struct check_term *ref)
{
  if (ref->root == CHECK_ROOT_LOCAL) {
    if (!f->locals[ref->local])
      infer_set(f, ref->local, &rego_type_any);
    check_below(f, ref, 0, f->locals[ref->local]);
    return;
  }
  if (ref->root == CHECK_ROOT_INPUT) {
    check_below(f, ref, 0, f->input ? f->input : &rego_type_any);
    return;
  }
  const struct rego_type *type =
      ref->known == ref->count && is_present(f, ref->path) ? type_at(f, ref->path) : NULL;
  if (type && type->kind == REGO_TYPE_FUNCTION)
    infer_fail_below(f, ref, ref->count, type);
  else
    check_data(f, ref);
}

void infer_refs(struct infer *f, const struct check_term *term)
{
  if (term->kind == CHECK_CONSTANT || term->kind == CHECK_LOCAL ||
      term->kind >= CHECK_ARRAY_COMPREHENSION || !rego_types_spend(&f->types, 1))
    return;
  for (uint32_t i = 0; i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1); i++)
    infer_refs(f, &term->items[i]);
  if (term->kind == CHECK_REF)
    check_ref(f, term);
}
