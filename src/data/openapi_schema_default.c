/* Defaults, as the API server sets them when it reads an object. */
#include "data/openapi_schema_int.h"

static struct value fill(const struct openapi_node *node, struct arena *a, struct value v);

static bool is_null_to_replace(const struct openapi_node *node, struct value v)
{
  return value_is(v, VALUE_NULL) && !node->nullable;
}

/* What becomes of one member; absent: it is taken out. */
static struct value fill_member(const struct openapi_node *node, struct arena *a, struct value v)
{
  if (is_null_to_replace(node, v))
    v = node->fallback;
  return fill(node, a, v);
}

/* The very same, not only equal: nothing has been changed on the way. */
static bool same(struct value a, struct value b)
{
  return a.type == b.type && a.flags == b.flags && a.len == b.len && a.integer == b.integer;
}

static struct value fill_object(const struct openapi_node *node, struct arena *a, struct value v)
{
  struct value filled = v;
  for (uint32_t i = 0; i < v.len; i++) {
    const struct value_member *m = &v.members[i];
    const struct openapi_node *child = openapi_property_find(node, m->key);
    child = child ? child : node->additional;
    if (!child)
      continue;
    struct value changed = fill_member(child, a, m->value);
    if (!same(changed, m->value))
      filled = value_object_with(a, filled, m->key, changed);
  }
  for (uint32_t i = 0; i < node->property_count; i++) {
    const struct openapi_property *p = &node->properties[i];
    if (!value_is(p->node->fallback, VALUE_ABSENT) && value_find(filled, p->key) < 0)
      filled = value_object_with(a, filled, p->key, fill(p->node, a, p->node->fallback));
  }
  return filled;
}

static struct value fill_array(const struct openapi_node *node, struct arena *a, struct value v)
{
  struct value filled = v;
  for (uint32_t i = 0; node->items && i < v.len; i++) {
    struct value item = v.items[i];
    if (is_null_to_replace(node->items, item) && !value_is(node->items->fallback, VALUE_ABSENT))
      item = node->items->fallback;
    item = fill(node->items, a, item);
    if (!same(item, v.items[i]))
      filled = value_array_with(a, filled, i, item);
  }
  return filled;
}

static struct value fill(const struct openapi_node *node, struct arena *a, struct value v)
{
  if (value_is(v, VALUE_OBJECT))
    return fill_object(node, a, v);
  return value_is(v, VALUE_ARRAY) ? fill_array(node, a, v) : v;
}

struct value openapi_schema_default(const struct openapi_schema *schema, struct arena *a,
                                    struct value v)
{
  return fill_member(schema->root, a, v);
}
