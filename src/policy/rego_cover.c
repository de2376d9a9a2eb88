#include "policy/rego_cover.h"

#include "base/vec.h"

#include <stdlib.h>

/* A line that counts. */
struct row {
  struct str file;
  uint32_t number;
  bool hit;
};

struct rows VEC_BODY(struct row);

struct rego_cover {
  const struct rego_program *program;
  uint32_t count;
  bool *hit;        /* by point */
  struct rows rows; /* of modules, if they were given: none is hit */
};

struct rego_cover *rego_cover_new(const struct rego_program *program)
{
  struct rego_cover *cover = mem_zalloc(1, sizeof *cover);
  cover->program = program;
  cover->count = rego_point_count(program);
  cover->hit = mem_zalloc((size_t)cover->count + 1, sizeof *cover->hit);
  return cover;
}

void rego_cover_free(struct rego_cover *cover)
{
  if (!cover)
    return;
  mem_free(cover->hit);
  vec_free(&cover->rows);
  mem_free(cover);
}

void rego_cover_note(struct rego_cover *cover, enum rego_event event, uint32_t point)
{
  if ((event == REGO_EVAL || event == REGO_EXIT) && point < cover->count)
    cover->hit[point] = true;
}

static void on_event(void *user, enum rego_event event, uint32_t point, uint32_t depth,
                     const struct rego_variable *variables, uint32_t count)
{
  (void)depth, (void)variables, (void)count;
  rego_cover_note(user, event, point);
}

struct rego_observer rego_cover_observer(struct rego_cover *cover)
{
  return (struct rego_observer){.event = on_event, .user = cover};
}

void rego_cover_add(struct rego_cover *cover, const struct rego_cover *other)
{
  for (uint32_t i = 0; i < cover->count && i < other->count; i++)
    cover->hit[i] |= other->hit[i];
}

/* ---- lines */

/* "some x, y", which only declares. */
static bool is_declaration(const struct rego_point *point)
{
  return point->kind == REGO_POINT_EXPR && str_starts(point->text, STR("some ")) &&
         str_find(point->text, 0, STR(" in ")) < 0;
}

static int compare_rows(const void *a, const void *b)
{
  const struct row *x = a, *y = b;
  int order = str_compare(x->file, y->file);
  return order ? order : (x->number > y->number) - (x->number < y->number);
}

/* Each line once, by file and number. */
static void sort_rows(struct rows *rows)
{
  if (rows->count)
    qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
  size_t kept = 0;
  for (size_t i = 0; i < rows->count; i++) {
    if (kept && compare_rows(&rows->items[kept - 1], &rows->items[i]) == 0)
      rows->items[kept - 1].hit |= rows->items[i].hit;
    else
      rows->items[kept++] = rows->items[i];
  }
  rows->count = kept;
}

/* The lines of points, those of modules among them that were hit. */
static void collect(const struct rego_cover *cover, struct rows *rows)
{
  bool all = cover->rows.count == 0;
  for (uint32_t i = 0; i < cover->count; i++) {
    const struct rego_point *point = rego_point(cover->program, i);
    if (!point->file.len || !point->place.line || is_declaration(point))
      continue;
    struct row row = {point->file, point->place.line, cover->hit[i]};
    if (all ||
        (row.hit && bsearch(&row, cover->rows.items, cover->rows.count, sizeof row, compare_rows)))
      vec_push(rows, row);
  }
  for (size_t i = 0; i < cover->rows.count; i++)
    vec_push(rows, cover->rows.items[i]);
  sort_rows(rows);
}

/* The rows from `from` on that belong to the same file. */
static size_t end_of_file(const struct rows *rows, size_t from)
{
  size_t to = from;
  while (to < rows->count && str_eq(rows->items[to].file, rows->items[from].file))
    to++;
  return to;
}

static struct rego_cover_lines count_rows(const struct rows *rows, size_t from, size_t to)
{
  struct rego_cover_lines lines = {0};
  for (size_t i = from; i < to; i++) {
    lines.covered += rows->items[i].hit;
    lines.not_covered += !rows->items[i].hit;
  }
  return lines;
}

struct rego_cover_lines rego_cover_lines(const struct rego_cover *cover)
{
  struct rows rows = {0};
  collect(cover, &rows);
  struct rego_cover_lines lines = count_rows(&rows, 0, rows.count);
  vec_free(&rows);
  return lines;
}

double rego_cover_percent(struct rego_cover_lines lines)
{
  uint64_t all = lines.covered + lines.not_covered;
  return all ? 100.0 * (double)lines.covered / (double)all : 0;
}

/* The next run of lines [*io_from ..] of rows before `to` that were hit or not, one behind the other. */
static bool next_range(const struct rows *rows, size_t *io_from, size_t to, bool hit,
                       uint32_t *ret_first, uint32_t *ret_last)
{
  size_t i = *io_from;
  while (i < to && rows->items[i].hit != hit)
    i++;
  if (i == to)
    return false;
  *ret_first = *ret_last = rows->items[i].number;
  for (i++; i < to && rows->items[i].hit == hit && rows->items[i].number == *ret_last + 1; i++)
    ++*ret_last;
  *io_from = i;
  return true;
}

/* ---- the lines of modules; trees are REGO_HEIGHT_MAX high at most, so walking may recurse */

struct walk {
  struct rows *rows;
  struct str file;
};

static void walk_body(struct walk *w, struct rego_body body);

static void add_row(struct walk *w, struct rego_place place)
{
  if (place.line)
    vec_push(w->rows, (struct row){w->file, place.line, false});
}

static void walk_term(struct walk *w, const struct rego_term *term)
{
  uint32_t count = term->kind == REGO_OBJECT ? 2 * term->count : term->count;
  switch ((enum rego_term_kind)term->kind) {
  case REGO_REF:
  case REGO_ARRAY:
  case REGO_OBJECT:
  case REGO_SET:
  case REGO_CALL:
    for (uint32_t i = 0; i < count; i++)
      walk_term(w, &term->items[i]);
    break;
  case REGO_ARRAY_COMPREHENSION:
  case REGO_OBJECT_COMPREHENSION:
  case REGO_SET_COMPREHENSION:
    walk_body(w, term->comprehension->body);
    break;
  default:
    break;
  }
}

static void walk_expr(struct walk *w, const struct rego_expr *expr)
{
  if (expr->kind != REGO_EXPR_SOME)
    add_row(w, expr->place);
  switch ((enum rego_expr_kind)expr->kind) {
  case REGO_EXPR_EVERY:
    walk_term(w, &expr->every->domain);
    walk_body(w, expr->every->body);
    break;
  case REGO_EXPR_NOT:
  case REGO_EXPR_AND:
  case REGO_EXPR_OR:
    for (uint32_t i = 0; i < expr->count; i++)
      walk_body(w, expr->operands[i].body);
    break;
  default:
    for (uint32_t i = 0; i < expr->count; i++)
      walk_term(w, &expr->terms[i]);
  }
}

static void walk_body(struct walk *w, struct rego_body body)
{
  for (uint32_t i = 0; i < body.count; i++)
    walk_expr(w, &body.items[i]);
}

void rego_cover_modules(struct rego_cover *cover, const struct rego_module *const *modules,
                        uint32_t count)
{
  for (uint32_t m = 0; m < count; m++) {
    struct walk w = {.rows = &cover->rows, .file = modules[m]->name};
    for (uint32_t i = 0; i < modules[m]->rule_count; i++)
      for (const struct rego_rule *rule = &modules[m]->rules[i]; rule; rule = rule->otherwise) {
        add_row(&w, rule->head.place.line ? rule->head.place : rule->place);
        walk_term(&w, &rule->head.key);
        walk_term(&w, &rule->head.value);
        walk_body(&w, rule->body);
      }
  }
  sort_rows(&cover->rows);
}

/* ---- the report */

static struct value object(struct arena *a, const struct value_member *members, uint32_t count)
{
  struct value v = VALUE_NONE;
  value_object_make(a, members, NULL, count, VALUE_LAST_WINS, NULL, &v);
  return v;
}

static struct value number(double d)
{
  if (d == (double)(int64_t)d)
    return value_int((int64_t)d);
  return (struct value){.type = VALUE_NUMBER, .flags = VALUE_DOUBLE, .real = d};
}

static struct value row_value(struct arena *a, uint32_t row)
{
  struct value_member member = {value_from("row"), value_int(row)};
  return object(a, &member, 1);
}

static struct value ranges(struct arena *a, const struct rows *rows, size_t from, size_t to,
                           bool hit)
{
  VEC(struct value) list = {0};
  uint32_t first, last;
  while (next_range(rows, &from, to, hit, &first, &last)) {
    struct value_member range[2] = {{value_from("start"), row_value(a, first)},
                                    {value_from("end"), row_value(a, last)}};
    vec_push(&list, object(a, range, 2));
  }
  struct value v = value_array_make(a, list.items, NULL, (uint32_t)list.count);
  vec_free(&list);
  return v;
}

static struct value file_value(struct arena *a, const struct rows *rows, size_t from, size_t to)
{
  struct rego_cover_lines lines = count_rows(rows, from, to);
  struct value_member members[5];
  uint32_t count = 0;
  if (lines.covered)
    members[count++] =
        (struct value_member){value_from("covered"), ranges(a, rows, from, to, true)};
  if (lines.not_covered)
    members[count++] =
        (struct value_member){value_from("not_covered"), ranges(a, rows, from, to, false)};
  if (lines.covered)
    members[count++] =
        (struct value_member){value_from("covered_lines"), value_int((int64_t)lines.covered)};
  if (lines.not_covered)
    members[count++] = (struct value_member){value_from("not_covered_lines"),
                                             value_int((int64_t)lines.not_covered)};
  if (lines.covered)
    members[count++] =
        (struct value_member){value_from("coverage"), number(rego_cover_percent(lines))};
  return object(a, members, count);
}

struct value rego_cover_report(const struct rego_cover *cover, struct arena *a)
{
  struct rows rows = {0};
  collect(cover, &rows);
  VEC(struct value_member) files = {0};
  for (size_t from = 0, to; from < rows.count; from = to) {
    to = end_of_file(&rows, from);
    vec_push(&files, (struct value_member){value_string(rows.items[from].file),
                                           file_value(a, &rows, from, to)});
  }
  struct rego_cover_lines lines = count_rows(&rows, 0, rows.count);
  struct value_member members[4] = {
      {value_from("files"), object(a, files.items, (uint32_t)files.count)},
      {value_from("covered_lines"), value_int((int64_t)lines.covered)},
      {value_from("not_covered_lines"), value_int((int64_t)lines.not_covered)},
      {value_from("coverage"), number(rego_cover_percent(lines))},
  };
  struct value report = object(a, members, 4);
  vec_free(&files);
  vec_free(&rows);
  return report;
}

/* ---- for people */

static void add_line(struct buf *out, struct str name, size_t width, struct rego_cover_lines lines)
{
  buf_add(out, name);
  buf_add_repeat(out, ' ', width - name.len);
  buf_printf(out, "  %6.2f %%  %llu of %llu lines", rego_cover_percent(lines),
             (unsigned long long)lines.covered,
             (unsigned long long)(lines.covered + lines.not_covered));
}

void rego_cover_text(const struct rego_cover *cover, struct buf *out)
{
  struct rows rows = {0};
  collect(cover, &rows);
  size_t width = 3;
  for (size_t i = 0; i < rows.count; i++)
    width = rows.items[i].file.len > width ? rows.items[i].file.len : width;
  for (size_t from = 0, to; from < rows.count; from = to) {
    to = end_of_file(&rows, from);
    struct rego_cover_lines lines = count_rows(&rows, from, to);
    add_line(out, rows.items[from].file, width, lines);
    uint32_t first, last;
    const char *before = ", not covered: ";
    while (next_range(&rows, &from, to, false, &first, &last)) {
      buf_printf(out, "%s%u", before, first);
      if (last > first)
        buf_printf(out, "-%u", last);
      before = ", ";
    }
    buf_add_byte(out, '\n');
  }
  add_line(out, STR("all"), width, count_rows(&rows, 0, rows.count));
  buf_add_byte(out, '\n');
  vec_free(&rows);
}
