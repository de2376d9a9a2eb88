/*
 * A comment on a pull request: the summary first, then a table for each file.
 *
 * A comment has 65,536 characters at most, so the tables are kept until the
 * summary is known, and end when their share is full; what is missing is counted.
 */
#include "report/controls.h"
#include "report/report_int.h"
#include "report/text.h"

enum {
  DETAILS_MAX = 48 << 10,
  ROW_MAX = 2048,
  TEXT_MAX = 200, /* bytes of a name from a package or an advisory */
  TITLE_MAX = 200,
  NAMES_MAX = 6, /* packages of one source that are named */
};

struct markdown_state {
  struct buf details;
  struct buf problems; /* errors, as a list */
  uint64_t unlisted, unlisted_errors;
};

/* Prose from a rule: what would be read as markup or HTML, a mention or a reference is taken apart. */
static void add_prose(struct buf *out, struct str text)
{
  for (size_t at = 0; at < text.len;) {
    char c = text.data[at];
    if (c == '\n') {
      buf_add_text(out, "<br>");
      at++;
      while (at < text.len && (text.data[at] == ' ' || text.data[at] == '\t')) {
        buf_add_text(out, "&nbsp;");
        at++;
      }
      continue;
    }
    if (c == '&' || c == '<' || c == '>')
      buf_add_text(out, c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
    else if (c == '@' || c == '#')
      buf_printf(out, "%c<!-- -->", c);
    else if (c && strchr("\\`*_{}[]()|~!$", c))
      buf_printf(out, "\\%c", c);
    else
      text_add_visible(out, str_sub(text, at, text_cell_at(text, at, true).taken), true);
    at += text_cell_at(text, at, true).taken;
  }
}

/* Markup that would end a code span or a cell of a table, each in its own way. */
static bool needs_entities(struct str shown)
{
  for (size_t i = 0; i < shown.len; i++)
    if (shown.data[i] == '`' || shown.data[i] == '|' || shown.data[i] == '\\')
      return true;
  return str_trim(shown).len != shown.len;
}

static bool is_punctuation(char c)
{
  return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
         (c > 'z' && c < 0x7f);
}

/* Text from a manifest, as code: nothing in it is read as markup, and nobody is mentioned. */
static void add_code(struct buf *out, struct str text)
{
  if (text.len == 0)
    return;
  _cleanup_(buf_free) struct buf visible = {0};
  text_add_visible(&visible, text, true);
  struct str shown = buf_str(&visible);
  if (!needs_entities(shown)) {
    buf_add_byte(out, '`');
    buf_add(out, shown);
    buf_add_byte(out, '`');
    return;
  }
  /* A character given by its number never is markup (CommonMark, section 2.5). */
  buf_add_text(out, "<code>");
  for (size_t i = 0; i < shown.len; i++) {
    if (is_punctuation(shown.data[i]))
      buf_printf(out, "&#%d;", shown.data[i]);
    else
      buf_add_byte(out, shown.data[i]);
  }
  buf_add_text(out, "</code>");
}

static void add_file_heading(struct buf *out, struct str path)
{
  buf_add_text(out, "\n#### ");
  if (str_eq(path, STR("-")))
    buf_add_text(out, "standard input");
  else
    add_code(out, path);
  buf_add_byte(out, '\n');
}

/* What stands before the next row: headings that have not been written yet. */
struct headings {
  struct str path;
  bool file, table, package;
};

static void add_row(struct buf *row, const struct finding *f)
{
  _cleanup_(buf_free) struct buf subject = {0};
  report_subject(&subject, &f->subject);
  buf_printf(row, "| **%.*s** | ", STR_FMT(severity_name(f->severity)));
  if (f->location.line)
    buf_add_u64(row, f->location.line);
  buf_add_text(row, " | ");
  add_code(row, buf_str(&subject));
  buf_add_text(row, " | ");
  add_prose(row, f->rule->title);
  buf_add_text(row, " (");
  add_code(row, f->rule->id);
  buf_add_byte(row, ')');
  if (f->message.len) {
    buf_add_text(row, "<br>");
    add_code(row, f->message);
  }
  struct str remedy = finding_remedy(f);
  if (remedy.len) {
    buf_add_text(row, "<br>Fix: ");
    add_prose(row, remedy);
  }
  buf_add_text(row, " |\n");
}

/* A row without what may be long, for one that would fill the comment by itself. */
static void add_short_row(struct buf *row, const struct finding *f)
{
  buf_printf(row, "| **%.*s** | %u | | ", STR_FMT(severity_name(f->severity)), f->location.line);
  add_code(row, str_sub(f->rule->id, 0, 100));
  buf_add_text(row, " (too long to show here) |\n");
}

/* Whether there was room. */
static bool add_details(struct markdown_state *s, struct headings *told, struct str heading,
                        struct str row)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (!told->file)
    add_file_heading(&text, told->path);
  buf_add(&text, heading);
  buf_add(&text, row);
  if (s->unlisted || s->details.len + text.len > DETAILS_MAX) {
    s->unlisted++;
    return false;
  }
  told->file = true;
  buf_add(&s->details, buf_str(&text));
  return true;
}

static void add_finding(struct markdown_state *s, struct headings *told, const struct finding *f)
{
  _cleanup_(buf_free) struct buf row = {0};
  add_row(&row, f);
  if (row.len > ROW_MAX) {
    buf_clear(&row);
    add_short_row(&row, f);
  }
  struct str heading = told->table ? STR_EMPTY
                                   : STR("\n| severity | line | object | finding |\n"
                                         "|---|--:|---|---|\n");
  told->table |= add_details(s, told, heading, buf_str(&row));
}

/* "##### `openssl 3.0.11-1` (`libssl3`) Debian 12", and the head of a table */
static void add_package_heading(struct buf *out, const struct package_group *group)
{
  const struct finding_package *p = group->first->package;
  _cleanup_(buf_free) struct buf name = {0};
  struct str path = package_group_path(group);
  size_t names = group->names.count;
  buf_printf(&name, "%.*s %.*s", STR_FMT(package_group_name(group)), STR_FMT(p->version));
  buf_add_text(out, "\n##### ");
  add_code(out, str_sub(buf_str(&name), 0, TEXT_MAX));
  for (size_t i = 0; i < names && i < NAMES_MAX; i++) {
    buf_add_text(out, i ? ", " : " (");
    add_code(out, str_sub(group->names.items[i], 0, TEXT_MAX));
  }
  if (names > NAMES_MAX)
    buf_printf(out, " and %zu more", names - NAMES_MAX);
  buf_add_text(out, names ? "), " : ", ");
  add_prose(out, str_sub(p->ecosystem.len ? p->ecosystem : p->type, 0, TEXT_MAX));
  if (path.len) {
    buf_add_text(out, ", ");
    add_code(out, str_sub(path, 0, TEXT_MAX));
  }
  buf_add_text(out, "\n\n| severity | vulnerability | fixed in | |\n|---|---|---|---|\n");
}

static void add_vulnerability(struct buf *row, const struct finding *f)
{
  _cleanup_(buf_free) struct buf url = {0}, urgency = {0};
  struct str fix = package_fix(f), title = str_sub(report_vulnerability_title(f), 0, TITLE_MAX);
  bool page = !report_is_license(f) && report_rule_url(&url, f->rule, true) &&
              str_ends(buf_str(&url), f->rule->id);
  buf_printf(row, "| **%.*s** | ", STR_FMT(severity_name(f->severity)));
  buf_add_text(row, page ? "[" : "");
  add_code(row, str_sub(f->rule->id, 0, TEXT_MAX));
  if (page)
    buf_printf(row, "](%.*s)", STR_FMT(buf_str(&url)));
  buf_add_text(row, " | ");
  if (f->package->fixed.len)
    add_code(row, str_sub(fix, 0, TEXT_MAX));
  else
    add_prose(row, fix);
  buf_add_text(row, " | ");
  report_urgency(&urgency, f->package);
  if (urgency.len)
    buf_printf(row, "**%.*s**%s", STR_FMT(buf_str(&urgency)), title.len ? " " : "");
  add_prose(row, title);
  buf_add_text(row, " |\n");
}

static void add_package(struct markdown_state *s, struct headings *told,
                        const struct package_group *group)
{
  _cleanup_(buf_free) struct buf heading = {0}, row = {0};
  add_package_heading(&heading, group);
  told->package = false;
  for (size_t i = 0; i < group->findings.count; i++) {
    buf_clear(&row);
    add_vulnerability(&row, group->findings.items[i]);
    told->package |=
        add_details(s, told, told->package ? STR_EMPTY : buf_str(&heading), buf_str(&row));
  }
}

static void add_problem(struct markdown_state *s, const struct report_error *e)
{
  _cleanup_(buf_free) struct buf line = {0}, place = {0};
  buf_add(&place, e->file);
  if (e->line)
    buf_printf(&place, ":%u", e->line);
  if (e->line && e->column)
    buf_printf(&place, ":%u", e->column);
  buf_add_text(&line, "- ");
  add_code(&line, buf_str(&place));
  buf_add_byte(&line, ' ');
  add_code(&line, report_error_message(e));
  buf_add_byte(&line, '\n');
  if (s->unlisted_errors || s->problems.len + line.len > DETAILS_MAX / 8)
    s->unlisted_errors++;
  else
    buf_add(&s->problems, buf_str(&line));
}

static void markdown_begin(void *state, struct sink *out, const struct report_options *options)
{
}

static void markdown_file(void *state, struct sink *out, const struct report_options *options,
                          const struct report_file *file)
{
  struct markdown_state *s = state;
  struct headings told = {.path = file->path};
  struct package_groups groups;
  package_groups_make(&groups, options, file->findings);
  for (size_t i = 0; i < groups.list.count; i++)
    add_package(s, &told, &groups.list.items[i]);
  package_groups_free(&groups);
  for (size_t i = 0; file->findings && i < file->findings->count; i++) {
    const struct finding *f = &file->findings->items[i];
    if (!f->package && f->state == FINDING_OPEN && report_shows(options, f))
      add_finding(s, &told, f);
  }
  for (size_t i = 0; i < file->error_count; i++)
    add_problem(s, &file->errors[i]);
}

static void add_counts(struct buf *b, const struct finding_counts *counts)
{
  buf_add_text(b, "| severity | open | excepted |\n|---|--:|--:|\n");
  for (int i = SEVERITY_COUNT - 1; i >= 0; i--)
    if (counts->open[i] || counts->excepted[i])
      buf_printf(b, "| %.*s | %llu | %llu |\n", STR_FMT(severity_name((enum severity)i)),
                 (unsigned long long)counts->open[i], (unsigned long long)counts->excepted[i]);
  buf_add_byte(b, '\n');
}

static void add_scope(struct buf *b, const struct report_options *options,
                      const struct report_summary *summary)
{
  report_judged(b, options, summary);
  buf_add_text(b, " judged in ");
  report_files(b, options, summary->files);
  buf_add_text(b, ", ");
  report_plural(b, summary->errors, "error", "errors");
  buf_printf(b, ", %llu skipped.", (unsigned long long)summary->skipped);
  if (options->policy.len) {
    buf_add_text(b, " Held against ");
    add_prose(b, options->policy);
    buf_add_byte(b, '.');
  }
  buf_add_byte(b, '\n');
}

static void add_unlisted(struct buf *b, uint64_t number, const char *singular, const char *plural)
{
  if (number == 0)
    return;
  buf_add_text(b, "\n");
  report_plural(b, number, singular, plural);
  buf_add_text(b, " not listed here, for want of room: `--format json` lists all.\n");
}

static void markdown_end(void *state, struct sink *out, const struct report_options *options,
                         const struct report_summary *summary)
{
  struct markdown_state *s = state;
  struct buf *b = &out->buf;
  buf_add_text(b, "## seawall: ");
  if (report_sum(summary->counts.open))
    report_counts(b, summary->counts.open);
  else
    buf_add_text(b, "no findings");
  buf_add_text(b, "\n\n**");
  report_verdict(b, options, summary);
  buf_add_text(b, "**\n\n");
  if (report_sum(summary->counts.open) || report_sum(summary->counts.excepted))
    add_counts(b, &summary->counts);
  add_scope(b, options, summary);
  for (size_t i = 0; i < summary->framework_count; i++)
    controls_markdown(b, &summary->frameworks[i]);
  if (s->problems.len) {
    buf_add_text(b, "\n### Not judged\n\n");
    buf_add(b, buf_str(&s->problems));
    add_unlisted(b, s->unlisted_errors, "error is", "errors are");
  }
  if (s->details.len) {
    buf_add_text(b, "\n### Findings\n");
    buf_add(b, buf_str(&s->details));
  }
  add_unlisted(b, s->unlisted, "finding is", "findings are");
}

static void markdown_release(void *state)
{
  struct markdown_state *s = state;
  buf_free(&s->details);
  buf_free(&s->problems);
}

const struct report_format report_format_markdown = {
    .name = "markdown",
    .description = "a comment for a pull request: summary, and a table for each file",
    .size = sizeof(struct markdown_state),
    .begin = markdown_begin,
    .file = markdown_file,
    .end = markdown_end,
    .release = markdown_release,
};
