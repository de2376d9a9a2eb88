/* strings.render_template. */
#include "lang/builtin_int.h"
#include "lang/template.h"

/* Maps have keys that are texts. */
static bool has_text_keys(struct value v, unsigned depth)
{
  if (depth > BUILTIN_DEPTH_MAX)
    return false;
  for (uint32_t i = 0; is_list(v) && i < v.len; i++)
    if (!has_text_keys(v.items[i], depth + 1))
      return false;
  for (uint32_t i = 0; v.type == VALUE_OBJECT && i < v.len; i++)
    if (v.members[i].key.type != VALUE_STRING || !has_text_keys(v.members[i].value, depth + 1))
      return false;
  return true;
}

CALL(render_template)
{
  struct str text;
  struct error err;
  if (!builtin_want_string(c, args, 1, &text) || !builtin_want(c, args, 2, VALUE_OBJECT) ||
      !builtin_spend(c, text.len / 4))
    return BUILTIN_ERROR;
  if (!has_text_keys(args[1], 0))
    return builtin_fail(c, "object value type mismatch, keys must be strings");
  struct template_options options = {
      .name = STR("template"), .missing = STR("<undefined>"), .spend = c->spend, .user = c->user};
  int rc = template_render(c->arena, text, args[1], &options, builtin_text(c), &err);
  if (rc == SW_ELIMIT)
    return builtin_halt(c, "%s", err.message);
  if (rc < 0)
    return builtin_fail(c, "%s", err.message);
  return builtin_give_text(c, ret);
}

const struct builtin builtins_render[] = {
    ROW(render_template, "strings.render_template", 2, "string, object<string:any>", "string"),
    {.name = NULL},
};
