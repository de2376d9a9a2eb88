/*
 * JUnit XML, as continuous integration servers read it: a suite for each file, in it a case for each
 * finding (failed, or skipped if it is excepted), each error and each part that was left out; a file
 * without any of them has one case, which passed.
 *
 * Characters that XML 1.0 cannot hold are written as escapes (report/text.h).
 */
#include "report/report_int.h"
#include "report/text.h"

static void add_xml(struct buf *out, struct str text, bool attribute)
{
  for (size_t at = 0; at < text.len;) {
    char c = text.data[at];
    struct text_cell cell = text_cell_at(text, at, true);
    at += cell.taken;
    switch (c) {
    case '&':
      buf_add_text(out, "&amp;");
      break;
    case '<':
      buf_add_text(out, "&lt;");
      break;
    case '>':
      buf_add_text(out, "&gt;");
      break;
    case '"':
      buf_add_text(out, "&quot;");
      break;
    case '\n':
    case '\t':
      if (attribute)
        buf_printf(out, "&#%d;", c);
      else
        buf_add_byte(out, c);
      break;
    default:
      buf_add(out, str_make(cell.shown, cell.len));
    }
  }
}

static void add_attribute(struct buf *out, const char *name, struct str text)
{
  buf_printf(out, " %s=\"", name);
  add_xml(out, text, true);
  buf_add_byte(out, '"');
}

static void begin_case(struct buf *b, struct str name, struct str class, struct str file,
                       uint32_t line)
{
  buf_add_text(b, "    <testcase");
  add_attribute(b, "name", name);
  add_attribute(b, "classname", class);
  add_attribute(b, "file", file);
  if (line)
    buf_printf(b, " line=\"%u\"", line);
}

static void case_name(struct buf *name, const struct finding *f)
{
  buf_add(name, f->rule->id);
  if (f->package) {
    buf_printf(name, ": %.*s %.*s", STR_FMT(f->package->name), STR_FMT(f->package->version));
    return;
  }
  _cleanup_(buf_free) struct buf subject = {0};
  report_subject(&subject, &f->subject);
  if (subject.len) {
    buf_add_text(name, ": ");
    buf_add(name, buf_str(&subject));
  }
}

static void add_excepted(struct buf *b, const struct finding *f)
{
  _cleanup_(buf_free) struct buf reason = {0};
  buf_add_text(&reason, "accepted: ");
  buf_add(&reason, f->exception_reason);
  if (f->exception_until.len) {
    buf_add_text(&reason, " (until ");
    buf_add(&reason, f->exception_until);
    buf_add_byte(&reason, ')');
  }
  buf_add_text(b, ">\n      <skipped");
  add_attribute(b, "message", buf_str(&reason));
  buf_add_text(b, "/>\n    </testcase>\n");
}

static void add_failure(struct buf *b, const struct finding *f)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_add(&text, f->location.file);
  if (f->location.line)
    buf_printf(&text, ":%u", f->location.line);
  if (f->location.line && f->location.column)
    buf_printf(&text, ":%u", f->location.column);
  buf_add_text(&text, ": ");
  buf_add(&text, f->rule->title);
  buf_add_byte(&text, '\n');
  if (f->message.len) {
    buf_add(&text, f->message);
    buf_add_byte(&text, '\n');
  }
  if (f->package && f->package->purl.len) {
    buf_add(&text, f->package->purl);
    buf_add_byte(&text, '\n');
  }
  struct str remedy = finding_remedy(f);
  if (remedy.len) {
    buf_add_text(&text, "Fix: ");
    buf_add(&text, remedy);
    buf_add_byte(&text, '\n');
  }
  buf_add_text(b, ">\n      <failure");
  add_attribute(b, "type", severity_name(f->severity));
  add_attribute(b, "message", f->message.len ? f->message : f->rule->title);
  buf_add_byte(b, '>');
  add_xml(b, buf_str(&text), false);
  buf_add_text(b, "</failure>\n    </testcase>\n");
}

static void add_finding(struct buf *b, const struct finding *f)
{
  _cleanup_(buf_free) struct buf name = {0};
  case_name(&name, f);
  struct str image = report_in_image(f) ? f->subject.name : STR_EMPTY;
  begin_case(b, buf_str(&name), image.len ? image : f->location.file, f->location.file,
             f->location.line);
  if (f->state == FINDING_MENDED)
    buf_add_text(b, "/>\n");
  else if (f->state == FINDING_EXCEPTED)
    add_excepted(b, f);
  else
    add_failure(b, f);
}

static void add_error(struct buf *b, const struct report_error *e)
{
  begin_case(b, STR("can be judged"), e->file, e->file, e->line);
  buf_add_text(b, ">\n      <error type=\"error\"");
  add_attribute(b, "message", report_error_message(e));
  buf_add_text(b, "/>\n    </testcase>\n");
}

static void add_skip(struct buf *b, const struct report_skip *skip)
{
  begin_case(b, STR("is judged"), skip->file, skip->file, skip->line);
  buf_add_text(b, ">\n      <skipped");
  add_attribute(b, "message", skip->reason);
  buf_add_text(b, "/>\n    </testcase>\n");
}

struct case_counts {
  size_t findings, excepted, mended;
};

static struct case_counts count_cases(const struct report_options *options,
                                      const struct report_file *file)
{
  struct case_counts counts = {0};
  for (size_t i = 0; file->findings && i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    if (!report_shows(options, f))
      continue;
    counts.findings++;
    counts.excepted += f->state == FINDING_EXCEPTED;
    counts.mended += f->state == FINDING_MENDED;
  }
  return counts;
}

static void junit_begin(void *state, struct sink *out, const struct report_options *options)
{
  buf_add_text(&out->buf, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
  add_attribute(&out->buf, "name", STR("seawall"));
  buf_add_text(&out->buf, ">\n");
}

static void junit_file(void *state, struct sink *out, const struct report_options *options,
                       const struct report_file *file)
{
  struct buf *b = &out->buf;
  struct case_counts counts = count_cases(options, file);
  size_t told = counts.findings + file->error_count + file->skip_count;
  buf_add_text(b, "  <testsuite");
  add_attribute(b, "name", file->path);
  buf_printf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
             told ? told : 1, counts.findings - counts.excepted - counts.mended, file->error_count,
             counts.excepted + file->skip_count);
  for (size_t i = 0; file->findings && i < file->findings->count; i++)
    if (report_shows(options, &file->findings->items[i])) {
      add_finding(b, &file->findings->items[i]);
      sink_settle(out);
    }
  for (size_t i = 0; i < file->error_count; i++) {
    add_error(b, &file->errors[i]);
    sink_settle(out);
  }
  for (size_t i = 0; i < file->skip_count; i++) {
    add_skip(b, &file->skips[i]);
    sink_settle(out);
  }
  if (told == 0) {
    begin_case(b, STR("has no findings"), file->path, file->path, 0);
    buf_add_text(b, "/>\n");
  }
  buf_add_text(b, "  </testsuite>\n");
}

static void junit_end(void *state, struct sink *out, const struct report_options *options,
                      const struct report_summary *summary)
{
  buf_add_text(&out->buf, "</testsuites>\n");
}

const struct report_format report_format_junit = {
    .name = "junit",
    .description = "JUnit XML: a suite for each file, a failed case for each finding",
    .size = 1,
    .begin = junit_begin,
    .file = junit_file,
    .end = junit_end,
};
