/*
 * Annotations on a pull request: workflow commands in the log of a GitHub Actions job
 * (docs.github.com, "Workflow commands for GitHub Actions").
 */
#include "report/report_int.h"
#include "report/text.h"

enum { LINES_MAX = 20 }; /* vulnerabilities that an annotation of a package lists */

/* A command ends with its line; in properties ':' and ',' end something too. Percent signs lead the
 * escapes. Control characters are shown, since the log is read in terminals. */
static void add_data(struct buf *out, struct str text, bool property)
{
  for (size_t at = 0; at < text.len;) {
    char c = text.data[at];
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
      buf_printf(out, "%%%02X", (unsigned char)c);
      at++;
      continue;
    }
    struct text_cell cell = text_cell_at(text, at, true);
    buf_add(out, c == '\t' ? STR("\t") : str_make(cell.shown, cell.len));
    at += cell.taken;
  }
}

static const char *level_of(enum severity severity)
{
  if (severity >= SEVERITY_HIGH)
    return "error";
  return severity == SEVERITY_MEDIUM ? "warning" : "notice";
}

static void begin_command(struct buf *b, const char *level, struct str file, uint32_t line,
                          uint32_t column, struct str title)
{
  buf_add_text(b, "::");
  buf_add_text(b, level);
  buf_add_byte(b, ' ');
  file = report_path(file);
  if (file.len && !str_eq(file, STR("-"))) {
    buf_add_text(b, "file=");
    add_data(b, file, true);
    if (line)
      buf_printf(b, ",line=%u", line);
    if (line && column)
      buf_printf(b, ",col=%u", column);
    buf_add_byte(b, ',');
  }
  buf_add_text(b, "title=");
  add_data(b, title, true);
  buf_add_text(b, "::");
}

static void add_finding(struct buf *b, const struct finding *f)
{
  _cleanup_(buf_free) struct buf text = {0};
  buf_add(&text, f->rule->title);
  buf_printf(&text, " (%.*s)", STR_FMT(f->rule->id));
  /* What is in an image is in no file of the repository. */
  struct str file = report_in_image(f) ? STR_EMPTY : f->location.file;
  begin_command(b, level_of(f->severity), file, f->location.line, f->location.column,
                buf_str(&text));
  buf_clear(&text);
  report_subject(&text, &f->subject);
  if (text.len)
    buf_add_text(&text, ": ");
  if (report_in_image(f) && f->location.file.len && !str_eq(f->location.file, f->subject.name)) {
    buf_add(&text, f->location.file);
    if (f->location.line)
      buf_printf(&text, ":%u", f->location.line);
    buf_add_text(&text, ": ");
  }
  buf_add(&text, f->message.len ? f->message : f->rule->title);
  struct str remedy = finding_remedy(f);
  if (remedy.len) {
    buf_add_text(&text, "\nFix: ");
    buf_add(&text, remedy);
  }
  add_data(b, buf_str(&text), false);
  buf_add_byte(b, '\n');
}

/* "openssl 3.0.11-1: 1 critical, 2 high (Image web.tar)" */
static void group_title(struct buf *title, const struct package_group *group)
{
  _cleanup_(buf_free) struct buf subject = {0};
  report_subject(&subject, &group->first->subject);
  buf_printf(title, "%.*s %.*s: ", STR_FMT(package_group_name(group)),
             STR_FMT(group->first->package->version));
  report_counts(title, group->counts);
  if (subject.len)
    buf_printf(title, " (%.*s)", STR_FMT(buf_str(&subject)));
}

/* "high CVE-2024-5535, fixed in 3.0.15-1, exploited: title" */
static void group_line(struct buf *text, const struct finding *f)
{
  _cleanup_(buf_free) struct buf urgency = {0};
  struct str title = report_vulnerability_title(f), fix = package_fix(f);
  buf_printf(text, "%.*s %.*s", STR_FMT(severity_name(f->severity)), STR_FMT(f->rule->id));
  if (fix.len)
    buf_printf(text, ", %s%.*s", f->package->fixed.len ? "fixed in " : "", STR_FMT(fix));
  report_urgency(&urgency, f->package);
  if (urgency.len)
    buf_printf(text, ", %.*s", STR_FMT(buf_str(&urgency)));
  if (title.len)
    buf_printf(text, ": %.*s", STR_FMT(title));
}

/* One annotation for what one upgrade mends: a step shows ten of each level. */
static void add_group(struct buf *b, const struct package_group *group)
{
  _cleanup_(buf_free) struct buf title = {0}, text = {0};
  struct str path = package_group_path(group);
  size_t count = group->findings.count;
  group_title(&title, group);
  begin_command(b, level_of(group->worst), STR_EMPTY, 0, 0, buf_str(&title));
  if (path.len)
    buf_printf(&text, "%.*s\n", STR_FMT(path));
  for (size_t i = 0; i < count && i < LINES_MAX; i++) {
    buf_add_text(&text, i ? "\n" : "");
    group_line(&text, group->findings.items[i]);
  }
  if (count > LINES_MAX)
    buf_printf(&text, "\nand %zu more", count - LINES_MAX);
  add_data(b, buf_str(&text), false);
  buf_add_byte(b, '\n');
}

static void add_packages(struct sink *out, const struct report_options *options,
                         const struct report_file *file)
{
  struct package_groups groups;
  package_groups_make(&groups, options, file->findings);
  for (size_t i = 0; i < groups.list.count; i++) {
    add_group(&out->buf, &groups.list.items[i]);
    sink_settle(out);
  }
  package_groups_free(&groups);
}

static void github_begin(void *state, struct sink *out, const struct report_options *options)
{
}

static void github_file(void *state, struct sink *out, const struct report_options *options,
                        const struct report_file *file)
{
  add_packages(out, options, file);
  for (size_t i = 0; file->findings && i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    if (f->package || f->state != FINDING_OPEN || !report_shows(options, f))
      continue;
    add_finding(&out->buf, f);
    sink_settle(out);
  }
  for (size_t i = 0; i < file->error_count; i++) {
    const struct report_error *e = &file->errors[i];
    begin_command(&out->buf, "error", e->file, e->line, e->column, STR("Not judged"));
    add_data(&out->buf, report_error_message(e), false);
    buf_add_byte(&out->buf, '\n');
    sink_settle(out);
  }
}

static void github_end(void *state, struct sink *out, const struct report_options *options,
                       const struct report_summary *summary)
{
  buf_add_text(&out->buf, "seawall: ");
  report_verdict(&out->buf, options, summary);
  buf_add_byte(&out->buf, '\n');
}

const struct report_format report_format_github = {
    .name = "github",
    .description = "annotations on the changed lines, in GitHub Actions",
    .size = 1,
    .begin = github_begin,
    .file = github_file,
    .end = github_end,
};
