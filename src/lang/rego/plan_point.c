/* Points: what an observer is told about. */
#include "lang/rego/plan_int.h"

#include <string.h>

/* "p.q", "p contains x" without what comes behind: the first word outside of brackets. */
static struct str first_word(struct str text)
{
  unsigned depth = 0;
  for (size_t i = 0; i < text.len; i++) {
    char at = text.data[i];
    if (at == '[' || at == '(')
      depth++;
    else if ((at == ']' || at == ')') && depth)
      depth--;
    else if (depth == 0 && (at == ' ' || at == '\t' || at == '{' || at == ':' || at == '='))
      return (struct str){text.data, i};
  }
  return text;
}

static struct str excerpt(struct planner *p, enum rego_point_kind kind, struct rego_place place)
{
  if (place.end > p->source.len || place.start >= place.end)
    return STR_EMPTY;
  struct str text = {p->source.data + place.start, place.end - place.start};
  const char *line_end = memchr(text.data, '\n', text.len);
  if (line_end)
    text.len = (size_t)(line_end - text.data);
  if (kind == REGO_POINT_RULE && str_starts(text, STR("default ")))
    text = (struct str){text.data + 8, text.len - 8};
  if (kind == REGO_POINT_RULE)
    text = first_word(text);
  return arena_copy(&p->program->arena, text);
}

uint32_t plan_point_add(struct planner *p, enum rego_point_kind kind, struct rego_place place)
{
  vec_push(&p->points, (struct plan_point){.kind = kind,
                                           .place = place,
                                           .file = p->file,
                                           .text = excerpt(p, kind, place),
                                           .rule = p->rule_point});
  return (uint32_t)p->points.count - 1;
}

void plan_observe(struct planner *p, enum rego_event event, uint32_t point)
{
  struct vm_observation o = {.event = event, .point = point, .first = (uint32_t)p->variables.count};
  for (uint32_t i = 0; i < p->local_count; i++) {
    if (!plan_is_bound(p, i) || p->locals[i].name == REGO_NO_NAME)
      continue;
    struct str name = rego_names_text(p->checked->names, p->locals[i].name);
    if (name.len && !(p->locals[i].name & REGO_WILDCARD))
      vec_push(&p->variables,
               (struct vm_variable){arena_copy(&p->program->arena, name), p->bound[i]});
  }
  o.count = (uint32_t)p->variables.count - o.first;
  vec_push(&p->observations, o);
  plan_emit(p, VM_POINT, 0, 0, 0)->d = (uint32_t)p->observations.count - 1;
}
