#include "report/report.h"

#include "report/report_int.h"

#include <inttypes.h>

const struct report_format *const report_formats[] = {
    &report_format_table,
    &report_format_json,
    &report_format_sarif,
    &report_format_junit,
    &report_format_markdown,
    &report_format_github,
    NULL,
};

const struct report_format *report_format_find(struct str name)
{
  for (const struct report_format *const *f = report_formats; *f; f++)
    if (str_eq(name, str_from((*f)->name)))
      return *f;
  return NULL;
}

struct report {
  const struct report_format *format;
  struct report_options options;
  struct sink *out;
  void *state;
};

struct report *report_new(const struct report_format *format, const struct report_options *options,
                          struct sink *out)
{
  struct report *r = mem_zalloc(1, sizeof *r);
  r->format = format;
  r->options = *options;
  r->out = out;
  r->state = mem_zalloc(1, format->size);
  format->begin(r->state, out, &r->options);
  sink_settle(out);
  return r;
}

void report_file(struct report *r, const struct report_file *file)
{
  r->format->file(r->state, r->out, &r->options, file);
  sink_settle(r->out);
}

int report_end(struct report *r, const struct report_summary *summary, struct error *err)
{
  r->format->end(r->state, r->out, &r->options, summary);
  return sink_flush(r->out, err);
}

void report_free(struct report *r)
{
  if (!r)
    return;
  if (r->format->release)
    r->format->release(r->state);
  mem_free(r->state);
  mem_free(r);
}

bool report_shows(const struct report_options *options, const struct finding *f)
{
  /* That nobody has rated a vulnerability yet says nothing in its favour. */
  bool unrated = f->package && f->severity == SEVERITY_UNKNOWN;
  return f->severity >= options->show_from || (unrated && options->show_from <= SEVERITY_LOW);
}

void report_subject(struct buf *out, const struct subject *s)
{
  buf_add(out, s->kind);
  if (s->name.len || s->namespace.len) {
    if (s->kind.len)
      buf_add_byte(out, ' ');
    buf_add(out, s->namespace);
    if (s->namespace.len)
      buf_add_byte(out, '/');
    buf_add(out, s->name);
  }
  if (s->container.len) {
    buf_add_text(out,
                 s->kind.len || s->name.len || s->namespace.len ? ", container " : "container ");
    buf_add(out, s->container);
  }
}

uint64_t report_sum(const uint64_t counts[SEVERITY_COUNT])
{
  uint64_t sum = 0;
  for (int i = 0; i < SEVERITY_COUNT; i++)
    sum += counts[i];
  return sum;
}

void report_counts(struct buf *out, const uint64_t counts[SEVERITY_COUNT])
{
  const char *between = "";
  for (int i = SEVERITY_COUNT - 1; i >= 0; i--) {
    if (!counts[i])
      continue;
    buf_add_text(out, between);
    buf_add_u64(out, counts[i]);
    buf_add_byte(out, ' ');
    buf_add(out, severity_name((enum severity)i));
    between = ", ";
  }
}

void report_plural(struct buf *out, uint64_t number, const char *singular, const char *plural)
{
  buf_add_u64(out, number);
  buf_add_byte(out, ' ');
  buf_add_text(out, number == 1 ? singular : plural);
}

void report_judged(struct buf *out, const struct report_options *options,
                   const struct report_summary *summary)
{
  buf_add_u64(out, summary->judged);
  buf_add_text(out, " of ");
  if (options->packages)
    report_plural(out, summary->objects, "package", "packages");
  else
    report_plural(out, summary->objects, "object", "objects");
}

void report_files(struct buf *out, const struct report_options *options, uint64_t files)
{
  if (options->packages)
    report_plural(out, files, "target", "targets");
  else
    report_plural(out, files, "file", "files");
}

static void say_failing(struct buf *out, const struct report_options *options,
                        const struct report_summary *summary)
{
  struct str threshold = severity_name(options->fail_on);
  if (summary->failing)
    report_plural(out, summary->failing, "finding", "findings");
  else
    buf_add_text(out, "no findings");
  /* Everything reaches unknown, the lowest. */
  bool besides = options->fail_exploited || options->fail_epss;
  if (besides)
    buf_add_text(out, summary->failing == 1 ? " that fails the run" : " that fail the run");
  else if (options->fail_on != SEVERITY_UNKNOWN)
    buf_printf(out, " at or above %.*s", STR_FMT(threshold));
  buf_printf(out, " (--fail-on %.*s)",
             STR_FMT(options->fail_text.len && besides ? options->fail_text : threshold));
  /* Unrated is not harmless: who reads "no findings" must learn what the threshold left out. */
  uint64_t unrated = summary->counts.open[SEVERITY_UNKNOWN];
  if (unrated && !besides && options->fail_on != SEVERITY_UNKNOWN)
    buf_printf(out, "; %" PRIu64 " that nobody has rated %s not counted", unrated,
               unrated == 1 ? "is" : "are");
}

void report_verdict(struct buf *out, const struct report_options *options,
                    const struct report_summary *summary)
{
  if (summary->errors) {
    report_plural(out, summary->errors, "error", "errors");
    buf_add_text(out, ": not everything could be judged; ");
  }
  if (options->fail_never)
    buf_add_text(out, "findings do not fail the run (--fail-on never)");
  else if (summary->judged == 0 && report_sum(summary->counts.open) == 0 && options->nothing.len)
    buf_add(out, options->nothing);
  else if (summary->judged == 0 && report_sum(summary->counts.open) == 0)
    buf_add_text(out, !options->packages
                          ? "nothing was judged: no object that holds a pod was found"
                      : summary->objects ? "no package could be judged"
                                         : "no package was found");
  else
    say_failing(out, options, summary);
}

struct str report_error_message(const struct report_error *e)
{
  if (e->file.len && str_starts(e->message, e->file) &&
      str_starts(str_sub(e->message, e->file.len, 2), STR(": ")))
    return str_sub(e->message, e->file.len + 2, e->message.len);
  return e->message;
}

void report_hold(struct held *errors, struct held *skips, const struct report_file *file)
{
  for (size_t i = 0; errors && i < file->error_count; i++) {
    const struct report_error *e = &file->errors[i];
    held_add(errors, e->file, e->line, e->column, report_error_message(e));
  }
  for (size_t i = 0; skips && i < file->skip_count; i++) {
    const struct report_skip *skip = &file->skips[i];
    held_add(skips, skip->file, skip->line, 0, skip->reason);
  }
}

struct str report_path(struct str path)
{
  while (path.len > 2 && path.data[0] == '.' && path.data[1] == '/') {
    path = str_sub(path, 2, path.len);
    while (path.len > 1 && path.data[0] == '/')
      path = str_sub(path, 1, path.len);
  }
  return path;
}
