/* What a call calls, and with how many arguments. */
#include "lang/rego/check_int.h"

enum { NAME_MAX_SHOWN = 1000 };

/* The node under the constant operands of a name; NULL if they lead nowhere. */
static const struct check_path *follow(struct checker *c, const struct check_path *path,
                                       const struct rego_term *items, uint32_t count)
{
  for (uint32_t i = 0; path && i < count; i++) {
    check_spend(c, 1);
    path = items[i].kind == REGO_SCALAR ? check_path_child(path, items[i].value) : NULL;
  }
  return path;
}

/* The node that the head of a name and some of its operands lead to, or NULL; false if the name does
 * not begin in `data`. */
static bool find_node(struct checker *c, const struct rego_term *name, uint32_t operands,
                      const struct check_path **ret_path)
{
  const struct rego_term *head = name->kind == REGO_REF ? &name->items[0] : name;
  if (head->kind != REGO_VAR || (head->var & REGO_WILDCARD))
    return false;
  const struct check_path *path = c->program->data;
  if (check_is_global(c, head->var)) {
    struct check_global *global = &c->globals[head->var];
    const struct rego_import *import = global->import;
    if (!import) {
      path = check_path_child(c->package, value_string(check_name(c, head->var)));
    } else {
      bool data = str_eq(value_str_or_empty(import->path[0].value), STR("data"));
      path = data ? follow(c, path, import->path + 1, import->path_count - 1) : NULL;
    }
  } else if (head->var != c->name_data) {
    return false;
  }
  *ret_path = operands ? follow(c, path, name->items + 1, operands) : path;
  return true;
}

/* The rules of a name; false if it does not begin in `data`. */
static bool find_path(struct checker *c, const struct rego_term *name,
                      const struct check_path **ret_path)
{
  const struct check_path *path;
  if (!find_node(c, name, name->kind == REGO_REF ? name->count - 1 : 0, &path))
    return false;
  *ret_path = path && path->rules_expected ? path : NULL;
  return true;
}

static bool write_name(struct checker *c, struct buf *out, const struct rego_term *name)
{
  const struct rego_term *head = name->kind == REGO_REF ? &name->items[0] : name;
  if (head->kind != REGO_VAR)
    return false;
  buf_add(out, check_name(c, head->var));
  for (uint32_t i = 1; name->kind == REGO_REF && i < name->count; i++) {
    if (!rego_is_string(&name->items[i]))
      return false;
    buf_add_byte(out, '.');
    buf_add(out, value_str(name->items[i].value));
  }
  return !buf_failed(out);
}

static const struct builtin *find_builtin(struct checker *c, const struct rego_term *name)
{
  _cleanup_(buf_free) struct buf text = {.cap = NAME_MAX_SHOWN};
  return write_name(c, &text, name) ? builtin_find(buf_str(&text)) : NULL;
}

static uint32_t head_name(const struct rego_term *name)
{
  const struct rego_term *head = name->kind == REGO_REF ? &name->items[0] : name;
  return head->kind == REGO_VAR && !(head->var & REGO_WILDCARD) ? head->var : REGO_NO_NAME;
}

bool check_find_callee(struct checker *c, const struct rego_term *name, struct check_callee *ret)
{
  uint32_t head = head_name(name);
  *ret = (struct check_callee){0};
  if (head == REGO_NO_NAME || c->top[head] >= 0)
    return false;
  if (find_path(c, name, &ret->path))
    return ret->path != NULL;
  if (!c->ignored[head])
    ret->function = find_builtin(c, name);
  return ret->function != NULL;
}

/* A name in full: with the package or what was imported in front. */
static struct str full_name(struct checker *c, const struct rego_term *name)
{
  _cleanup_(buf_free) struct buf out = {.cap = NAME_MAX_SHOWN};
  uint32_t head = head_name(name);
  if (head != REGO_NO_NAME && check_is_global(c, head)) {
    const struct rego_import *import = c->globals[head].import;
    struct str package = check_path_text(c->arena, c->package);
    for (uint32_t i = 0; import && i < import->path_count; i++)
      buf_printf(&out, "%s%.*s", i ? "." : "", STR_FMT(value_str_or_empty(import->path[i].value)));
    if (!import)
      buf_printf(&out, "%.*s.%.*s", STR_FMT(package), STR_FMT(check_name(c, head)));
    for (uint32_t i = 1; name->kind == REGO_REF && i < name->count; i++)
      buf_printf(&out, ".%.*s", STR_FMT(value_str_or_empty(name->items[i].value)));
  } else {
    rego_print_term(&out, c->options->names, name);
  }
  return arena_copy(c->arena, buf_str(&out));
}

/* What is known of an argument before anything has been inferred. */
static const struct rego_type *written_type(struct checker *c, struct rego_types *types,
                                            const struct rego_term *term)
{
  const struct rego_term *head = term->kind == REGO_REF ? &term->items[0] : term;
  if (term->kind == REGO_SCALAR)
    return rego_type_of(term->value);
  if (head->kind == REGO_VAR && !(head->var & REGO_WILDCARD))
    return check_is_global(c, head->var) || head->var == c->name_input || head->var == c->name_data
               ? &rego_type_any
               : NULL;
  if ((term->kind != REGO_ARRAY && term->kind != REGO_SET) || !check_spend(c, term->count))
    return term->kind == REGO_OBJECT
               ? rego_type_object(types, NULL, NULL, 0, &rego_type_any, &rego_type_any)
               : NULL;
  const struct rego_type **items = mem_zalloc(term->count, sizeof *items), *all = NULL, *type;
  for (uint32_t i = 0; i < term->count; i++) {
    items[i] = written_type(c, types, &term->items[i]);
    all = rego_type_or(types, all, items[i]);
  }
  if (term->kind == REGO_SET || !term->count)
    all = all ? all : &rego_type_any;
  type = term->kind == REGO_SET
             ? rego_type_set(types, all)
             : rego_type_array(types, items, term->count, term->count ? NULL : all);
  mem_free(items);
  return type;
}

static bool fail_builtin_arity(struct checker *c, const struct rego_term *call,
                               const struct builtin *function, uint32_t got, bool as_value)
{
  struct rego_types *types = mem_zalloc(1, sizeof *types);
  rego_types_start(types, c->arena);
  const struct rego_type **have = mem_zalloc(got + 1, sizeof *have);
  for (uint32_t i = 0; i < got; i++)
    have[i] = written_type(c, types, &rego_call_args(call)[i]);
  struct str details = check_arguments_text(c->arena, str_from(function->name), have,
                                            got + as_value, check_builtin_type(types, function),
                                            false);
  mem_free(have);
  mem_free(types);
  check_fail_details(c, STAGE_FUNCTIONS, REGO_TYPE_ERROR, call->place, details,
                     "%s: arity mismatch", function->name);
  return false;
}

static bool fail_arity(struct checker *c, const struct rego_term *call,
                       const struct check_callee *callee, uint32_t got, bool as_value)
{
  if (callee->function)
    return fail_builtin_arity(c, call, callee->function, got, as_value);
  check_fail(c, STAGE_FUNCTIONS, REGO_TYPE_ERROR, call->place,
             "function %.*s has arity %u, got %u argument%s",
             STR_FMT(check_path_text(c->arena, callee->path)), callee->path->arity, got,
             got == 1 ? "" : "s");
  return false;
}

static bool fail_void(struct checker *c, const struct rego_term *call)
{
  _cleanup_(buf_free) struct buf text = {.cap = NAME_MAX_SHOWN};
  rego_print_term(&text, c->options->names, call);
  check_fail(c, STAGE_VOID, REGO_TYPE_ERROR, call->place, "%.*s used as value",
             STR_FMT(buf_str(&text)));
  return false;
}

/* A function with a name that is near to one that is not there. */
static struct str hint_of(struct checker *c, const struct rego_term *name)
{
  const struct check_path *parent;
  uint32_t count = name->kind == REGO_REF ? name->count - 1 : 0;
  if (c->stages[STAGE_FUNCTIONS].count == REGO_ERRORS_MAX)
    return STR_EMPTY;
  if (!find_node(c, name, count ? count - 1 : 0, &parent))
    return check_hint_function(c, NULL, full_name(c, name));
  if (!count || !parent || !rego_is_string(&name->items[count]))
    return STR_EMPTY;
  return check_hint_function(c, parent, value_str(name->items[count].value));
}

static bool find_named(struct checker *c, const struct rego_term *call, struct check_callee *ret)
{
  const struct rego_term *name = &call->items[0];
  uint32_t head = head_name(name);
  if (head != REGO_NO_NAME && c->top[head] >= 0 &&
      c->bindings.items[c->top[head]].occurrence != OCCURRENCE_SEEN) {
    check_fail(c, STAGE_LOCALS, REGO_COMPILE_ERROR, call->place, "called function %.*s shadowed",
               STR_FMT(full_name(c, name)));
    return false;
  }
  if (head != REGO_NO_NAME && check_is_global(c, head))
    c->globals[head].used = true;
  if (check_find_callee(c, name, ret))
    return true;
  check_fail(c, STAGE_FUNCTIONS, REGO_TYPE_ERROR, call->place, "undefined function %.*s%.*s",
             STR_FMT(full_name(c, name)), STR_FMT(hint_of(c, name)));
  return false;
}

bool check_is_unsafe(const struct checker *c, const struct builtin *function)
{
  for (uint32_t i = 0; i < c->options->unsafe_count; i++)
    if (str_eq(c->options->unsafe[i], str_from(function->name)))
      return true;
  return false;
}

static void check_allowed(struct checker *c, const struct rego_term *call,
                          const struct builtin *function)
{
  if (function && check_is_unsafe(c, function))
    check_fail(c, STAGE_UNSAFE, REGO_TYPE_ERROR, call->place,
               "unsafe built-in function calls in expression: %s", function->name);
}

static void check_deprecated(struct checker *c, const struct rego_term *call,
                             const struct builtin *function)
{
  if (function && (function->flags & BUILTIN_DEPRECATED) && check_is_v1(c))
    check_fail(c, STAGE_DEPRECATED, REGO_TYPE_ERROR, call->place,
               "deprecated built-in function calls in expression: %s", function->name);
}

bool check_callee(struct checker *c, const struct rego_term *call, bool as_value,
                  struct check_callee *ret, bool *ret_output)
{
  uint32_t got = rego_call_arg_count(call);
  *ret = (struct check_callee){0};
  *ret_output = false;
  if (call->op != REGO_OP_NAMED)
    ret->function = builtin_find(rego_op_name((enum rego_op)call->op));
  else if (!find_named(c, call, ret))
    return false;
  if (as_value && ret->function && (ret->function->flags & BUILTIN_VOID))
    return fail_void(c, call);
  check_allowed(c, call, ret->function);
  check_deprecated(c, call, ret->function);
  if (ret->function && (ret->function->flags & BUILTIN_ANY_COUNT))
    return true;
  uint32_t arity = ret->function ? ret->function->arity : ret->path->arity;
  if (got != arity && (as_value || got != arity + 1))
    return fail_arity(c, call, ret, got, as_value);
  *ret_output = got == arity + 1;
  return true;
}
