#include "data/yaml_edit_int.h"
#include "data/yaml_input.h"

/* The part between two places if it is on one line and has nothing but spaces around `mark`. */
static bool is_separator(struct str text, char mark)
{
  unsigned marks = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] == mark)
      marks++;
    else if (text.data[i] != ' ')
      return false;
  }
  return marks == 1;
}

/* White space at the beginning of the line that holds `at`. */
static struct str line_prefix(struct str text, size_t at)
{
  size_t start = yaml_line_start(text, at), end = start;
  while (end < at && strchr(" \t", text.data[end]))
    end++;
  return str_sub(text, start, end - start);
}

static void take_separators(const struct editor *e, uint32_t first, uint32_t children, bool mapping,
                            struct edit_flow *flow)
{
  const struct edit_node *a = &e->nodes.items[first];
  if (mapping) {
    const struct edit_node *value = &e->nodes.items[a->next];
    struct str colon = str_sub(e->source, a->end, value->start - a->end);
    bool plain = a->style != EDIT_DOUBLE;
    flow->colon = is_separator(colon, ':') && (colon.len > 1 || !plain) ? colon : STR(": ");
    flow->key_quote = a->style == EDIT_DOUBLE ? '"' : a->style == EDIT_SINGLE ? '\'' : 0;
    flow->comma = flow->colon.len == 1 ? STR(",") : STR(", ");
    a = value;
  } else if (e->form.json) {
    flow->comma = STR(", ");
  }
  if (children < 2)
    return;
  const struct edit_node *b = &e->nodes.items[a->next];
  struct str comma = str_sub(e->source, a->end, b->start - a->end);
  if (is_separator(comma, ','))
    flow->comma = comma;
}

struct edit_flow edit_flow_plain(const struct editor *e)
{
  return (struct edit_flow){.colon = STR(": "),
                            .comma = STR(", "),
                            .key_quote = e->form.json ? '"' : 0,
                            .unit = STR("  ")};
}

struct edit_flow edit_flow_of(struct editor *e, uint32_t node, const struct edit_flow *around)
{
  struct edit_flow flow = around ? *around : edit_flow_plain(e);
  const struct edit_node *n = &e->nodes.items[node];
  if (n->children == 0)
    return flow;
  bool mapping = n->kind == EDIT_MAPPING;
  size_t first = e->nodes.items[node + 1].start;
  flow.lines = edit_first_on_line(e->source, first) && yaml_line_start(e->source, first) > n->start;
  take_separators(e, node + 1, mapping ? n->children / 2 : n->children, mapping, &flow);
  if (!flow.lines)
    return flow;
  struct str outer = line_prefix(e->source, n->start);
  flow.comma = STR(",");
  flow.prefix = line_prefix(e->source, first);
  if (flow.prefix.len > outer.len && str_starts(flow.prefix, outer))
    flow.unit = str_sub(flow.prefix, outer.len, flow.prefix.len);
  return flow;
}

/* ---- children that go */

static void remove_child(struct editor *e, uint32_t node, const struct edit_plan *plan, uint32_t i,
                         uint32_t first_kept)
{
  if (i < first_kept) {
    edit_replace(e, edit_child_start(e, node, plan, i), edit_child_start(e, node, plan, i + 1),
                 STR_EMPTY);
    return;
  }
  size_t from = e->nodes.items[plan->children[i - 1]].end;
  edit_replace(e, from, e->nodes.items[plan->children[i]].end, STR_EMPTY);
}

/* ---- children that come */

static void write_addition(struct edit_writer *w, const struct edit_addition *addition,
                           const struct edit_flow *flow)
{
  if (addition->key.type != VALUE_ABSENT) {
    edit_write_key(w, addition->key, flow->key_quote, true);
    buf_add(w->out, flow->colon);
  }
  edit_write_flow(w, addition->value, flow);
}

static void write_gap(struct edit_writer *w, const struct edit_flow *flow)
{
  if (flow->lines) {
    buf_add(w->out, w->form->newline);
    buf_add(w->out, flow->prefix);
  }
}

static int insert_before(struct editor *e, size_t at, const struct edit_addition *addition,
                         const struct edit_flow *flow)
{
  struct str text;
  struct edit_writer w = edit_writer_start(e);
  write_addition(&w, addition, flow);
  buf_add(w.out, flow->comma);
  write_gap(&w, flow);
  int rc = edit_writer_end(e, &w, at, &text);
  if (rc == 0)
    edit_replace(e, at, at, text);
  return rc;
}

/* Where the line ends that holds `at`. */
static size_t line_end(struct str text, size_t at)
{
  while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r')
    at++;
  return at;
}

/* Behind the last child, its comma, if it has one, and a comment on its line. */
static int insert_last(struct editor *e, const struct edit_plan *plan, const struct edit_flow *flow)
{
  size_t last = e->nodes.items[plan->children[plan->count - 1]].end;
  size_t next = edit_skip_trivia(e->source, last), at = last;
  bool has_comma = next < e->source.len && e->source.data[next] == ',', comment = false;
  if (has_comma)
    at = next + 1;
  edit_rest_is_trivia(e->source, at, &comment);
  size_t behind = comment ? line_end(e->source, at) : at;
  struct edit_writer w = edit_writer_start(e);
  if (!has_comma && behind == at)
    buf_add(w.out, flow->comma);
  else if (!has_comma)
    edit_replace(e, at, at, STR(","));
  else if (!flow->lines)
    buf_add_byte(w.out, ' ');
  if (comment && !flow->lines)
    buf_add(w.out, e->form.newline);
  for (uint32_t i = 0, written = 0; i < plan->added; i++) {
    if (plan->additions[i].before < plan->count)
      continue;
    if (written++)
      buf_add(w.out, flow->comma);
    write_gap(&w, flow);
    if (comment && !flow->lines)
      buf_add(w.out, line_prefix(e->source, last));
    write_addition(&w, &plan->additions[i], flow);
  }
  if (has_comma)
    buf_add_byte(w.out, ',');
  struct str text;
  int rc = edit_writer_end(e, &w, last, &text);
  if (rc == 0)
    edit_replace(e, behind, behind, text);
  return rc;
}

static int add_children(struct editor *e, uint32_t node, const struct edit_plan *plan,
                        const struct edit_flow *flow)
{
  int rc = 0;
  bool at_end = false;
  for (uint32_t i = 0; i < plan->added && rc == 0; i++) {
    const struct edit_addition *addition = &plan->additions[i];
    if (addition->before < plan->count)
      rc = insert_before(e, edit_child_start(e, node, plan, addition->before), addition, flow);
    else
      at_end = true;
  }
  return rc == 0 && at_end ? insert_last(e, plan, flow) : rc;
}

int edit_flow(struct editor *e, uint32_t node, const struct edit_plan *plan,
              const struct edit_context *context)
{
  struct edit_flow flow = edit_flow_of(e, node, context->flow);
  uint32_t first_kept = 0;
  while (first_kept < plan->count && plan->to[first_kept].type == VALUE_ABSENT)
    first_kept++;
  int rc = 0;
  for (uint32_t i = 0; i < plan->count && rc == 0; i++) {
    if (plan->to[i].type == VALUE_ABSENT)
      remove_child(e, node, plan, i, first_kept);
    else
      rc = edit_child(e, node, plan, i, 0, &flow);
  }
  return rc == 0 ? add_children(e, node, plan, &flow) : rc;
}

int edit_flow_replace(struct editor *e, uint32_t node, struct value to,
                      const struct edit_context *context)
{
  const struct edit_node *n = &e->nodes.items[node];
  size_t begin = n->tagged ? n->start : n->content;
  struct edit_writer w = edit_writer_start(e);
  const struct edit_flow *flow = context->flow;
  bool mapping = context->parent != EDIT_NONE &&
                 e->nodes.items[context->parent].kind == EDIT_MAPPING;
  if (begin == n->end && mapping && context->indicator == 0)
    buf_add_text(w.out, ": ");
  else if (begin == n->end && begin > 0 && e->source.data[begin - 1] == ':')
    buf_add_byte(w.out, ' ');
  if (edit_is_nonempty(to) || to.type != VALUE_STRING || n->kind != EDIT_SCALAR ||
      n->style == EDIT_PLAIN)
    edit_write_flow(&w, to, flow);
  else
    edit_write_scalar(&w, to, n->style == EDIT_SINGLE ? '\'' : '"', true);
  struct str text;
  int rc = edit_writer_end(e, &w, n->start, &text);
  if (rc == 0)
    edit_replace(e, begin, n->end, text);
  return rc;
}
