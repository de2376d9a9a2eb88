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

/* The node that a name leads to; false if the name does not begin in `data`. */
static bool find_path(struct checker *c, const struct rego_term *name,
                      const struct check_path **ret_path)
{
  const struct rego_term *head = name->kind == REGO_REF ? &name->items[0] : name;
  uint32_t count = name->kind == REGO_REF ? name->count - 1 : 0;
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
  if (count)
    path = follow(c, path, name->items + 1, count);
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

static const struct rego_function *find_builtin(struct checker *c, const struct rego_term *name)
{
  _cleanup_(buf_free) struct buf text = {.cap = NAME_MAX_SHOWN};
  return write_name(c, &text, name) ? rego_function_find(buf_str(&text)) : NULL;
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

static bool fail_arity(struct checker *c, const struct rego_term *call,
                       const struct check_callee *callee, uint32_t got)
{
  if (callee->function)
    check_fail(c, STAGE_FUNCTIONS, REGO_TYPE_ERROR, call->place, "%s: arity mismatch",
               callee->function->name);
  else
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
  check_fail(c, STAGE_FUNCTIONS, REGO_TYPE_ERROR, call->place, "undefined function %.*s",
             STR_FMT(full_name(c, name)));
  return false;
}

static void check_deprecated(struct checker *c, const struct rego_term *call,
                             const struct rego_function *function)
{
  if (function && (function->flags & REGO_FUNCTION_DEPRECATED) && check_is_v1(c))
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
    ret->function = rego_function_find(rego_op_name((enum rego_op)call->op));
  else if (!find_named(c, call, ret))
    return false;
  if (as_value && ret->function && (ret->function->flags & REGO_FUNCTION_VOID))
    return fail_void(c, call);
  check_deprecated(c, call, ret->function);
  if (ret->function && (ret->function->flags & REGO_FUNCTION_ANY_COUNT))
    return true;
  uint32_t arity = ret->function ? ret->function->arity : ret->path->arity;
  if (got != arity && (as_value || got != arity + 1))
    return fail_arity(c, call, ret, got);
  *ret_output = got == arity + 1;
  return true;
}
