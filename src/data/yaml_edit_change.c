#include "base/mem.h"
#include "data/compare.h"
#include "data/pointer.h"
#include "data/yaml_edit_int.h"

/* Whether nothing differs, as far as can be seen without looking into containers: what a patch did not
 * touch is shared. */
static bool is_same(struct value a, struct value b)
{
  if (a.type != b.type)
    return false;
  if (a.type == VALUE_OBJECT || a.type == VALUE_ARRAY)
    return a.len == b.len && (a.len == 0 || a.items == b.items);
  return value_equal(a, b);
}

int edit_may_go(struct editor *e, uint32_t from, uint32_t to)
{
  for (uint32_t i = from; i < to && e->targets; i++) {
    struct edit_node *node = &e->nodes.items[i];
    if (node->aliased)
      return edit_refuse(
          e, node->start,
          "aliases stand for the anchored value on line %u, which would go; write it "
          "out where they are first",
          e->lines_before + node->position.line);
    if (node->kind == EDIT_ALIAS)
      node->of = EDIT_NONE;
  }
  return 0;
}

/* ---- which child becomes which */

static uint32_t *children_of(struct editor *e, uint32_t node)
{
  const struct edit_node *n = &e->nodes.items[node];
  uint32_t *children = arena_array(e->arena, uint32_t, n->children + 1);
  uint32_t child = node + 1;
  for (uint32_t i = 0; i < n->children; i++, child = e->nodes.items[child].next)
    children[i] = child;
  return children;
}

static void plan_start(struct editor *e, uint32_t count, uint32_t additions, struct edit_plan *plan)
{
  *plan = (struct edit_plan){.count = count};
  plan->children = arena_array(e->arena, uint32_t, count + 1);
  plan->from = arena_zalloc(e->arena, count + 1, sizeof *plan->from);
  plan->to = arena_zalloc(e->arena, count + 1, sizeof *plan->to);
  plan->additions = arena_zalloc(e->arena, additions + 1, sizeof *plan->additions);
}

static void plan_add(struct edit_plan *plan, struct value key, struct value value, uint32_t before)
{
  plan->additions[plan->added++] =
      (struct edit_addition){.key = key, .value = value, .before = before};
}

/* The member that a pair was read as, among those of a mapping with a merge key; -1: the merge. */
static int64_t member_of_pair(const struct editor *e, uint32_t key, struct value from)
{
  struct value_position at = e->nodes.items[key].position;
  at.line += e->lines_before;
  for (uint32_t m = 0; m < from.len; m++) {
    struct value_position there = value_key_position(from, m);
    if (there.line == at.line && there.column == at.column)
      return m;
  }
  return -1;
}

enum { MERGED_MAX = 2000 }; /* members of a mapping with a merge key that is edited */

static int plan_pairs(struct editor *e, uint32_t node, struct value from, struct value to,
                      struct edit_plan *plan, bool *own)
{
  const struct edit_node *n = &e->nodes.items[node];
  const uint32_t *children = children_of(e, node);
  if (!n->merges && from.len != plan->count)
    return edit_refuse(e, n->start, "its keys cannot be told apart");
  if (n->merges && (from.len > MERGED_MAX || plan->count > MERGED_MAX))
    return edit_refuse(e, n->start, "a mapping of this size with a merge key is not edited");
  for (uint32_t i = 0; i < plan->count; i++) {
    plan->keys[i] = children[2 * i];
    plan->children[i] = children[2 * i + 1];
    int64_t m = n->merges ? member_of_pair(e, plan->keys[i], from) : (int64_t)i;
    if (m < 0) {
      plan->from[i] = plan->to[i] = value_null();
      continue;
    }
    own[m] = true;
    plan->names[i] = from.members[m].key;
    plan->from[i] = from.members[m].value;
    plan->to[i] = value_get(to, value_string(value_str(plan->names[i])));
    plan->kept += plan->to[i].type != VALUE_ABSENT;
  }
  return 0;
}

/* Members that are not written here but come out of a merge must stay as they are. */
static int check_merged(struct editor *e, uint32_t node, struct value from, struct value to,
                        const bool *own)
{
  for (uint32_t m = 0; m < from.len; m++) {
    if (own[m])
      continue;
    struct value key = from.members[m].key;
    struct value wanted = value_get(to, value_string(value_str(key)));
    if (is_same(from.members[m].value, wanted) || value_equal(from.members[m].value, wanted))
      continue;
    pointer_add_key(&e->pointer, value_str(key));
    return edit_refuse(e, e->nodes.items[node].start,
                       "it comes out of a merge key; change it where that leads, or write it out "
                       "here first");
  }
  return 0;
}

int edit_plan_mapping(struct editor *e, uint32_t node, struct value from, struct value to,
                      struct edit_plan *ret)
{
  uint32_t count = e->nodes.items[node].children / 2;
  plan_start(e, count, to.len, ret);
  ret->keys = arena_array(e->arena, uint32_t, count + 1);
  ret->names = arena_zalloc(e->arena, count + 1, sizeof *ret->names);
  bool *own = arena_zalloc(e->arena, from.len + 1, sizeof *own);
  int rc = plan_pairs(e, node, from, to, ret, own);
  if (rc == 0 && e->nodes.items[node].merges)
    rc = check_merged(e, node, from, to, own);
  for (uint32_t i = 0; i < to.len && rc == 0; i++) {
    struct value key = to.members[i].key;
    if (key.type != VALUE_STRING)
      return edit_refuse(e, e->nodes.items[node].start,
                         "the new value cannot be written: it has a key that is no string");
    if (value_find(from, value_string(value_str(key))) < 0)
      plan_add(ret, key, to.members[i].value, count);
  }
  return rc;
}

/* How much two elements have in common. */
static int likeness(struct value a, struct value b)
{
  if (is_same(a, b))
    return 16;
  if (a.type != b.type || a.type != VALUE_OBJECT)
    return 1;
  struct value name = value_get(a, value_from("name"));
  if (name.type == VALUE_STRING && value_equal(name, value_get(b, value_from("name"))))
    return 12;
  for (uint32_t i = 0; i < a.len && i < b.len; i++)
    if (is_same(a.members[i].value, b.members[i].value) &&
        value_equal(a.members[i].key, b.members[i].key))
      return 6;
  return 1;
}

/* What lies between the elements that two arrays have in common at their ends. */
struct middle {
  struct value from, to;
  uint32_t start, from_count, to_count;
};

static void align_by_number(const struct middle *m, struct edit_plan *plan)
{
  uint32_t both = m->from_count < m->to_count ? m->from_count : m->to_count;
  for (uint32_t i = 0; i < both; i++)
    plan->to[m->start + i] = m->to.items[m->start + i];
  for (uint32_t i = both; i < m->to_count; i++)
    plan_add(plan, VALUE_NONE, m->to.items[m->start + i], m->start + m->from_count);
}

/* The pairing with the most likeness, in the order of both. best[i][j]: of what is left from there. */
static void align_by_likeness(const struct middle *m, struct edit_plan *plan)
{
  uint32_t rows = m->from_count, columns = m->to_count, width = columns + 1;
  const struct value *from = m->from.items + m->start, *to = m->to.items + m->start;
  _cleanup_(mem_freep) int *best = mem_zalloc((size_t)(rows + 1) * width, sizeof *best);
  for (uint32_t i = rows; i-- > 0;)
    for (uint32_t j = columns; j-- > 0;) {
      int paired = best[(i + 1) * width + j + 1] + likeness(from[i], to[j]);
      int down = best[(i + 1) * width + j], right = best[i * width + j + 1];
      int most = paired > down ? paired : down;
      best[i * width + j] = most > right ? most : right;
    }
  uint32_t i = 0, j = 0;
  while (i < rows && j < columns) {
    int here = best[i * width + j];
    if (here == best[(i + 1) * width + j + 1] + likeness(from[i], to[j]))
      plan->to[m->start + i++] = to[j++];
    else if (here == best[(i + 1) * width + j])
      i++;
    else
      plan_add(plan, VALUE_NONE, to[j++], m->start + i);
  }
  for (; j < columns; j++)
    plan_add(plan, VALUE_NONE, to[j], m->start + rows);
}

int edit_plan_sequence(struct editor *e, uint32_t node, struct value from, struct value to,
                       struct edit_plan *ret)
{
  uint32_t count = e->nodes.items[node].children;
  plan_start(e, count, to.len, ret);
  memcpy(ret->children, children_of(e, node), count * sizeof *ret->children);
  if (count != from.len)
    return edit_refuse(e, e->nodes.items[node].start, "its elements cannot be told apart");
  memcpy(ret->from, from.items, count * sizeof *ret->from);
  uint32_t start = 0, end = 0, least = from.len < to.len ? from.len : to.len;
  while (start < least && is_same(from.items[start], to.items[start]))
    start++;
  while (end < least - start && is_same(from.items[from.len - 1 - end], to.items[to.len - 1 - end]))
    end++;
  struct middle m = {from, to, start, from.len - start - end, to.len - start - end};
  for (uint32_t i = 0; i < start; i++)
    ret->to[i] = to.items[i];
  for (uint32_t i = 0; i < end; i++)
    ret->to[from.len - 1 - i] = to.items[to.len - 1 - i];
  if ((uint64_t)(m.from_count + 1) * (m.to_count + 1) > YAML_EDIT_ALIGN_MAX)
    align_by_number(&m, ret);
  else
    align_by_likeness(&m, ret);
  for (uint32_t i = 0; i < count; i++)
    ret->kept += ret->to[i].type != VALUE_ABSENT;
  return 0;
}

/* ---- nodes */

static int replace(struct editor *e, uint32_t node, struct value to,
                   const struct edit_context *context)
{
  int rc = edit_may_go(e, node + 1, e->nodes.items[node].after);
  if (rc < 0)
    return rc;
  return context->flow ? edit_flow_replace(e, node, to, context)
                       : edit_block_replace(e, node, to, context);
}

/* A container to one of the same type; neither is empty. */
static int edit_container(struct editor *e, uint32_t node, struct value from, struct value to,
                          const struct edit_context *context)
{
  struct edit_node *n = &e->nodes.items[node];
  struct edit_plan plan;
  bool mapping = n->kind == EDIT_MAPPING;
  int rc = mapping ? edit_plan_mapping(e, node, from, to, &plan)
                   : edit_plan_sequence(e, node, from, to, &plan);
  if (rc < 0)
    return rc;
  if (plan.kept == 0 && !n->merges)
    return replace(e, node, to, context);
  for (uint32_t i = 0; i < plan.count && rc == 0; i++)
    if (plan.to[i].type == VALUE_ABSENT)
      rc = edit_may_go(e, mapping ? plan.keys[i] : plan.children[i],
                       e->nodes.items[plan.children[i]].after);
  if (rc < 0)
    return rc;
  return n->style == EDIT_FLOW ? edit_flow(e, node, &plan, context)
                               : edit_block(e, node, &plan, context);
}

/* A container that an alias stands for can only change together with its anchor (which yaml_edit.c
 * looks at in the end); any other value is written in its place. */
static int edit_alias(struct editor *e, uint32_t node, struct value from, struct value to,
                      const struct edit_context *context)
{
  struct edit_node *n = &e->nodes.items[node];
  if (n->of == EDIT_NONE)
    return edit_refuse(e, n->start, "it is an alias that leads nowhere");
  if (e->nodes.items[n->of].changed && value_equal(to, e->targets[n->of].value))
    return 0;
  if (from.type == to.type && edit_is_nonempty(from) && edit_is_nonempty(to))
    return 0;
  n->of = EDIT_NONE;
  return replace(e, node, to, context);
}

int edit_node(struct editor *e, uint32_t node, struct value from, struct value to,
              const struct edit_context *context)
{
  if (is_same(from, to))
    return 0;
  struct edit_node *n = &e->nodes.items[node];
  if (n->kind == EDIT_ALIAS || n->aliased)
    e->targets[node] = (struct edit_target){to, arena_copy(e->arena, buf_str(&e->pointer))};
  if (n->kind == EDIT_ALIAS)
    return edit_alias(e, node, from, to, context);
  size_t before = e->changes.count;
  int rc;
  if (from.type == to.type && edit_is_nonempty(from) && edit_is_nonempty(to))
    rc = edit_container(e, node, from, to, context);
  else
    rc = replace(e, node, to, context);
  n->changed = n->aliased && e->changes.count > before;
  return rc;
}

size_t edit_child_start(const struct editor *e, uint32_t node, const struct edit_plan *plan,
                        uint32_t i)
{
  if (plan->keys)
    return e->nodes.items[plan->keys[i]].start;
  if (e->nodes.items[node].style == EDIT_FLOW)
    return e->nodes.items[plan->children[i]].start;
  if (i == 0)
    return e->nodes.items[node].content;
  return edit_skip_trivia(e->source, e->nodes.items[plan->children[i - 1]].end);
}

/* Behind the colon or dash in front of a child; 0: there is none. */
static size_t indicator_of(const struct editor *e, uint32_t node, const struct edit_plan *plan,
                           uint32_t i)
{
  if (!plan->keys)
    return edit_child_start(e, node, plan, i) + 1;
  size_t colon = edit_skip_trivia(e->source, e->nodes.items[plan->keys[i]].end);
  return colon < e->source.len && e->source.data[colon] == ':' ? colon + 1 : 0;
}

int edit_child(struct editor *e, uint32_t node, const struct edit_plan *plan, uint32_t i,
               unsigned column, const struct edit_flow *flow)
{
  if (is_same(plan->from[i], plan->to[i]))
    return 0;
  struct edit_context context = {
      .parent = node, .indicator = indicator_of(e, node, plan, i), .column = column, .flow = flow};
  size_t length = e->pointer.len;
  if (plan->keys)
    pointer_add_key(&e->pointer, value_str(plan->names[i]));
  else
    pointer_add_index(&e->pointer, i);
  int rc = edit_node(e, plan->children[i], plan->from[i], plan->to[i], &context);
  if (rc == 0)
    e->pointer.len = length;
  return rc;
}
