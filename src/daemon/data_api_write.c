/* Answers as OPA writes them: results with what surrounds them, and errors. */
#include "daemon/data_api_int.h"

#include "data/compare.h"
#include "data/json_write.h"

/* Deeper than this, members come out in the order in which they are in memory. */
enum { ORDER_DEPTH = 200 };

/* ---- values */

static void write_value(struct json_writer *w, struct arena *a, struct value v, unsigned depth);

static void write_key(struct json_writer *w, struct value key)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (value_is(key, VALUE_STRING)) {
    json_key(w, value_str(key));
    return;
  }
  json_write(&text, key, 0);
  json_key(w, buf_str(&text));
}

static void write_object(struct json_writer *w, struct arena *a, struct value v, unsigned depth)
{
  uint32_t *order = arena_array(a, uint32_t, v.len);
  value_sort_keys(v, order);
  json_begin_object(w);
  for (uint32_t i = 0; i < v.len && !buf_failed(w->out); i++) {
    const struct value_member *m = &v.members[order[i]];
    write_key(w, m->key);
    write_value(w, a, m->value, depth);
  }
  json_end_object(w);
}

static void write_items(struct json_writer *w, struct arena *a, struct value v, unsigned depth)
{
  json_begin_array(w);
  for (uint32_t i = 0; i < v.len && !buf_failed(w->out); i++)
    write_value(w, a, v.items[i], depth);
  json_end_array(w);
}

static void write_value(struct json_writer *w, struct arena *a, struct value v, unsigned depth)
{
  if (depth == ORDER_DEPTH)
    json_value(w, v);
  else if (value_is(v, VALUE_OBJECT))
    write_object(w, a, v, depth + 1);
  else if (value_is(v, VALUE_ARRAY) || value_is(v, VALUE_SET))
    write_items(w, a, v, depth + 1);
  else
    json_value(w, v);
}

/* ---- errors */

static struct json_writer begin(struct data_call *c, unsigned indent)
{
  buf_clear(c->answer->text);
  return json_writer_start(c->answer->text, indent);
}

static void end(struct data_call *c)
{
  buf_add_byte(c->answer->text, '\n');
}

static void begin_fault(struct json_writer *w, struct data_call *c)
{
  c->answer->status = c->fault.status;
  *w = begin(c, 2);
  json_begin_object(w);
  json_member_string(w, STR("code"), str_from(c->fault.code));
  json_member_string(w, STR("message"), str_from(c->fault.message));
}

void data_write_fault(struct data_call *c)
{
  struct json_writer w;
  begin_fault(&w, c);
  json_end_object(&w);
  end(c);
}

static void write_location(struct json_writer *w, const struct rego_failure *f)
{
  json_key(w, STR("location"));
  json_begin_object(w);
  json_member_string(w, STR("file"), f->file);
  json_member_int(w, STR("row"), f->place.line);
  json_member_int(w, STR("col"), f->place.column);
  json_end_object(w);
}

void data_write_failure(struct data_call *c, const struct rego_failure *failure)
{
  struct json_writer w;
  begin_fault(&w, c);
  json_key(&w, STR("errors"));
  json_begin_array(&w);
  json_begin_object(&w);
  json_member_string(&w, STR("code"), str_from(failure->code));
  json_member_string(&w, STR("message"), failure->message);
  if (failure->place.line)
    write_location(&w, failure);
  json_end_object(&w);
  json_end_array(&w);
  json_end_object(&w);
  end(c);
}

/* ---- results */

static struct value member(struct value v, const char *key)
{
  return value_get(v, value_from(key));
}

/* Of each bundle that was loaded, its revision. */
static void write_bundles(struct json_writer *w, struct value bundles)
{
  json_key(w, STR("bundles"));
  json_begin_object(w);
  for (uint32_t i = 0; i < bundles.len; i++) {
    struct value manifest = member(bundles.members[i].value, "manifest");
    json_key(w, value_str_or_empty(bundles.members[i].key));
    json_begin_object(w);
    json_member_string(w, STR("revision"), value_str_or_empty(member(manifest, "revision")));
    json_end_object(w);
  }
  json_end_object(w);
}

static void write_provenance(struct json_writer *w, struct data_call *c)
{
  struct value bundles =
      member(member(rego_documents_data(rego_documents_of(c->worker)), "system"), "bundles");
  json_key(w, STR("provenance"));
  json_begin_object(w);
  if (value_is(bundles, VALUE_OBJECT) && bundles.len)
    write_bundles(w, bundles);
  json_member_string(w, STR("version"), c->api->options.version);
  json_member_string(w, STR("build_commit"), STR_EMPTY);
  json_member_string(w, STR("build_timestamp"), STR_EMPTY);
  json_member_string(w, STR("build_hostname"), STR_EMPTY);
  json_end_object(w);
}

/* What OPA tells of a query that it has prepared before. */
static void write_metrics(struct json_writer *w, const struct data_call *c)
{
  json_key(w, STR("metrics"));
  json_begin_object(w);
  json_member_int(w, STR("counter_server_query_cache_hit"), 1);
  json_member_int(w, STR("timer_rego_input_parse_ns"), (int64_t)(c->read_ns - c->begun_ns));
  json_member_int(w, STR("timer_rego_query_eval_ns"), (int64_t)(c->evaluated_ns - c->read_ns));
  json_member_int(w, STR("timer_server_handler_ns"), (int64_t)(c->evaluated_ns - c->begun_ns));
  json_end_object(w);
}

static void write_warning(struct json_writer *w)
{
  json_key(w, STR("warning"));
  json_begin_object(w);
  json_member_string(w, STR("code"), STR("api_usage_warning"));
  json_member_string(w, STR("message"), STR("'input' key missing from the request"));
  json_end_object(w);
}

/* Half an answer would be none: an error is said instead. */
static void finish(struct data_call *c)
{
  end(c);
  if (!buf_failed(c->answer->text))
    return;
  data_fault(c, 500, DATA_INTERNAL, "the answer is larger than %zu bytes", c->answer->text->cap);
  data_write_fault(c);
}

void data_write_result(struct data_call *c)
{
  struct json_writer w = begin(c, c->pretty ? 2 : 0);
  json_begin_object(&w);
  if (c->provenance)
    write_provenance(&w, c);
  if (c->metrics)
    write_metrics(&w, c);
  if (!value_is(c->result, VALUE_ABSENT)) {
    json_key(&w, STR("result"));
    write_value(&w, rego_documents_arena(c->worker), c->result, 0);
  }
  if (c->warn)
    write_warning(&w);
  if (c->id[0])
    json_member_string(&w, STR("decision_id"), str_from(c->id));
  json_end_object(&w);
  finish(c);
}

void data_write_value(struct data_call *c)
{
  struct json_writer w = begin(c, c->pretty ? 2 : 0);
  write_value(&w, rego_documents_arena(c->worker), c->result, 0);
  finish(c);
}

void data_write_health(struct data_call *c, const char *message)
{
  struct json_writer w = begin(c, 0);
  json_begin_object(&w);
  if (message) {
    c->answer->status = 500;
    json_member_string(&w, STR("error"), str_from(message));
  }
  json_end_object(&w);
  end(c);
}

/* ---- names of documents */

static bool is_word(struct str s)
{
  for (size_t i = 0; i < s.len; i++) {
    char c = s.data[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9'))
      return false;
  }
  return s.len > 0;
}

void data_write_ref(struct buf *out, const struct value *path, size_t count)
{
  buf_add_text(out, "data");
  for (size_t i = 0; i < count; i++) {
    if (is_word(value_str_or_empty(path[i]))) {
      buf_add_byte(out, '.');
      buf_add(out, value_str(path[i]));
      continue;
    }
    buf_add_byte(out, '[');
    json_write(out, path[i], 0);
    buf_add_byte(out, ']');
  }
}
