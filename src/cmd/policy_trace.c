#include "cmd/policy_trace.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "data/json_write.h"

#include <stdlib.h>

static uint64_t now(void)
{
  return clock_monotonic_ns(clock_system());
}

/* ---- listening */

/* The text of a value, not longer than is shown. */
static void write_value(struct buf *out, struct value v)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_init(&text, 1 << 20);
  json_write(&text, v, 0);
  struct str shown = buf_str(&text);
  if (shown.len > POLICY_TRACE_VALUE_MAX) {
    size_t len = POLICY_TRACE_VALUE_MAX;
    while (len && ((uint8_t)shown.data[len] & 0xc0) == 0x80)
      len--;
    buf_add(out, str_sub(shown, 0, len));
    buf_add_text(out, "...");
  } else {
    buf_add(out, shown);
  }
}

static struct str variables_text(struct policy_trace *t, const struct rego_variable *variables,
                                 uint32_t count)
{
  if (!t->options.variables || count == 0)
    return STR_EMPTY;
  _cleanup_(buf_free) struct buf out = {0};
  buf_add_byte(&out, '{');
  for (uint32_t i = 0; i < count; i++) {
    buf_printf(&out, "%s%.*s: ", i ? ", " : "", STR_FMT(variables[i].name));
    write_value(&out, variables[i].value);
  }
  buf_add_byte(&out, '}');
  return arena_copy(&t->arena, buf_str(&out));
}

static void keep(struct policy_trace *t, struct policy_trace_event event)
{
  if (vec_full(&t->events, POLICY_TRACE_EVENTS_MAX) || arena_over(&t->arena))
    t->dropped++;
  else
    vec_push(&t->events, event);
}

static void measure(struct policy_trace *t, enum rego_event event, uint32_t point)
{
  if (event != REGO_EVAL && event != REGO_REDO)
    return;
  uint64_t at = now();
  if (t->current != UINT32_MAX)
    t->counts[t->current].ns += at - t->since;
  t->current = point;
  t->since = at;
}

static void on_event(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                     const struct rego_variable *variables, uint32_t count)
{
  struct policy_trace *t = user;
  t->last_point = point;
  t->last_depth = depth;
  t->counts[point].evaluated += event == REGO_EVAL;
  t->counts[point].redone += event == REGO_REDO;
  if (t->cover)
    rego_cover_note(t->cover, event, point);
  if (t->options.events)
    keep(t, (struct policy_trace_event){
                .op = event,
                .point = point,
                .depth = depth,
                .text = variables_text(t, variables, count),
            });
  if (t->options.profile)
    measure(t, event, point);
}

void policy_trace_note(void *user, struct str text)
{
  struct policy_trace *t = user;
  if (t->options.events)
    keep(t, (struct policy_trace_event){
                .op = POLICY_TRACE_NOTE,
                .point = t->last_point,
                .depth = t->last_depth,
                .text = arena_copy(&t->arena, text),
            });
}

void policy_trace_end(struct policy_trace *t)
{
  if (t->options.profile && t->current != UINT32_MAX)
    t->counts[t->current].ns += now() - t->since;
  t->current = UINT32_MAX;
}

void policy_trace_init(struct policy_trace *t, const struct rego_program *program,
                       const struct policy_trace_options *options)
{
  *t = (struct policy_trace){
      .observer = {.event = on_event, .user = t},
      .program = program,
      .options = *options,
      .current = UINT32_MAX,
      .last_point = UINT32_MAX,
  };
  arena_init(&t->arena, POLICY_TRACE_BYTES_MAX);
  t->counts = mem_zalloc(rego_point_count(program) + 1, sizeof *t->counts);
  t->cover = options->cover ? rego_cover_new(program) : NULL;
}

void policy_trace_free(struct policy_trace *t)
{
  vec_free(&t->events);
  rego_cover_free(t->cover);
  mem_free(t->counts);
  arena_free(&t->arena);
}

void policy_trace_reset(struct policy_trace *t)
{
  vec_clear(&t->events);
  arena_reset(&t->arena);
  t->dropped = 0;
  t->current = UINT32_MAX;
  t->last_point = UINT32_MAX;
  memset(t->counts, 0, (rego_point_count(t->program) + 1) * sizeof *t->counts);
}

/* ---- explaining */

static const char *op_name(uint32_t op)
{
  static const char *const names[] = {
      [REGO_ENTER] = "Enter", [REGO_EVAL] = "Eval", [REGO_REDO] = "Redo",
      [REGO_FAIL] = "Fail",   [REGO_EXIT] = "Exit", [POLICY_TRACE_NOTE] = "Note",
  };
  return names[op];
}

static bool is_wanted(enum policy_explain mode, uint32_t op)
{
  if (mode == POLICY_EXPLAIN_NOTES)
    return op == POLICY_TRACE_NOTE;
  return mode != POLICY_EXPLAIN_FAILS || op == REGO_FAIL;
}

/*
 * Goes over the events that a mode shows. Where that is not all, the way to each is shown too: the
 * rules that had been entered around it, unless they have been shown since.
 */
struct selection {
  const struct policy_trace *trace;
  enum policy_explain mode;
  VEC(size_t) way; /* events REGO_ENTER, one for each depth */
  size_t shown;    /* of the way */
  void (*show)(void *user, const struct policy_trace_event *event);
  void *user;
};

static void enter(struct selection *s, size_t number, uint32_t depth)
{
  while (s->way.count && s->trace->events.items[s->way.items[s->way.count - 1]].depth >= depth)
    s->way.count--;
  vec_push(&s->way, number);
  if (s->shown >= s->way.count)
    s->shown = s->way.count - 1;
}

static void leave_deeper(struct selection *s, uint32_t depth)
{
  while (s->way.count && s->trace->events.items[s->way.items[s->way.count - 1]].depth > depth)
    s->way.count--;
  if (s->shown > s->way.count)
    s->shown = s->way.count;
}

static void select_events(struct selection *s)
{
  bool all = s->mode == POLICY_EXPLAIN_FULL || s->mode == POLICY_EXPLAIN_DEBUG;
  for (size_t i = 0; i < s->trace->events.count; i++) {
    const struct policy_trace_event *event = &s->trace->events.items[i];
    if (all) {
      s->show(s->user, event);
      continue;
    }
    if (event->op == REGO_ENTER)
      enter(s, i, event->depth);
    else
      leave_deeper(s, event->depth);
    if (!is_wanted(s->mode, event->op))
      continue;
    for (; s->shown < s->way.count; s->shown++)
      s->show(s->user, &s->trace->events.items[s->way.items[s->shown]]);
    s->show(s->user, event);
  }
  vec_free(&s->way);
}

/* "policy.rego:3", "query:1". */
static void write_place(struct buf *out, const struct rego_point *point)
{
  if (!point)
    buf_add_text(out, "query");
  else
    buf_printf(out, "%.*s:%u", STR_FMT(point->file.len ? point->file : STR("query")),
               point->place.line);
}

static const struct rego_point *point_of(const struct policy_trace *t,
                                         const struct policy_trace_event *event)
{
  return event->point < rego_point_count(t->program) ? rego_point(t->program, event->point) : NULL;
}

/* The expression or rule as written; of a query, the program does not have it. */
static struct str text_of(const struct policy_trace *t, const struct rego_point *point)
{
  if (!point)
    return STR_EMPTY;
  if (point->text.len || point->file.len)
    return point->text;
  return str_sub(t->options.query, point->place.start, point->place.end - point->place.start);
}

struct lines {
  const struct policy_trace *trace;
  struct buf *out; /* NULL: only the widest place is looked for */
  size_t widest;
};

static void show_line(void *user, const struct policy_trace_event *event)
{
  struct lines *l = user;
  const struct rego_point *point = point_of(l->trace, event);
  _cleanup_(buf_free) struct buf place = {0};
  write_place(&place, point);
  size_t width = utf8_width(buf_str(&place));
  if (!l->out) {
    l->widest = width > l->widest ? width : l->widest;
    return;
  }
  buf_add(l->out, buf_str(&place));
  buf_add_repeat(l->out, ' ', l->widest - width + 4);
  /* what happens in a rule stands one step to the right of its name */
  uint32_t steps = event->depth + (event->op == REGO_ENTER || event->op == REGO_EXIT ? 0 : 1);
  for (uint32_t i = 1; i < steps; i++)
    buf_add_text(l->out, "| ");
  buf_printf(l->out, "%s ", op_name(event->op));
  if (event->op == POLICY_TRACE_NOTE) {
    json_write_string(l->out, event->text);
  } else {
    buf_add(l->out, text_of(l->trace, point));
    if (event->text.len)
      buf_printf(l->out, "  %.*s", STR_FMT(event->text));
  }
  buf_add_byte(l->out, '\n');
}

void policy_trace_explain(const struct policy_trace *t, enum policy_explain mode, struct buf *out)
{
  struct lines lines = {.trace = t};
  for (int pass = 0; pass < 2; pass++) {
    struct selection s = {.trace = t, .mode = mode, .show = show_line, .user = &lines};
    lines.out = pass ? out : NULL;
    select_events(&s);
  }
  if (t->dropped)
    buf_printf(out, "... and %llu more events\n", (unsigned long long)t->dropped);
}

struct json_lines {
  const struct policy_trace *trace;
  struct json_writer *w;
};

static void show_json(void *user, const struct policy_trace_event *event)
{
  struct json_lines *l = user;
  const struct rego_point *point = point_of(l->trace, event);
  struct json_writer *w = l->w;
  json_begin_object(w);
  json_member_string(w, STR("op"), str_from(op_name(event->op)));
  if (point) {
    json_key(w, STR("location"));
    json_begin_object(w);
    json_member_string(w, STR("file"), point->file);
    json_member_int(w, STR("row"), point->place.line);
    json_member_int(w, STR("col"), point->place.column);
    json_end_object(w);
  }
  json_member_int(w, STR("depth"), event->depth);
  if (event->op == POLICY_TRACE_NOTE)
    json_member_string(w, STR("message"), event->text);
  else if (point)
    json_member_string(w, STR("text"), text_of(l->trace, point));
  if (event->op != POLICY_TRACE_NOTE && event->text.len)
    json_member_string(w, STR("variables"), event->text);
  json_end_object(w);
}

void policy_trace_explain_json(const struct policy_trace *t, enum policy_explain mode,
                               struct json_writer *w)
{
  struct json_lines lines = {.trace = t, .w = w};
  struct selection s = {.trace = t, .mode = mode, .show = show_json, .user = &lines};
  json_begin_array(w);
  select_events(&s);
  json_end_array(w);
}

/* ---- profile */

typedef int (*compare_lines)(const struct policy_profile_line *a,
                             const struct policy_profile_line *b);

static int descending(uint64_t a, uint64_t b)
{
  return a > b ? -1 : a < b;
}

static int by_time(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return descending(a->ns, b->ns);
}

static int by_evaluations(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return descending(a->evaluated, b->evaluated);
}

static int by_redos(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return descending(a->redone, b->redone);
}

static int by_expressions(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return descending(a->expressions, b->expressions);
}

static int by_file(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return -str_compare(a->file, b->file);
}

static int by_row(const struct policy_profile_line *a, const struct policy_profile_line *b)
{
  return descending(a->row, b->row);
}

static const struct {
  const char *name;
  compare_lines compare;
} criteria_known[] = {
    {"total_time_ns", by_time}, {"num_eval", by_evaluations},
    {"num_redo", by_redos},     {"file", by_file},
    {"line", by_row},           {"num_gen_expr", by_expressions},
};
enum { CRITERIA = sizeof criteria_known / sizeof *criteria_known };

struct ordering {
  compare_lines by[2 * CRITERIA];
  size_t count;
};

static int compare_by_all(const void *a, const void *b, void *ctx)
{
  const struct ordering *o = ctx;
  for (size_t i = 0; i < o->count; i++) {
    int c = o->by[i](a, b);
    if (c)
      return c;
  }
  return 0;
}

static int read_ordering(const char *const *criteria, size_t count, struct ordering *ret,
                         struct error *err)
{
  *ret = (struct ordering){0};
  for (size_t i = 0; i < count && ret->count < CRITERIA; i++) {
    size_t k = 0;
    while (k < CRITERIA && strcmp(criteria_known[k].name, criteria[i]) != 0)
      k++;
    if (k == CRITERIA)
      return error_set(err, SW_EUSAGE,
                       "--profile-sort \"%s\" is not one of total_time_ns, num_eval, num_redo, "
                       "num_gen_expr, file, line",
                       criteria[i]);
    ret->by[ret->count++] = criteria_known[k].compare;
  }
  for (size_t k = 0; k < CRITERIA; k++)
    ret->by[ret->count++] = criteria_known[k].compare;
  return 0;
}

int policy_trace_check_criteria(const char *const *criteria, size_t count, struct error *err)
{
  struct ordering ordering;
  return read_ordering(criteria, count, &ordering, err);
}

static int by_place(const void *a, const void *b)
{
  const struct policy_profile_line *left = a, *right = b;
  int c = str_compare(left->file, right->file);
  if (c == 0)
    c = (left->row > right->row) - (left->row < right->row);
  return c ? c : (left->column > right->column) - (left->column < right->column);
}

/* Points that were reached, then those of one line together. */
static size_t collect(struct policy_trace *t, struct policy_profile_line *lines)
{
  size_t count = 0;
  for (uint32_t i = 0; i < rego_point_count(t->program); i++) {
    const struct rego_point *point = rego_point(t->program, i);
    const struct policy_trace_counts *c = &t->counts[i];
    if (point->kind != REGO_POINT_EXPR || c->evaluated + c->redone == 0)
      continue;
    lines[count++] = (struct policy_profile_line){
        .file = point->file,
        .row = point->place.line,
        .column = point->place.column,
        .ns = c->ns,
        .evaluated = c->evaluated,
        .redone = c->redone,
        .expressions = 1,
    };
  }
  if (count)
    qsort(lines, count, sizeof *lines, by_place);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    struct policy_profile_line *last = kept ? &lines[kept - 1] : NULL;
    if (!last || last->row != lines[i].row || !str_eq(last->file, lines[i].file)) {
      lines[kept++] = lines[i];
      continue;
    }
    last->ns += lines[i].ns;
    last->evaluated += lines[i].evaluated;
    last->redone += lines[i].redone;
    last->expressions++;
  }
  return kept;
}

int policy_trace_profile(struct policy_trace *t, const char *const *criteria, size_t count,
                         struct policy_profile *ret, struct error *err)
{
  struct ordering ordering;
  int rc = read_ordering(criteria, count, &ordering, err);
  if (rc < 0)
    return rc;
  ret->lines = arena_array(&t->arena, struct policy_profile_line, rego_point_count(t->program) + 1);
  ret->count = collect(t, ret->lines);
  if (ret->count)
    qsort_r(ret->lines, ret->count, sizeof *ret->lines, compare_by_all, &ordering);
  return 0;
}
