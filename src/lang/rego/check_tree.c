/* The tree of packages and rules, and what may not meet in it. */
#include "lang/rego/check_int.h"

#include "data/compare.h"

#include <stdlib.h>

/* Appends to an array in the arena, which doubles whenever its count is a power of two. */
#define PUSH(arena, items, count, item)                                                            \
  do {                                                                                             \
    if (((count) & ((count)-1)) == 0) {                                                            \
      void *grown_ =                                                                               \
          arena_alloc_array((arena), (count) ? 2 * (size_t)(count) : 1, sizeof *(items));          \
      if (count)                                                                                   \
        memcpy(grown_, (items), (count) * sizeof *(items));                                        \
      (items) = grown_;                                                                            \
    }                                                                                              \
    (items)[(count)++] = (item);                                                                   \
  } while (0)

/* A key's bytes, with its parent in front: what the map of children is keyed by. */
static struct str child_key(struct buf *out, uint32_t parent, struct value key)
{
  buf_clear(out);
  buf_printf(out, "%u %u ", parent, key.type);
  if (key.type == VALUE_STRING || (key.type == VALUE_NUMBER && (key.flags & VALUE_TEXT)))
    buf_add(out, value_str(key));
  else if (key.type == VALUE_NUMBER)
    buf_add_i64(out, key.integer);
  else if (key.type == VALUE_BOOL)
    buf_add_byte(out, key.boolean ? '1' : '0');
  return buf_str(out);
}

static struct check_path *new_path(struct checker *c, struct check_path *parent, struct value key)
{
  struct check_path *path = arena_new(c->arena, struct check_path);
  path->key = key;
  path->parent = parent;
  path->number = (uint32_t)c->paths.count;
  vec_push(&c->paths, path);
  if (parent)
    PUSH(c->arena, parent->children, parent->child_count, path);
  return path;
}

struct check_path *check_path_add(struct checker *c, struct check_path *parent, struct value key)
{
  _cleanup_(buf_free) struct buf text = {0};
  bool added;
  check_spend(c, 1);
  union map_value *value = map_put(&c->children, child_key(&text, parent->number, key), &added);
  if (added)
    value->pointer = new_path(c, parent, key);
  return value->pointer;
}

static int compare_paths(const void *a, const void *b)
{
  const struct check_path *x = *(struct check_path *const *)a;
  const struct check_path *y = *(struct check_path *const *)b;
  return value_compare(x->key, y->key);
}

const struct check_path *check_path_child(const struct check_path *path, struct value key)
{
  uint32_t low = 0, high = path->child_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    int order = value_compare(key, path->children[middle]->key);
    if (order == 0)
      return path->children[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

struct check_path *check_path_of_rule(struct checker *c, const struct rego_head *head,
                                      uint32_t *ret_known)
{
  struct str name = check_name(c, head->ref[0].var);
  struct check_path *path = check_path_add(c, c->package, value_string(name));
  uint32_t i = 1;
  for (; i < head->ref_count && head->ref[i].kind == REGO_SCALAR; i++)
    path = check_path_add(c, path, head->ref[i].value);
  *ret_known = i;
  return path;
}

static void build_module(struct checker *c, const struct rego_module *module)
{
  struct check_path *package = c->program->data;
  for (uint32_t i = 0; i < module->package.path_count && check_spend(c, 1); i++)
    package = check_path_add(c, package, module->package.path[i].value);
  PUSH(c->arena, package->modules, package->module_count, module);
  c->package = package;
  for (uint32_t i = 0; i < module->rule_count && check_spend(c, 1); i++) {
    uint32_t known;
    struct check_path *path = check_path_of_rule(c, &module->rules[i].head, &known);
    /* rule_count is counted here to know how many there will be, then again as they come */
    if (path->rule_count++ == 0) {
      path->rules_expected = true;
      path->arity = module->rules[i].head.arg_count;
      path->is_function = module->rules[i].head.kind == REGO_RULE_FUNCTION;
    }
  }
}

void check_tree_build(struct checker *c, const struct rego_module *const *modules, uint32_t count)
{
  c->program->data = new_path(c, NULL, VALUE_NONE);
  for (uint32_t i = 0; i < count; i++)
    build_module(c, modules[i]);
  for (size_t i = 0; i < c->paths.count; i++) {
    struct check_path *path = c->paths.items[i];
    if (path->child_count > 1)
      qsort(path->children, path->child_count, sizeof *path->children, compare_paths);
    path->rules = arena_array(c->arena, struct check_rule *, path->rule_count);
    path->rule_count = 0;
  }
}

/* ---- names */

static bool is_identifier(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char ch = s.data[i];
    bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
    if (!letter && !(i && ch >= '0' && ch <= '9'))
      return false;
  }
  return s.len > 0;
}

static void write_key(struct buf *out, struct value key)
{
  struct rego_term term = {.kind = REGO_SCALAR, .height = 1, .value = key};
  if (key.type == VALUE_STRING && is_identifier(value_str(key))) {
    buf_add_byte(out, '.');
    buf_add(out, value_str(key));
    return;
  }
  buf_add_byte(out, '[');
  rego_print_term(out, NULL, &term);
  buf_add_byte(out, ']');
}

static void write_path(struct buf *out, const struct check_path *path)
{
  VEC(const struct check_path *) up = {0};
  for (; path->parent; path = path->parent)
    vec_push(&up, path);
  buf_add_text(out, "data");
  while (up.count && !buf_failed(out))
    write_key(out, vec_pop(&up)->key);
  vec_free(&up);
}

enum { NAME_MAX_SHOWN = 1000 };

struct str check_path_text(struct arena *a, const struct check_path *path)
{
  _cleanup_(buf_free) struct buf out = {.cap = NAME_MAX_SHOWN};
  write_path(&out, path);
  return arena_copy(a, buf_str(&out));
}

struct str check_rule_name(const struct checker *c, const struct check_rule *rule)
{
  _cleanup_(buf_free) struct buf out = {.cap = NAME_MAX_SHOWN};
  const struct rego_head *head = &rule->source->head;
  write_path(&out, rule->path);
  for (uint32_t i = head->ref_count - rule->key_count; i < head->ref_count; i++) {
    buf_add_byte(&out, '[');
    rego_print_term(&out, c->options->names, &head->ref[i]);
    buf_add_byte(&out, ']');
  }
  return arena_copy(c->arena, buf_str(&out));
}

/* ---- conflicts */

/* The names of the rules below a node; those below a rule that is named are not. */
static struct str names_below(struct checker *c, const struct check_path *path)
{
  enum { NAMES_MAX = 10 };
  VEC(const struct check_path *) left = {0};
  _cleanup_(buf_free) struct buf out = {.cap = NAME_MAX_SHOWN};
  uint32_t found = 0;
  for (uint32_t i = path->child_count; i-- > 0;)
    vec_push(&left, path->children[i]);
  while (left.count && found < NAMES_MAX && check_spend(c, 1)) {
    const struct check_path *at = vec_pop(&left);
    if (at->rule_count) {
      if (found++)
        buf_add_byte(&out, ' ');
      buf_add(&out, check_rule_name(c, at->rules[0]));
      continue;
    }
    for (uint32_t i = at->child_count; i-- > 0;)
      vec_push(&left, at->children[i]);
  }
  vec_free(&left);
  return arena_copy(c->arena, buf_str(&out));
}

static bool has_rules_below(struct checker *c, const struct check_path *path)
{
  return path->child_count > 0 && names_below(c, path).len > 0;
}

static bool is_complete(const struct check_rule *rule)
{
  return rule->kind != REGO_RULE_SET && rule->key_count == 0;
}

static void fail_defaults(struct checker *c, const struct check_path *path)
{
  _cleanup_(buf_free) struct buf places = {.cap = NAME_MAX_SHOWN};
  const struct check_rule *first = NULL;
  for (uint32_t i = 0; i < path->rule_count; i++) {
    const struct check_rule *rule = path->rules[i];
    if (!rule->is_default)
      continue;
    if (first)
      buf_add_text(&places, ", ");
    else
      first = rule;
    if (rule->module->name.len)
      buf_printf(&places, "%.*s:%u", STR_FMT(rule->module->name), rule->source->place.line);
    else
      buf_printf(&places, "%u:%u", rule->source->place.line, rule->source->place.column);
  }
  c->module = first->module;
  check_fail(c, STAGE_CONFLICTS, REGO_TYPE_ERROR, first->module->package.place,
             "multiple default rules %.*s found at %.*s", STR_FMT(check_rule_name(c, first)),
             STR_FMT(buf_str(&places)));
}

static void check_node(struct checker *c, const struct check_path *path)
{
  const struct check_rule *first = path->rules[0];
  const struct check_rule *last = path->rules[path->rule_count - 1];
  bool mixed = false, ground = false;
  uint32_t defaults = 0;
  for (uint32_t i = 0; i < path->rule_count && check_spend(c, 1); i++) {
    const struct check_rule *rule = path->rules[i];
    mixed = mixed || (rule->kind == REGO_RULE_SET) != (first->kind == REGO_RULE_SET) ||
            rule->arg_count != first->arg_count || is_complete(rule) != is_complete(first);
    ground = ground || rule->key_count == 0;
    defaults += rule->is_default;
  }
  c->module = first->module;
  if (ground && has_rules_below(c, path))
    check_fail(c, STAGE_CONFLICTS, REGO_TYPE_ERROR, first->source->place,
               "rule %.*s conflicts with [%.*s]", STR_FMT(check_rule_name(c, last)),
               STR_FMT(names_below(c, path)));
  else if (mixed)
    check_fail(c, STAGE_CONFLICTS, REGO_TYPE_ERROR, first->source->place,
               "conflicting rules %.*s found", STR_FMT(check_rule_name(c, last)));
  else if (defaults > 1)
    fail_defaults(c, path);
}

/* A rule may not stand where there is a package. */
static void check_packages(struct checker *c, const struct check_path *path)
{
  for (uint32_t i = 0; i < path->rule_count; i++) {
    const struct check_rule *rule = path->rules[i];
    if (rule->key_count)
      continue;
    c->module = rule->module;
    for (uint32_t j = 0; j < path->module_count && check_spend(c, 1); j++) {
      _cleanup_(buf_free) struct buf ref = {.cap = NAME_MAX_SHOWN};
      struct str package = check_path_text(c->arena, path);
      rego_print_head(&ref, c->options->names, &rule->source->head);
      check_fail(c, STAGE_CONFLICTS, REGO_TYPE_ERROR, rule->module->package.place,
                 "package %.*s conflicts with rule %.*s defined at %.*s%s%u",
                 STR_FMT(str_sub(package, 5, package.len)), STR_FMT(buf_str(&ref)),
                 STR_FMT(rule->module->name), rule->module->name.len ? ":" : "",
                 rule->source->place.line);
    }
  }
}

/* A rule may not stand where base documents have a value. */
static void check_documents(struct checker *c, const struct check_path *path)
{
  VEC(const struct check_path *) up = {0};
  _cleanup_(buf_free) struct buf text = {.cap = NAME_MAX_SHOWN};
  struct value at = c->options->data;
  for (const struct check_path *p = path; p->parent; p = p->parent)
    vec_push(&up, p);
  while (up.count && at.type != VALUE_ABSENT && check_spend(c, 1)) {
    struct value key = vec_pop(&up)->key;
    at = key.type == VALUE_STRING ? value_get(at, key) : VALUE_NONE;
    if (text.len)
      buf_add_byte(&text, '/');
    buf_add(&text, value_str_or_empty(key));
  }
  vec_free(&up);
  c->module = path->rules[0]->module;
  if (at.type != VALUE_ABSENT)
    check_fail(c, STAGE_CONFLICTS, REGO_TYPE_ERROR, path->rules[0]->source->place,
               "conflicting rule for data path %.*s found", STR_FMT(buf_str(&text)));
}

void check_tree_conflicts(struct checker *c)
{
  for (size_t i = 0; i < c->paths.count; i++)
    if (c->paths.items[i]->rule_count)
      check_node(c, c->paths.items[i]);
  for (size_t i = 0; i < c->paths.count && c->options->data.type != VALUE_ABSENT; i++)
    if (c->paths.items[i]->rule_count)
      check_documents(c, c->paths.items[i]);
  for (size_t i = 0; i < c->paths.count; i++)
    check_packages(c, c->paths.items[i]);
}
