/* What is wrong with policies, as OPA tells it: as text and as JSON. */
#include "base/file.h"
#include "cmd/console.h"
#include "cmd/policy_source.h"
#include "data/json_write.h"

#include <unistd.h>

/* One thing that is wrong. */
struct complaint {
  const struct rego_error *rego; /* NULL: the message alone */
  struct str message;
};

static size_t problem_count(const struct policy_source *source)
{
  return source->set ? rego_set_problem_count(source->set) : 0;
}

static size_t complaint_count(const struct policy_source *source, const struct error *err)
{
  size_t count = problem_count(source) + source->errors.count;
  return count ? count : err && err->code ? 1 : 0;
}

static struct complaint complaint_at(const struct policy_source *source, const struct error *err,
                                     size_t i)
{
  size_t problems = problem_count(source);
  if (i < problems) {
    const struct rego_set_problem *p = rego_set_problem(source->set, i);
    return (struct complaint){p->syntax ? &p->rego : NULL, p->message};
  }
  if (i - problems < source->errors.count) {
    const struct rego_error *e = &source->errors.items[i - problems];
    return (struct complaint){e, e->message};
  }
  return (struct complaint){NULL, str_from(err->message)};
}

/* With its line and a mark under the place. */
static void write_rego(struct buf *out, const struct rego_error *error)
{
  static const char intro[] = "1 error occurred: ";
  struct rego_errors one = {.items = {*error}, .count = 1};
  _cleanup_(buf_free) struct buf text = {0};
  rego_errors_write(&text, &one);
  buf_add(out, str_sub(buf_str(&text), sizeof intro - 1, SIZE_MAX));
}

void policy_source_write_errors(const struct policy_source *source, const struct error *err,
                                struct buf *out)
{
  size_t count = complaint_count(source, err);
  if (count == 1)
    buf_add(out, STR("1 error occurred: "));
  else
    buf_printf(out, "%zu errors occurred:\n", count);
  for (size_t i = 0; i < count; i++) {
    struct complaint c = complaint_at(source, err, i);
    if (i)
      buf_add_byte(out, '\n');
    if (c.rego)
      write_rego(out, c.rego);
    else
      buf_add(out, c.message);
  }
  if (source->errors.dropped)
    buf_printf(out, "\nand %u more", source->errors.dropped);
}

void policy_source_tell(const struct policy_source *source, const struct error *err)
{
  if (complaint_count(source, err) == 1 && !complaint_at(source, err, 0).rego) {
    struct str message = complaint_at(source, err, 0).message;
    console_text(message);
    return;
  }
  _cleanup_(buf_free) struct buf text = {0};
  policy_source_write_errors(source, err, &text);
  console_text(buf_str(&text));
}

static void write_location(struct json_writer *w, const struct rego_error *error)
{
  json_key(w, STR("location"));
  json_begin_object(w);
  json_member_string(w, STR("file"), error->file);
  json_member_int(w, STR("row"), error->place.line);
  json_member_int(w, STR("col"), error->place.column);
  json_end_object(w);
}

static void write_complaint(struct json_writer *w, struct complaint c)
{
  json_begin_object(w);
  json_member_string(w, STR("message"), c.message);
  if (c.rego) {
    json_member_string(w, STR("code"), str_from(rego_code_name(c.rego->code)));
    if (c.rego->place.line)
      write_location(w, c.rego);
    if (c.rego->line.len) {
      json_key(w, STR("details"));
      json_begin_object(w);
      json_member_string(w, STR("line"), c.rego->line);
      json_member_int(w, STR("idx"), c.rego->place.column ? c.rego->place.column - 1 : 0);
      json_end_object(w);
    }
  }
  json_end_object(w);
}

void policy_source_write_errors_json(const struct policy_source *source, const struct error *err,
                                     struct json_writer *w)
{
  size_t count = complaint_count(source, err);
  json_begin_array(w);
  for (size_t i = 0; i < count; i++)
    write_complaint(w, complaint_at(source, err, i));
  json_end_array(w);
}
