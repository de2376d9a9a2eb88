/* Rendering: nodes, pipelines, fields, variables. */
#include "lang/template_int.h"

#include "data/compare.h"

enum { SPEND_AT_ONCE = 4096 };

bool template_spend(struct template_run *r, uint64_t steps)
{
  const struct template_options *o = r->options;
  r->steps += steps;
  if (r->failed)
    return false;
  bool over = r->steps > TEMPLATE_STEPS_MAX || arena_over(r->arena);
  if (o->spend && r->steps - r->asked >= SPEND_AT_ONCE) {
    over |= o->spend(o->user, r->steps - r->asked) < 0;
    r->asked = r->steps;
  }
  if (over || buf_failed(r->out))
    r->failed = error_set(r->err, SW_ELIMIT, "rendering the template takes too much");
  return !r->failed;
}

void template_fail(struct template_run *r, const char *format, ...)
{
  char text[ERROR_MESSAGE_MAX];
  unsigned line, column;
  va_list arguments;
  struct str name = r->options->name;
  if (r->failed)
    return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  template_place(r->tree->text, r->at_start, &line, &column);
  struct str context = str_trim(str_sub(r->tree->text, r->at_start, r->at_end - r->at_start));
  r->failed = error_set_at(r->err, SW_EINVAL, line, column + 1,
                           "template: %.*s:%u:%u: executing \"%.*s\" at <%.*s>: %s", STR_FMT(name),
                           line, column, STR_FMT(name), STR_FMT(str_sub(context, 0, 100)), text);
}

static void at(struct template_run *r, size_t start, size_t end)
{
  r->at_start = start;
  r->at_end = end;
}

/* ---- variables */

static void push(struct template_run *r, struct str name, struct template_value v)
{
  if (r->count == r->room) {
    struct template_variable *more =
        arena_array(r->arena, struct template_variable, r->room * 2 + 8);
    if (r->count)
      memcpy(more, r->variables, r->count * sizeof *more);
    r->variables = more;
    r->room = r->room * 2 + 8;
  }
  r->variables[r->count++] = (struct template_variable){name, v};
}

static struct template_variable *find(struct template_run *r, struct str name)
{
  for (uint32_t i = r->count; i-- > 0;)
    if (str_eq(r->variables[i].name, name))
      return &r->variables[i];
  return &r->variables[0];
}

/* ---- fields */

static struct template_value field(struct template_run *r, const struct template_value *of,
                                   struct str name)
{
  struct template_value none = {.type = TYPE_NONE};
  template_spend(r, 1);
  switch (of->type) {
  case TYPE_NONE:
    return none;
  case TYPE_MAP: {
    struct value v = value_get_str(of->data, name);
    return v.type == VALUE_ABSENT ? none : template_of(r->arena, v);
  }
  case TYPE_NULL:
    template_fail(r, "nil pointer evaluating interface {}.%.*s", STR_FMT(name));
    return none;
  default:
    template_fail(r, "can't evaluate field %.*s in type %s", STR_FMT(name), template_type_name(of));
    return none;
  }
}

static struct template_value fields(struct template_run *r, struct template_value v,
                                    const struct template_operand *o, bool has_arguments)
{
  for (uint32_t i = 0; i < o->field_count && !r->failed; i++) {
    if (has_arguments && i + 1 == o->field_count && v.type == TYPE_MAP)
      template_fail(r, "%.*s is not a method but has arguments", STR_FMT(o->fields[i]));
    v = field(r, &v, o->fields[i]);
  }
  return v;
}

/* A nil that stands for itself is nothing, as Go digs the value out of its interface. */
static struct template_value dug_out(struct template_value v)
{
  if (v.type == TYPE_NULL)
    v.type = TYPE_NONE;
  return v;
}

/* ---- pipelines */

static struct template_value pipeline(struct template_run *r, const struct template_value *dot,
                                      const struct template_pipe *pipe);

static struct template_value call(struct template_run *r, const struct template_value *dot,
                                  const struct template_command *c,
                                  const struct template_value *last);

static struct template_value operand(struct template_run *r, const struct template_value *dot,
                                     const struct template_operand *o, bool has_arguments)
{
  struct template_value v = {.type = TYPE_NONE};
  at(r, o->start, o->end);
  switch (o->kind) {
  case OPERAND_DOT:
    return *dot;
  case OPERAND_NIL:
    return v;
  case OPERAND_BOOL:
    return (struct template_value){.type = TYPE_BOOL, .boolean = o->boolean};
  case OPERAND_INT:
    return (struct template_value){.type = TYPE_INT, .integer = o->integer};
  case OPERAND_FLOAT:
    return (struct template_value){.type = TYPE_FLOAT, .real = o->real};
  case OPERAND_STRING:
    return (struct template_value){.type = TYPE_STRING, .text = o->name};
  case OPERAND_FIELD:
    return fields(r, *dot, o, has_arguments);
  case OPERAND_VARIABLE:
    if (has_arguments && !o->field_count)
      template_fail(r, "can't give argument to non-function %.*s", STR_FMT(o->name));
    return fields(r, find(r, o->name)->value, o, has_arguments);
  case OPERAND_PIPE:
    v = pipeline(r, dot, o->pipe);
    if (has_arguments && !r->failed)
      template_fail(r, "can't give argument to non-function %.*s",
                    STR_FMT(str_sub(r->tree->text, o->start, o->end - o->start)));
    return fields(r, v, o, false);
  case OPERAND_FUNCTION: {
    struct template_command alone = {.operands = (struct template_operand *)o, .count = 1};
    return fields(r, call(r, dot, &alone, NULL), o, false);
  }
  }
  return v;
}

static struct template_value lazily(struct template_run *r, const struct template_value *dot,
                                    const struct template_command *c, bool is_and,
                                    const struct template_value *last)
{
  struct template_value v = {.type = TYPE_NONE};
  uint32_t count = c->count - 1 + (last != NULL);
  if (!count)
    template_fail(r, "wrong number of args for %s: want at least 1 got 0", is_and ? "and" : "or");
  for (uint32_t i = 0; i < count && !r->failed; i++) {
    v = i + 1 < c->count ? operand(r, dot, &c->operands[i + 1], false) : *last;
    if (template_is_true(&v) != is_and)
      break;
  }
  return v;
}

static struct template_value call(struct template_run *r, const struct template_value *dot,
                                  const struct template_command *c,
                                  const struct template_value *last)
{
  struct template_value v = {.type = TYPE_NONE};
  const struct template_operand *name = &c->operands[0];
  const struct template_function *f = template_function_find(name->name);
  at(r, name->start, name->end);
  if (template_function_is_lazy(f))
    return lazily(r, dot, c, template_function_is_and(f), last);
  struct template_value *args = arena_array(r->arena, struct template_value, c->count);
  uint32_t count = 0;
  for (uint32_t i = 1; i < c->count && template_spend(r, 1); i++)
    args[count++] = operand(r, dot, &c->operands[i], false);
  if (last)
    args[count++] = *last;
  at(r, name->start, c->operands[c->count - 1].end);
  if (!r->failed)
    template_call(r, f, args, count, &v);
  return v;
}

static struct template_value command(struct template_run *r, const struct template_value *dot,
                                     const struct template_command *c,
                                     const struct template_value *last)
{
  const struct template_operand *first = &c->operands[0];
  bool has_arguments = c->count > 1 || last;
  if (first->kind == OPERAND_FUNCTION && !first->field_count)
    return call(r, dot, c, last);
  at(r, first->start, first->end);
  bool may = first->kind == OPERAND_FIELD || first->kind == OPERAND_VARIABLE ||
             first->kind == OPERAND_PIPE || first->kind == OPERAND_FUNCTION;
  if (has_arguments && !may)
    template_fail(r, "can't give argument to non-function %.*s",
                  STR_FMT(str_sub(r->tree->text, first->start, first->end - first->start)));
  else if (first->kind == OPERAND_NIL)
    template_fail(r, "nil is not a command");
  return operand(r, dot, first, has_arguments);
}

static struct template_value pipeline(struct template_run *r, const struct template_value *dot,
                                      const struct template_pipe *pipe)
{
  struct template_value v = {.type = TYPE_NONE};
  if (++r->depth > 2 * TEMPLATE_DEPTH_MAX && !r->failed)
    r->failed = error_set(r->err, SW_ELIMIT, "templates are nested too deep");
  for (uint32_t i = 0; i < pipe->count && template_spend(r, 1); i++)
    v = dug_out(command(r, dot, &pipe->commands[i], i ? &v : NULL));
  for (uint32_t i = 0; i < pipe->variable_count && !r->failed; i++)
    if (pipe->assigns)
      find(r, pipe->variables[i])->value = v;
    else
      push(r, pipe->variables[i], v);
  r->depth--;
  return v;
}

/* ---- nodes */

static void run(struct template_run *r, const struct template_value *dot,
                const struct template_node *list);

static void run_if(struct template_run *r, const struct template_value *dot,
                   const struct template_node *n)
{
  uint32_t count = r->count;
  struct template_value v = pipeline(r, dot, n->pipe);
  bool is_true = template_is_true(&v);
  if (is_true)
    run(r, n->kind == TEMPLATE_WITH ? &v : dot, n->body);
  else
    run(r, dot, n->otherwise);
  r->count = count;
}

/* One round: the variables have been pushed with the pipeline's value and get the round's now. */
static bool run_once(struct template_run *r, const struct template_node *n,
                     const struct template_value *key, const struct template_value *element)
{
  const struct template_pipe *pipe = n->pipe;
  uint32_t count = r->count;
  if (pipe->variable_count == 1)
    find(r, pipe->variables[0])->value = *element;
  if (pipe->variable_count == 2) {
    find(r, pipe->variables[0])->value = *key;
    find(r, pipe->variables[1])->value = *element;
  }
  run(r, element, n->body);
  r->count = count;
  bool goes_on = !r->breaks && template_spend(r, 1);
  r->breaks = r->continues = false;
  return goes_on;
}

static void run_list(struct template_run *r, const struct template_node *n, struct value list)
{
  for (uint32_t i = 0; i < list.len; i++) {
    struct template_value key = {.type = TYPE_INT, .integer = i},
                          element = template_of(r->arena, list.items[i]);
    if (!run_once(r, n, &key, &element))
      return;
  }
}

static void run_map(struct template_run *r, const struct template_node *n, struct value map)
{
  uint32_t *order = arena_array(r->arena, uint32_t, map.len);
  value_sort_keys(map, order);
  for (uint32_t i = 0; i < map.len; i++) {
    const struct value_member *m = &map.members[order[i]];
    struct template_value key = template_of(r->arena, m->key),
                          element = template_of(r->arena, m->value);
    if (!run_once(r, n, &key, &element))
      return;
  }
}

static void run_range(struct template_run *r, const struct template_value *dot,
                      const struct template_node *n)
{
  uint32_t count = r->count;
  struct template_value v = pipeline(r, dot, n->pipe);
  _cleanup_(buf_free) struct buf shown = {.cap = 200};
  bool empty = true;
  if (r->failed)
    return;
  switch (v.type) {
  case TYPE_NONE:
    break;
  case TYPE_LIST:
    empty = v.data.len == 0;
    run_list(r, n, v.data);
    break;
  case TYPE_MAP:
    empty = v.data.len == 0;
    run_map(r, n, v.data);
    break;
  case TYPE_INT:
    empty = v.integer <= 0;
    for (int64_t i = 0; i < v.integer; i++) {
      struct template_value element = {.type = TYPE_INT, .integer = i};
      if (!run_once(r, n, &element, &element))
        break;
    }
    break;
  default:
    at(r, n->pipe->start, n->pipe->end);
    template_add_value(r, &shown, &v);
    template_fail(r, "range can't iterate over %s", buf_text(&shown));
  }
  if (empty)
    run(r, dot, n->otherwise);
  r->count = count;
}

static void run_template(struct template_run *r, const struct template_value *dot,
                         const struct template_node *n)
{
  const struct template_definition *d = r->tree->definitions;
  while (d && !str_eq(d->name, n->text))
    d = d->next;
  at(r, n->start, n->end);
  if (!d) {
    template_fail(r, "template \"%.*s\" not defined", STR_FMT(str_sub(n->text, 0, 100)));
    return;
  }
  struct template_value v = {.type = TYPE_NONE};
  uint32_t count = r->count;
  if (n->pipe)
    v = pipeline(r, dot, n->pipe);
  struct template_variable *variables = r->variables;
  uint32_t before = r->count, room = r->room;
  r->variables = NULL;
  r->count = r->room = 0;
  push(r, STR("$"), v);
  if (++r->depth > 2 * TEMPLATE_DEPTH_MAX && !r->failed)
    r->failed = error_set(r->err, SW_ELIMIT, "templates are nested too deep");
  run(r, &v, d->body);
  r->depth--;
  r->variables = variables;
  r->room = room;
  r->count = before;
  r->count = count;
}

static void run_action(struct template_run *r, const struct template_value *dot,
                       const struct template_node *n)
{
  struct template_value v = pipeline(r, dot, n->pipe);
  if (r->failed || n->pipe->variable_count)
    return;
  if (v.type == TYPE_NONE)
    buf_add(r->out, r->options->missing);
  else
    template_add_value(r, r->out, &v);
}

static void run_text(struct template_run *r, const struct template_value *dot,
                     const struct template_node *n)
{
  (void)dot;
  buf_add(r->out, n->text);
  template_spend(r, n->text.len / 16);
}

static void run_jump(struct template_run *r, const struct template_value *dot,
                     const struct template_node *n)
{
  (void)dot;
  r->breaks = n->kind == TEMPLATE_BREAK;
  r->continues = !r->breaks;
}

static void run(struct template_run *r, const struct template_value *dot,
                const struct template_node *list)
{
  static void (*const runs[])(struct template_run * r, const struct template_value *dot,
                              const struct template_node *n) = {
      [TEMPLATE_TEXT] = run_text,   [TEMPLATE_ACTION] = run_action, [TEMPLATE_IF] = run_if,
      [TEMPLATE_RANGE] = run_range, [TEMPLATE_WITH] = run_if,       [TEMPLATE_CALL] = run_template,
      [TEMPLATE_BREAK] = run_jump,  [TEMPLATE_CONTINUE] = run_jump,
  };
  for (; list && template_spend(r, 1) && !r->breaks && !r->continues; list = list->next)
    runs[list->kind](r, dot, list);
}

int template_render(struct arena *a, struct str text, struct value data,
                    const struct template_options *options, struct buf *out, struct error *err)
{
  struct template_tree tree;
  struct error own;
  struct error *to = err ? err : &own;
  int rc = template_parse(a, text, options->name, &tree, to);
  if (rc < 0)
    return rc;
  struct template_run r = {.arena = a, .tree = &tree, .options = options, .out = out, .err = to};
  struct template_value root = template_of(a, data);
  push(&r, STR("$"), root);
  run(&r, &root, tree.body);
  if (!r.failed)
    template_spend(&r, 0);
  return r.failed;
}
