#include "data/yaml_edit_int.h"
#include "data/yaml_input.h"

static struct str without_break(const struct editor *e, struct str lines)
{
  return str_ends(lines, e->form.newline) ? str_sub(lines, 0, lines.len - e->form.newline.len)
                                          : lines;
}

static bool ends_at_line(const struct editor *e, const struct edit_node *n)
{
  return n->end > n->content && yaml_line_begins(e->source, n->end);
}

static char quote_of_style(uint8_t style)
{
  return style == EDIT_SINGLE ? '\'' : style == EDIT_DOUBLE ? '"' : 0;
}

/* The quote with which the keys of a mapping are written; 0: none. */
static char key_quote(const struct editor *e, const struct edit_plan *plan)
{
  return plan->keys ? quote_of_style(e->nodes.items[plan->keys[0]].style) : 0;
}

/* Behind comment lines that belong to what stands above them, as their indentation says. */
static size_t skip_foot(struct str text, size_t at, unsigned column)
{
  while (at < text.len) {
    size_t mark = at;
    while (mark < text.len && text.data[mark] == ' ')
      mark++;
    if (mark == text.len || text.data[mark] != '#' || mark - at < column)
      break;
    at = yaml_line_next(text, at);
  }
  return at;
}

/* Before comment lines that stand directly above a line and are indented as it is. */
static size_t skip_head(struct str text, size_t line, unsigned column)
{
  while (line > 0) {
    size_t above = yaml_line_start(text, line - 1);
    if (line - above <= column || text.data[above + column] != '#' ||
        str_trim(str_sub(text, above, column)).len)
      break;
    line = above;
  }
  return line;
}

/* ---- children that go */

/* Whether a comment stands between two children of a container from `from` up to `to`. */
static bool has_comment(const struct editor *e, uint32_t node, const struct edit_plan *plan,
                        uint32_t from, uint32_t to)
{
  for (uint32_t i = from; i < to; i++) {
    size_t end = e->nodes.items[plan->children[i]].end;
    size_t next = edit_child_start(e, node, plan, i + 1);
    if (str_find_byte(str_sub(e->source, end, next - end), 0, '#') >= 0)
      return true;
  }
  return false;
}

/* The first child stands behind the dash of what it is in. Returns how many children are done. */
static uint32_t remove_behind_dash(struct editor *e, uint32_t node, const struct edit_plan *plan)
{
  size_t start = edit_child_start(e, node, plan, 0);
  uint32_t next = 1;
  while (next < plan->count && plan->to[next].type == VALUE_ABSENT)
    next++;
  if (next < plan->count && !has_comment(e, node, plan, 0, next)) {
    edit_replace(e, start, edit_child_start(e, node, plan, next), STR_EMPTY);
    return next;
  }
  const struct edit_node *n = &e->nodes.items[plan->children[0]];
  edit_replace(e, start, n->end, ends_at_line(e, n) ? e->form.newline : STR_EMPTY);
  return 1;
}

static bool has_question_mark(struct str text, size_t at)
{
  while (at > 0 && strchr(" \t", text.data[at - 1]))
    at--;
  return at > 0 && text.data[at - 1] == '?';
}

/* Takes child i away; *io_next: the next child to look at. */
static int remove_child(struct editor *e, uint32_t node, const struct edit_plan *plan, uint32_t i,
                        uint32_t *io_next)
{
  size_t start = edit_child_start(e, node, plan, i);
  if (plan->keys && has_question_mark(e->source, start))
    return edit_refuse(e, start, "a key that is written with '?' is not taken away");
  *io_next = i + 1;
  if (!edit_first_on_line(e->source, start)) {
    *io_next = remove_behind_dash(e, node, plan);
    return 0;
  }
  size_t end = edit_line_after(e->source, e->nodes.items[plan->children[i]].end);
  edit_replace(e, yaml_line_start(e->source, start), end, STR_EMPTY);
  return 0;
}

/* ---- children that come */

static int write_addition(struct editor *e, size_t at, const struct edit_addition *addition,
                          unsigned column, char quote, struct str *ret)
{
  struct edit_writer w = edit_writer_start(e);
  buf_add_repeat(w.out, ' ', column);
  if (addition->key.type != VALUE_ABSENT)
    edit_write_member(&w, addition->key, addition->value, column, quote);
  else
    edit_write_item(&w, addition->value, column, quote);
  return edit_writer_end(e, &w, at, ret);
}

/* In front of the first child, which may stand behind the dash of what it is in. */
static void insert_first(struct editor *e, size_t first, unsigned column, struct str lines)
{
  if (edit_first_on_line(e->source, first)) {
    edit_insert_lines(e, skip_head(e->source, yaml_line_start(e->source, first), column), lines);
    return;
  }
  struct edit_writer w = edit_writer_start(e);
  buf_add(w.out, str_sub(lines, column, lines.len));
  buf_add_repeat(w.out, ' ', column);
  edit_replace(e, first, first, arena_copy(e->arena, buf_str(w.out)));
}

static int add_children(struct editor *e, uint32_t node, const struct edit_plan *plan,
                        unsigned column)
{
  int rc = 0;
  for (uint32_t i = 0; i < plan->added && rc == 0; i++) {
    const struct edit_addition *addition = &plan->additions[i];
    struct str lines;
    size_t start = e->nodes.items[node].start;
    rc = write_addition(e, start, addition, column, key_quote(e, plan), &lines);
    if (rc < 0)
      break;
    if (addition->before == 0) {
      insert_first(e, edit_child_start(e, node, plan, 0), column, lines);
      continue;
    }
    size_t end = e->nodes.items[plan->children[addition->before - 1]].end;
    size_t at = edit_line_after(e->source, end);
    if (addition->before == plan->count)
      at = skip_foot(e->source, at, plan->keys ? column : column + 1);
    edit_insert_lines(e, at, lines);
  }
  return rc;
}

/* Steps of indentation as the children of this container show them. */
static void take_steps(struct editor *e, const struct edit_plan *plan, unsigned column)
{
  bool map_seen = false, list_seen = false, dash_seen = false;
  for (uint32_t i = 0; i < plan->count; i++) {
    const struct edit_node *child = &e->nodes.items[plan->children[i]];
    if (child->style != EDIT_BLOCK || !child->children)
      continue;
    unsigned inner = edit_column(e->source, child->content);
    bool list = plan->keys && child->kind == EDIT_SEQUENCE;
    unsigned *step = !plan->keys ? &e->form.dash_step
                     : list      ? &e->form.list_step
                                 : &e->form.map_step;
    bool *seen = !plan->keys ? &dash_seen : list ? &list_seen : &map_seen;
    unsigned least = list ? 0 : plan->keys ? 1 : 2;
    if (!*seen && inner >= column + least)
      *step = inner - column;
    *seen = true;
  }
}

int edit_block(struct editor *e, uint32_t node, const struct edit_plan *plan,
               const struct edit_context *context)
{
  (void)context;
  struct edit_form around = e->form;
  unsigned column = edit_column(e->source, e->nodes.items[node].content);
  take_steps(e, plan, column);
  int rc = 0;
  for (uint32_t i = 0; i < plan->count && rc == 0;) {
    if (plan->to[i].type == VALUE_ABSENT) {
      rc = remove_child(e, node, plan, i, &i);
    } else {
      rc = edit_child(e, node, plan, i, column, NULL);
      i++;
    }
  }
  if (rc == 0)
    rc = add_children(e, node, plan, column);
  e->form = around;
  return rc;
}

/* ---- values replaced as a whole */

/* Behind the anchor and tag of a node, or behind the colon or dash in front of it. */
static size_t behind_indicator(const struct editor *e, const struct edit_node *n,
                               const struct edit_context *context)
{
  if (n->start == n->content)
    return context->indicator;
  size_t at = n->start;
  for (size_t next = at; next < n->content && strchr("&!", e->source.data[next]);) {
    for (at = next; at < n->content && !strchr(" \t\r\n", e->source.data[at]);)
      at++;
    next = edit_skip_trivia(e->source, at);
  }
  return at;
}

/* The column of a block container in a context. */
static unsigned block_column(const struct editor *e, const struct edit_context *context,
                             struct value v)
{
  if (context->parent == EDIT_NONE)
    return 0;
  if (e->nodes.items[context->parent].kind == EDIT_SEQUENCE)
    return context->column + e->form.dash_step;
  return context->column + (v.type == VALUE_OBJECT ? e->form.map_step : e->form.list_step);
}

static int write_lines(struct editor *e, size_t at, struct value to, unsigned column, bool inlined,
                       struct str *ret)
{
  struct edit_writer w = edit_writer_start(e);
  edit_write_block(&w, to, column, inlined, 0);
  return edit_writer_end(e, &w, at, ret);
}

static int write_scalar(struct editor *e, size_t at, struct value to, char quote, struct str before,
                        struct str behind, struct str *ret)
{
  struct edit_writer w = edit_writer_start(e);
  buf_add(w.out, before);
  edit_write_scalar(&w, to, quote, false);
  buf_add(w.out, behind);
  return edit_writer_end(e, &w, at, ret);
}

/* A container in block form makes way. */
static int replace_block(struct editor *e, const struct edit_node *n, struct value to,
                         const struct edit_context *context)
{
  struct str text;
  bool root = context->parent == EDIT_NONE;
  struct str behind = ends_at_line(e, n) ? e->form.newline : STR_EMPTY;
  bool in_place = root || !edit_first_on_line(e->source, n->content);
  size_t line = yaml_line_start(e->source, n->content), end = edit_line_after(e->source, n->end);
  int rc;
  if (in_place && !edit_is_nonempty(to)) {
    rc = write_scalar(e, n->start, to, 0, STR_EMPTY, behind, &text);
    if (rc == 0)
      edit_replace(e, n->content, n->end, text);
  } else if (in_place) {
    bool literals = e->form.literals, comment = false;
    edit_rest_is_trivia(e->source, n->end, &comment);
    e->form.literals = literals && !comment; /* it would become part of the text's last line */
    rc = write_lines(e, n->start, to, edit_column(e->source, n->content), true, &text);
    if (rc == 0)
      edit_replace(e, n->content, n->end, behind.len ? text : without_break(e, text));
    e->form.literals = literals;
  } else if (!edit_is_nonempty(to)) {
    size_t at = behind_indicator(e, n, context);
    rc = write_scalar(e, n->start, to, 0, STR(" "), STR_EMPTY, &text);
    edit_replace(e, at, at, rc == 0 ? text : STR_EMPTY);
    edit_replace(e, line, end, STR_EMPTY);
  } else {
    rc = write_lines(e, n->start, to, block_column(e, context, to), false, &text);
    edit_insert_lines(e, line, rc == 0 ? text : STR_EMPTY);
    edit_replace(e, line, end, STR_EMPTY);
  }
  return rc;
}

/* A scalar, an alias or a container in flow form becomes a scalar or an empty container. */
static int replace_by_scalar(struct editor *e, const struct edit_node *n, size_t begin,
                             struct value to, const struct edit_context *context)
{
  struct str text, behind = ends_at_line(e, n) ? e->form.newline : STR_EMPTY;
  struct edit_writer w = edit_writer_start(e);
  if (n->style == EDIT_LITERAL && context->parent != EDIT_NONE &&
      edit_write_literal(&w, to, context->column + e->form.map_step)) {
    int rc = edit_writer_end(e, &w, n->start, &text);
    if (rc == 0)
      edit_replace(e, begin, n->end, behind.len ? text : without_break(e, text));
    return rc;
  }
  bool missing = begin == n->end;
  bool space = missing && begin > 0 && !strchr(" \t\r\n", e->source.data[begin - 1]);
  int rc = write_scalar(e, n->start, to, to.type == VALUE_STRING ? quote_of_style(n->style) : 0,
                        space ? STR(" ") : STR_EMPTY, behind, &text);
  if (rc == 0)
    edit_replace(e, begin, n->end, text);
  return rc;
}

/* The same becomes a block container. */
static int replace_by_block(struct editor *e, const struct edit_node *n, size_t begin,
                            struct value to, const struct edit_context *context)
{
  bool root = context->parent == EDIT_NONE, comment = false;
  bool element = !root && e->nodes.items[context->parent].kind == EDIT_SEQUENCE;
  bool literal = n->style == EDIT_LITERAL && n->kind == EDIT_SCALAR;
  unsigned column = block_column(e, context, to);
  struct str text;
  edit_rest_is_trivia(e->source, n->end, &comment);
  bool alone = root && yaml_line_begins(e->source, begin);
  bool behind_dash = element && begin > context->indicator &&
                     edit_skip_trivia(e->source, context->indicator) == begin &&
                     yaml_line_start(e->source, begin) ==
                         yaml_line_start(e->source, context->indicator);
  if (element && !comment && begin == n->end && begin == context->indicator) {
    int rc = write_lines(e, n->start, to, column, true, &text);
    struct str spaces = arena_printf(e->arena, "%*s", (int)e->form.dash_step - 1, "");
    edit_replace(e, begin, begin, spaces);
    edit_replace(e, begin, begin, rc == 0 ? without_break(e, text) : STR_EMPTY);
    return rc;
  }
  if (!literal && !comment && (alone || behind_dash)) {
    column = edit_column(e->source, begin);
    int rc = write_lines(e, n->start, to, column, true, &text);
    if (rc == 0)
      edit_replace(e, begin, n->end, without_break(e, text));
    return rc;
  }
  int rc = write_lines(e, n->start, to, column, false, &text);
  if (rc < 0)
    return rc;
  size_t cut = begin;
  while (cut > 0 && strchr(" \t", e->source.data[cut - 1]))
    cut--;
  struct str gap = literal ? e->form.newline : STR_EMPTY;
  edit_replace(e, cut, n->end, gap);
  edit_insert_lines(e, edit_line_after(e->source, n->end), text);
  return 0;
}

int edit_block_replace(struct editor *e, uint32_t node, struct value to,
                       const struct edit_context *context)
{
  const struct edit_node *n = &e->nodes.items[node];
  if (n->style == EDIT_BLOCK)
    return replace_block(e, n, to, context);
  size_t begin = n->tagged ? n->start : n->content;
  if (n->tagged && n->aliased)
    return edit_refuse(e, n->start, "an anchored value with a tag is not replaced");
  return edit_is_nonempty(to) ? replace_by_block(e, n, begin, to, context)
                              : replace_by_scalar(e, n, begin, to, context);
}
