/* Types of terms, and what terms that meet learn from each other. */
#include "lang/rego/check_types_int.h"

#include "data/compare.h"

static const struct rego_type *known(const struct rego_type *type)
{
  return type ? type : &rego_type_any;
}

static const struct rego_type *union_of(struct infer *f, const struct check_term *items,
                                        uint32_t count)
{
  const struct rego_type *all = NULL;
  for (uint32_t i = 0; i < count && rego_types_spend(&f->types, 1); i++)
    all = rego_type_or(&f->types, all, infer_term(f, &items[i]));
  return all;
}

static const struct rego_type *array_type(struct infer *f, const struct check_term *term)
{
  if (term->count == 0 || term->count > REGO_TYPE_ITEMS_MAX)
    return rego_type_array(&f->types, NULL, 0, known(union_of(f, term->items, term->count)));
  const struct rego_type **items = mem_zalloc(term->count, sizeof *items);
  for (uint32_t i = 0; i < term->count; i++)
    items[i] = infer_term(f, &term->items[i]);
  const struct rego_type *type = rego_type_array(&f->types, items, term->count, NULL);
  mem_free(items);
  return type;
}

static const struct rego_type *object_type(struct infer *f, const struct check_term *term)
{
  const struct rego_type *key = NULL, *rest = NULL;
  uint32_t count = 0, room = term->count;
  struct value *keys = mem_zalloc(room, sizeof *keys);
  const struct rego_type **values = mem_zalloc(room, sizeof *values);
  for (uint32_t i = 0; i < term->count; i++) {
    const struct check_term *k = &term->items[2 * i];
    const struct rego_type *value = infer_term(f, &term->items[2 * i + 1]);
    if (infer_is_scalar(k) && count < REGO_TYPE_ITEMS_MAX) {
      keys[count] = k->value;
      values[count++] = value;
    } else {
      key = known(rego_type_or(&f->types, key, infer_term(f, k)));
      rest = known(rego_type_or(&f->types, rest, value));
    }
  }
  if (term->count == 0)
    key = rest = &rego_type_any;
  const struct rego_type *type = rego_type_object(&f->types, keys, values, count, key, rest);
  mem_free(keys);
  mem_free(values);
  return type;
}

const struct rego_type *infer_term(struct infer *f, const struct check_term *term)
{
  if (!rego_types_spend(&f->types, 1) || f->types.over)
    return &rego_type_any;
  switch ((enum check_term_kind)term->kind) {
  case CHECK_CONSTANT:
    return rego_type_of(term->value);
  case CHECK_LOCAL:
    return f->locals[term->local];
  case CHECK_REF:
    return infer_ref(f, term);
  case CHECK_ARRAY:
    return array_type(f, term);
  case CHECK_OBJECT:
    return object_type(f, term);
  case CHECK_SET:
    return rego_type_set(&f->types, known(union_of(f, term->items, term->count)));
  case CHECK_ARRAY_COMPREHENSION:
  case CHECK_OBJECT_COMPREHENSION:
  case CHECK_SET_COMPREHENSION:
    break;
  }
  return term->comprehension->type;
}

/* ---- a term and a type */

static bool fit_array(struct infer *f, const struct check_term *term, const struct rego_type *type,
                      bool more)
{
  if (term->count != type->count && !type->rest)
    return false;
  for (uint32_t i = 0; i < term->count; i++)
    if (!infer_fit(f, &term->items[i], i < type->count ? type->items[i] : type->rest, more))
      return false;
  return true;
}

static bool fit_object(struct infer *f, const struct check_term *term, const struct rego_type *type,
                       bool more)
{
  if (term->count != type->count && !type->rest)
    return false;
  for (uint32_t i = 0; i < term->count; i++) {
    const struct check_term *key = &term->items[2 * i], *value = key + 1;
    const struct rego_type *part = &rego_type_any;
    if (infer_is_scalar(key)) {
      part = rego_type_select(&f->types, type, key->value);
      if (!part || !infer_fit(f, value, part, more))
        return false;
    } else {
      infer_fit(f, value, part, more);
    }
  }
  return true;
}

static bool fit_set(struct infer *f, const struct check_term *term, const struct rego_type *type,
                    bool more)
{
  for (uint32_t i = 0; i < term->count; i++)
    if (!infer_fit(f, &term->items[i], type->rest, more))
      return false;
  return true;
}

/* Any of the members will do, and what is learnt is all of them. */
static bool fit_union(struct infer *f, const struct check_term *term, const struct rego_type *type)
{
  bool fits = type->count == 0;
  for (uint32_t i = 0; i < type->count; i++)
    fits = infer_fit(f, term, type->items[i], true) || fits;
  for (uint32_t i = 0; type->count == 0 && i < term->count * (term->kind == CHECK_OBJECT ? 2 : 1);
       i++)
    infer_fit(f, &term->items[i], type, true);
  return fits;
}

static bool fit_local(struct infer *f, const struct check_term *term, const struct rego_type *type,
                      bool more)
{
  const struct rego_type *is = f->locals[term->local];
  if (more)
    infer_set(f, term->local, rego_type_or(&f->types, is, type));
  else if (is)
    return rego_type_unifies(&f->types, is, type);
  else
    infer_set(f, term->local, type);
  return true;
}

bool infer_fit(struct infer *f, const struct check_term *term, const struct rego_type *type,
               bool more)
{
  if (!rego_types_spend(&f->types, 1) || f->types.over || !type)
    return true;
  bool composite = term->kind == CHECK_ARRAY || term->kind == CHECK_OBJECT ||
                   term->kind == CHECK_SET;
  if (composite && type->kind == REGO_TYPE_ANY)
    return fit_union(f, term, type);
  switch ((enum check_term_kind)term->kind) {
  case CHECK_LOCAL:
    return fit_local(f, term, type, more);
  case CHECK_ARRAY:
    return type->kind == REGO_TYPE_ARRAY && fit_array(f, term, type, more);
  case CHECK_OBJECT:
    return type->kind == REGO_TYPE_OBJECT && fit_object(f, term, type, more);
  case CHECK_SET:
    return type->kind == REGO_TYPE_SET && fit_set(f, term, type, more);
  case CHECK_CONSTANT:
  case CHECK_REF:
  case CHECK_ARRAY_COMPREHENSION:
  case CHECK_OBJECT_COMPREHENSION:
  case CHECK_SET_COMPREHENSION:
    break;
  }
  const struct rego_type *is = infer_term(f, term);
  return !is || rego_type_unifies(&f->types, is, type);
}

/* ---- two terms */

static bool is_unknown(const struct rego_type *type)
{
  return !type || type->unknown;
}

static bool unify_items(struct infer *f, const struct check_term *left,
                        const struct check_term *right)
{
  return infer_unify(f, left, infer_term(f, left), right, infer_term(f, right));
}

static const struct check_term *property(const struct check_term *object,
                                         const struct check_term *key)
{
  for (uint32_t i = 0; i < object->count; i++) {
    const struct check_term *k = &object->items[2 * i];
    if (k->kind != key->kind)
      continue;
    if ((k->kind == CHECK_CONSTANT && value_equal(k->value, key->value)) ||
        (k->kind == CHECK_LOCAL && k->local == key->local))
      return k + 1;
  }
  return NULL;
}

static bool unify_composites(struct infer *f, const struct check_term *left,
                             const struct check_term *right)
{
  bool object = left->kind == CHECK_OBJECT;
  if (left->count != right->count)
    return false;
  for (uint32_t i = 0; i < left->count; i++) {
    const struct check_term *item = &left->items[object ? 2 * i + 1 : i];
    const struct check_term *other = object ? property(right, item - 1) : &right->items[i];
    if (object && !rego_types_spend(&f->types, right->count))
      return true;
    if (!other) /* keys that are terms of their own: nothing is known */
      return true;
    if (!unify_items(f, item, other))
      return false;
  }
  return true;
}

/* A local, of which nothing is known, and a term that is not known in all its parts. */
static bool unify_local(struct infer *f, const struct check_term *local,
                        const struct check_term *term)
{
  return infer_fit(f, term, &rego_type_any, false) &&
         infer_fit(f, local, infer_term(f, term), false);
}

bool infer_unify(struct infer *f, const struct check_term *left, const struct rego_type *a,
                 const struct check_term *right, const struct rego_type *b)
{
  bool composite = left->kind == CHECK_ARRAY || left->kind == CHECK_OBJECT;
  if (!rego_types_spend(&f->types, 1) || f->types.over)
    return true;
  if (is_unknown(a) && !is_unknown(b))
    return infer_fit(f, left, b, false);
  if (is_unknown(b) && !is_unknown(a))
    return infer_fit(f, right, a, false);
  if (!is_unknown(a))
    return rego_type_unifies(&f->types, a, b);
  if (composite && right->kind == left->kind)
    return unify_composites(f, left, right);
  if (left->kind == CHECK_LOCAL)
    return unify_local(f, left, right);
  if (right->kind == CHECK_LOCAL)
    return unify_local(f, right, left);
  return !composite || (right->kind != CHECK_ARRAY && right->kind != CHECK_OBJECT);
}

/* ---- functions */

/* The next argument: they are separated by a comma and a space, which occur nowhere else. */
static struct str next_argument(struct str *rest)
{
  ptrdiff_t cut = str_find(*rest, 0, STR(", "));
  struct str argument = cut < 0 ? *rest : str_sub(*rest, 0, (size_t)cut);
  *rest = cut < 0 ? STR_EMPTY : str_sub(*rest, (size_t)cut + 2, rest->len);
  return argument;
}

const struct rego_type *check_builtin_type(struct rego_types *types, const struct builtin *builtin)
{
  const struct rego_type *args[BUILTIN_ARITY_MAX], *result = NULL;
  struct str rest = str_from(builtin->arguments);
  uint32_t count = 0;
  while (rest.len && count < BUILTIN_ARITY_MAX)
    args[count++] = rego_type_parse(types, next_argument(&rest));
  if (!(builtin->flags & BUILTIN_VOID) && builtin->result[0])
    result = rego_type_parse(types, str_from(builtin->result));
  return rego_type_function(types, args, count, result);
}

const struct rego_type *infer_builtin(struct infer *f, const struct builtin *builtin)
{
  union map_value *value = map_put(&f->functions, str_from(builtin->name), NULL);
  if (!value->view)
    value->view = check_builtin_type(&f->types, builtin);
  return value->view;
}
