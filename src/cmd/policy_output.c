#include "cmd/policy_output.h"

#include "cmd/policy_table.h"
#include "data/compare.h"

#include <stdlib.h>

/* Deeper than this, values come out in the order in which they are in memory. */
enum { ORDER_DEPTH = 1000 };

/* ---- order */

static struct value ordered(struct arena *a, struct value v, unsigned depth);

static int by_key(const void *a, const void *b)
{
  return str_compare(value_str(((const struct value_member *)a)->key),
                     value_str(((const struct value_member *)b)->key));
}

/* Keys of JSON are strings: others become the text of their JSON. */
static struct value key_text(struct arena *a, struct value key, unsigned depth)
{
  if (value_is(key, VALUE_STRING))
    return key;
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, ordered(a, key, depth), 0);
  return value_string(arena_copy(a, buf_str(&text)));
}

static struct value ordered_object(struct arena *a, struct value v, unsigned depth)
{
  struct value_member *members = arena_array(a, struct value_member, v.len);
  for (uint32_t i = 0; i < v.len; i++)
    members[i] = (struct value_member){key_text(a, v.members[i].key, depth),
                                       ordered(a, v.members[i].value, depth)};
  if (v.len)
    qsort(members, v.len, sizeof *members, by_key);
  struct value object;
  value_object_make(a, members, NULL, v.len, VALUE_LAST_WINS, NULL, &object);
  return object;
}

static struct value ordered(struct arena *a, struct value v, unsigned depth)
{
  if (depth == ORDER_DEPTH)
    return v;
  if (v.type == VALUE_OBJECT)
    return ordered_object(a, v, depth + 1);
  if (v.type != VALUE_ARRAY && v.type != VALUE_SET)
    return v;
  struct value *items = arena_array(a, struct value, v.len);
  for (uint32_t i = 0; i < v.len; i++)
    items[i] = v.items[i];
  if (v.type == VALUE_SET)
    value_sort(items, v.len);
  for (uint32_t i = 0; i < v.len; i++)
    items[i] = ordered(a, items[i], depth + 1);
  return value_array_make(a, items, NULL, v.len);
}

struct value policy_value_ordered(struct arena *a, struct value v)
{
  return ordered(a, v, 0);
}

/* ---- answers */

static struct value expressions_of(struct value row)
{
  return value_get_str(row, STR("expressions"));
}

static struct value bindings_of(struct value row)
{
  return value_get_str(row, STR("bindings"));
}

/* `some x` alone declares, and has no value. */
static bool has_value(const struct rego_expr *e)
{
  return e->kind != REGO_EXPR_SOME;
}

void policy_answers_make(struct arena *a, struct value result, struct rego_body query,
                         struct str text, struct policy_answers *ret)
{
  *ret = (struct policy_answers){.rows = policy_value_ordered(a, result)};
  if (!value_is(ret->rows, VALUE_ARRAY))
    ret->rows = value_array_make(a, NULL, NULL, 0);
  uint32_t values = expressions_of(value_at(ret->rows, 0)).len;
  ret->expressions = arena_array(a, struct policy_expression, query.count + 1);
  for (uint32_t i = 0; i < query.count; i++) {
    const struct rego_expr *e = &query.items[i];
    if (values != query.count && !has_value(e))
      continue;
    ret->expressions[ret->expression_count++] = (struct policy_expression){
        .text = str_sub(text, e->place.start, e->place.end - e->place.start),
        .row = e->place.line,
        .column = e->place.column,
    };
  }
}

static void write_expression(struct json_writer *w, const struct policy_answers *answers,
                             struct value values, uint32_t i)
{
  json_begin_object(w);
  json_member_value(w, STR("value"), values.items[i]);
  if (i < answers->expression_count) {
    json_member_string(w, STR("text"), answers->expressions[i].text);
    json_key(w, STR("location"));
    json_begin_object(w);
    json_member_int(w, STR("row"), answers->expressions[i].row);
    json_member_int(w, STR("col"), answers->expressions[i].column);
    json_end_object(w);
  }
  json_end_object(w);
}

void policy_answers_json(const struct policy_answers *answers, struct json_writer *w)
{
  json_begin_array(w);
  for (uint32_t i = 0; i < answers->rows.len; i++) {
    struct value row = answers->rows.items[i], values = expressions_of(row);
    json_begin_object(w);
    json_key(w, STR("expressions"));
    json_begin_array(w);
    for (uint32_t k = 0; k < values.len; k++)
      write_expression(w, answers, values, k);
    json_end_array(w);
    if (bindings_of(row).len)
      json_member_value(w, STR("bindings"), bindings_of(row));
    json_end_object(w);
  }
  json_end_array(w);
}

void policy_answers_values(const struct policy_answers *answers, struct buf *out)
{
  for (uint32_t i = 0; i < answers->rows.len; i++) {
    json_write(out, expressions_of(answers->rows.items[i]), 2);
    buf_add_byte(out, '\n');
  }
}

void policy_answers_bindings(const struct policy_answers *answers, struct buf *out)
{
  for (uint32_t i = 0; i < answers->rows.len; i++) {
    json_write(out, bindings_of(answers->rows.items[i]), 2);
    buf_add_byte(out, '\n');
  }
}

void policy_answers_raw(const struct policy_answers *answers, struct buf *out)
{
  for (uint32_t i = 0; i < answers->rows.len; i++) {
    struct value values = expressions_of(answers->rows.items[i]);
    for (uint32_t k = 0; k < values.len; k++) {
      buf_add_text(out, k ? " " : "");
      if (value_is(values.items[k], VALUE_STRING))
        buf_add(out, value_str(values.items[k]));
      else
        json_write(out, values.items[k], 0);
    }
    buf_add_byte(out, '\n');
  }
}

/* ---- pretty */

static bool all_boolean(struct value values)
{
  for (uint32_t i = 0; i < values.len; i++)
    if (!value_is(values.items[i], VALUE_BOOL))
      return false;
  return true;
}

static void add_cell(struct policy_table *table, struct value v, uint32_t limit)
{
  _cleanup_(buf_free) struct buf text = {0};
  json_write(&text, v, 0);
  struct str shown = buf_str(&text);
  if (limit && shown.len > limit) {
    size_t len = limit;
    while (len && ((uint8_t)shown.data[len] & 0xc0) == 0x80)
      len--;
    text.len = len;
    buf_add_text(&text, "...");
  }
  policy_table_cell(table, buf_str(&text));
}

/* A column for each variable, and for each expression that is more than a test. */
static void write_table(const struct policy_answers *answers, const struct policy_look *look,
                        struct buf *out)
{
  struct value first = answers->rows.items[0];
  struct value bindings = bindings_of(first), values = expressions_of(first);
  uint32_t shown[POLICY_TABLE_COLUMNS_MAX], columns = 0;
  for (uint32_t i = 0; i < values.len && columns + bindings.len < POLICY_TABLE_COLUMNS_MAX; i++)
    if (bindings.len == 0 || !value_is(values.items[i], VALUE_BOOL))
      shown[columns++] = i;
  struct policy_table table;
  policy_table_init(&table, bindings.len + columns);
  for (uint32_t i = 0; i < bindings.len; i++)
    policy_table_head(&table, i, arena_copy(&table.arena, value_str(bindings.members[i].key)).data,
                      false);
  for (uint32_t i = 0; i < columns; i++)
    policy_table_head(&table, bindings.len + i,
                      arena_copy(&table.arena, shown[i] < answers->expression_count
                                                   ? answers->expressions[shown[i]].text
                                                   : STR("value"))
                          .data,
                      false);
  for (uint32_t r = 0; r < answers->rows.len; r++) {
    struct value row = answers->rows.items[r];
    for (uint32_t i = 0; i < bindings.len && i < table.columns; i++)
      add_cell(&table, value_get(bindings_of(row), bindings.members[i].key), look->limit);
    for (uint32_t i = 0; i < columns; i++)
      add_cell(&table, value_at(expressions_of(row), shown[i]), look->limit);
  }
  policy_table_write(&table, out, look->width, look->color, look->unicode);
  policy_table_free(&table);
}

void policy_answers_pretty(const struct policy_answers *answers, const struct policy_look *look,
                           struct buf *out)
{
  if (answers->rows.len == 0) {
    buf_add_text(out, "undefined\n");
    return;
  }
  struct value first = answers->rows.items[0], values = expressions_of(first);
  bool alone = answers->rows.len == 1 && bindings_of(first).len == 0;
  if (alone && values.len && (values.len == 1 || all_boolean(values))) {
    json_write(out, values.items[0], 2);
    buf_add_byte(out, '\n');
    return;
  }
  write_table(answers, look, out);
}
