/* The report for people: docs/report.md. */
#include "report/controls.h"
#include "report/excerpt.h"
#include "report/pen_int.h"
#include "report/report_int.h"

enum {
  WIDTH_MIN = 40,
  SOURCE_COLUMNS = 160,    /* of a quoted line, where the width is not limited */
  PARAGRAPH_COLUMNS = 100, /* of running text at most: longer lines are hard to read */
  SKIPS_SHOWN = 20,
  SKIP_REASONS = 64, /* different reasons that are told apart */
};

struct skip_place {
  struct str file;
  uint32_t line;
};

struct skip_group {
  struct str reason;
  uint64_t count;
  struct skip_place places[SKIPS_SHOWN];
};

struct table_state {
  struct held errors;
  struct arena skip_arena;
  struct map skip_numbers; /* reason to index in skips */
  VEC(struct skip_group) skips;
  /* of the file under way: groups of findings that differ in their place alone */
  struct arena keys;
  struct map groups; /* key to the number of the last finding */
  VEC(uint32_t)
  next; /* the finding that follows in the group; 0: none (none follows on the first) */
  VEC(uint32_t) heads;
  struct source source;
  struct buf quoted; /* the line of text quoted last, as it was shown */
  struct arena remedy_arena;
  struct map remedies; /* ids of rules whose remedy was shown in full */
};

static struct pen pen_for(struct sink *out, const struct report_options *options)
{
  unsigned width = options->width;
  if (width && width < WIDTH_MIN)
    width = WIDTH_MIN;
  if (width > PARAGRAPH_COLUMNS)
    width = PARAGRAPH_COLUMNS;
  return (struct pen){&out->buf, options, width};
}

static unsigned quote_columns(const struct report_options *options, unsigned gutter)
{
  if (options->width == 0)
    return SOURCE_COLUMNS;
  unsigned width = options->width < WIDTH_MIN ? WIDTH_MIN : options->width;
  return width > gutter ? width - gutter : 1;
}

static void add_painted(const struct pen *p, const char *color, const char *text)
{
  paint(p, color);
  buf_add_text(p->b, text);
  unpaint(p);
}

/* A text of one line, wrapped. Line ends in it become spaces: lines of its own would let a name pass
 * for a part of the report. */
static void add_line(const struct pen *p, struct str text, unsigned indent)
{
  _cleanup_(buf_free) struct buf visible = {0};
  text_add_visible(&visible, text, p->o->unicode);
  text_add_wrapped(p->b, buf_str(&visible), indent, p->width, true);
}

static void add_place(const struct pen *p, struct str file, uint32_t line, uint32_t column)
{
  add_visible(p, str_eq(file, STR("-")) ? STR("standard input") : file);
  if (line)
    buf_printf(p->b, ":%u", line);
  if (line && column)
    buf_printf(p->b, ":%u", column);
}

/* ---- Findings of one file ---- */

static void add_part(struct buf *key, struct str part)
{
  buf_add_u64(key, part.len);
  buf_add_byte(key, ':');
  buf_add(key, part);
}

/* Findings with the same key are shown as one: the same fault in one object, at several places. */
static void group_key(struct buf *key, const struct finding *f)
{
  buf_clear(key);
  buf_printf(key, "%d/%u/", (int)f->severity, f->location.document);
  add_part(key, f->rule->id);
  add_part(key, f->location.file);
  add_part(key, f->subject.api_version);
  add_part(key, f->subject.kind);
  add_part(key, f->subject.namespace);
  add_part(key, f->subject.name);
  add_part(key, finding_remedy(f));
}

static void group_findings(struct table_state *s, const struct report_options *options,
                           const struct finding_list *findings)
{
  _cleanup_(buf_free) struct buf key = {0};
  arena_reset(&s->keys);
  map_clear(&s->groups);
  vec_clear(&s->next);
  vec_clear(&s->heads);
  for (size_t i = 0; i < findings->count; i++) {
    vec_push(&s->next, 0);
    const struct finding *f = &findings->items[i];
    if (f->package || f->state != FINDING_OPEN || !report_shows(options, f))
      continue;
    group_key(&key, f);
    bool added;
    uint64_t *last = &map_put(&s->groups, buf_str(&key), &added)->number;
    if (added)
      vec_push(&s->heads, (uint32_t)i);
    else
      s->next.items[*last] = (uint32_t)i;
    *last = i;
  }
}

static bool is_shown(const struct report_options *options, const struct finding *f)
{
  return f->state == FINDING_OPEN && report_shows(options, f);
}

static void add_file_heading(const struct pen *p, const struct report_file *file)
{
  uint64_t counts[SEVERITY_COUNT] = {0};
  for (size_t i = 0; i < file->findings->count; i++)
    counts[file->findings->items[i].severity] += is_shown(p->o, &file->findings->items[i]);
  paint(p, "1;4");
  add_place(p, file->path, 0, 0);
  unpaint(p);
  _cleanup_(buf_free) struct buf told = {0};
  report_counts(&told, counts);
  size_t wanted = text_width(file->path, p->o->unicode) + 5 + told.len;
  if (p->width && wanted > p->width)
    buf_add_text(p->b, "\n  ");
  else
    buf_add_text(p->b, p->o->unicode ? "  \xe2\x80\x94  " : "  -  ");
  text_add_wrapped(p->b, buf_str(&told), 2, p->width, false);
  buf_add_text(p->b, "\n\n");
}

/* "high: Containers run privileged [pss-privileged]" */
static void add_title(const struct pen *p, const struct finding *f)
{
  struct str severity = severity_name(f->severity);
  paint(p, pen_severity_colors[f->severity]);
  buf_add(p->b, severity);
  unpaint(p);
  buf_add_text(p->b, ": ");
  unsigned indent = (unsigned)severity.len + 2;
  size_t width = text_width(f->rule->title, p->o->unicode), id = f->rule->id.len + 2;
  paint(p, "1");
  add_line(p, f->rule->title, indent);
  unpaint(p);
  if (p->width && indent + width + 1 + id > p->width) {
    buf_add_byte(p->b, '\n');
    buf_add_repeat(p->b, ' ', indent);
  } else {
    buf_add_byte(p->b, ' ');
  }
  paint(p, "2");
  buf_add_byte(p->b, '[');
  add_visible(p, f->rule->id);
  buf_add_byte(p->b, ']');
  unpaint(p);
  buf_add_byte(p->b, '\n');
}

/* "  at deploy/web.yaml:14:7  Deployment shop/web, container app" */
static void add_where(const struct pen *p, const struct finding *f, bool several)
{
  _cleanup_(buf_free) struct buf place = {0}, subject = {0};
  struct subject about = f->subject;
  if (several)
    about.container = STR_EMPTY;
  /* An image is its own place. */
  if (report_in_image(f) && str_eq(about.name, f->location.file))
    about = (struct subject){0};
  report_subject(&subject, &about);
  struct pen aside = *p;
  aside.b = &place;
  add_place(&aside, f->location.file, f->location.line, f->location.column);
  paint(p, "34");
  buf_add_text(p->b, p->o->unicode ? "  \xe2\x86\x92 " : "  > ");
  unpaint(p);
  buf_add(p->b, buf_str(&place));
  struct str text = buf_str(&subject);
  if (text.len) {
    size_t wanted = 4 + text_width(buf_str(&place), true) + 2 + text_width(text, p->o->unicode);
    buf_add_text(p->b, p->width && wanted > p->width ? "\n    " : "  ");
    add_line(p, text, 4);
  }
  buf_add_byte(p->b, '\n');
}

static void add_gutter(const struct pen *p, uint32_t line, unsigned digits)
{
  paint(p, "34");
  if (line)
    buf_printf(p->b, "%*u", (int)digits, line);
  else
    buf_add_repeat(p->b, ' ', digits);
  buf_add_text(p->b, p->o->unicode ? " \xe2\x94\x82 " : " | ");
  unpaint(p);
}

/* What a place says besides its source: the message, led by the container where several are shown
 * together and the message does not name it. */
static void place_label(struct buf *label, const struct finding *f, bool several)
{
  struct str container = f->subject.container;
  if (several && container.len && str_find(f->message, 0, container) < 0) {
    buf_add_text(label, "container ");
    buf_add(label, container);
    if (f->message.len)
      buf_add_text(label, ": ");
  }
  buf_add(label, f->message);
}

static void add_label_below(const struct pen *p, struct str label, unsigned indent)
{
  if (label.len == 0)
    return;
  buf_add_repeat(p->b, ' ', indent);
  add_line(p, label, indent);
  buf_add_byte(p->b, '\n');
}

/* Shows the line, unless it was the last one shown already. */
static struct excerpt quote_line(const struct pen *p, struct table_state *s,
                                 const struct finding *f, size_t at, unsigned digits)
{
  _cleanup_(buf_free) struct buf line = {0};
  size_t token = source_token(&s->source, at, f->evidence);
  struct excerpt e =
      excerpt_add(&line, &s->source, at, token, quote_columns(p->o, digits + 3), p->o->unicode);
  buf_printf(&line, "\n%u", f->location.line);
  if (str_eq(buf_str(&line), buf_str(&s->quoted)))
    return e;
  add_gutter(p, f->location.line, digits);
  struct str rest;
  buf_add(p->b, str_cut(buf_str(&line), '\n', &rest));
  buf_add_byte(p->b, '\n');
  buf_clear(&s->quoted);
  buf_add(&s->quoted, buf_str(&line));
  return e;
}

/* The line with a run under the value, and the label behind the run if it fits. */
static void add_quote(const struct pen *p, struct table_state *s, const struct finding *f,
                      size_t at, unsigned digits, struct str label)
{
  unsigned gutter = digits + 3;
  struct excerpt e = quote_line(p, s, f, at, digits);
  add_gutter(p, 0, digits);
  buf_add_repeat(p->b, ' ', e.from);
  paint(p, pen_severity_colors[f->severity]);
  buf_add_repeat(p->b, '^', e.to - e.from);
  unpaint(p);
  size_t wanted = gutter + e.to + 1 + text_width(label, p->o->unicode);
  bool beside = label.len && (p->width == 0 || wanted <= p->width);
  if (beside) {
    buf_add_byte(p->b, ' ');
    add_visible(p, label);
  }
  buf_add_byte(p->b, '\n');
  if (!beside)
    add_label_below(p, label, gutter);
}

static unsigned digits_of(uint32_t number)
{
  unsigned digits = 1;
  for (; number >= 10; number /= 10)
    digits++;
  return digits;
}

static bool same_place(const struct location *a, const struct location *b)
{
  return a->line == b->line && a->column == b->column;
}

static void add_places(const struct pen *p, struct table_state *s, struct sink *out,
                       const struct finding_list *findings, uint32_t head)
{
  const struct finding *items = findings->items;
  bool several = s->next.items[head] != 0;
  uint32_t most = 0;
  for (uint32_t n = head;; n = s->next.items[n]) {
    if (items[n].location.line > most)
      most = items[n].location.line;
    if (!s->next.items[n])
      break;
  }
  unsigned digits = digits_of(most) + 2;
  const struct finding *before = NULL;
  buf_clear(&s->quoted);
  for (uint32_t n = head;; n = s->next.items[n]) {
    const struct finding *f = &items[n];
    _cleanup_(buf_free) struct buf label = {0};
    place_label(&label, f, several);
    size_t at;
    if (before && same_place(&before->location, &f->location))
      add_label_below(p, buf_str(&label), digits + 3);
    else if (source_find(&s->source, f->location.line, f->location.column, &at))
      add_quote(p, s, f, at, digits, buf_str(&label));
    else
      add_label_below(p, buf_str(&label), 4);
    sink_settle(out);
    before = f;
    if (!s->next.items[n])
      break;
  }
}

/* Has the rule's remedy been shown? It is from now on. */
static bool was_shown(struct table_state *s, const struct rule *rule)
{
  bool added;
  map_put(&s->remedies, rule->id, &added);
  return !added;
}

/* The remedy of a rule with YAML to write is shown in full once; behind that, its first line. */
static void add_remedy(const struct pen *p, struct table_state *s, const struct finding *f)
{
  struct str remedy = str_trim(finding_remedy(f)), rest;
  if (remedy.len == 0)
    return;
  bool own = !str_eq(str_trim(f->rule->remedy), remedy);
  struct str first = str_cut(remedy, '\n', &rest);
  _cleanup_(buf_free) struct buf text = {0};
  if (!own && rest.data && was_shown(s, f->rule)) {
    first = str_trim(first);
    while (first.len && (first.data[first.len - 1] == ':' || first.data[first.len - 1] == '.'))
      first.len--;
    buf_add(&text, first);
    buf_add_text(&text, " (in full above)");
  } else {
    buf_add(&text, remedy);
  }
  buf_add_text(p->b, "  ");
  add_painted(p, "1;32", "fix:");
  buf_add_byte(p->b, ' ');
  text_add_wrapped(p->b, buf_str(&text), 7, p->width, p->o->unicode);
  buf_add_byte(p->b, '\n');
}

static void hold_skip(struct table_state *s, const struct report_skip *skip)
{
  struct str reason = skip->reason;
  if (s->skips.count >= SKIP_REASONS && !map_get(&s->skip_numbers, reason))
    reason = STR("other reasons");
  bool added;
  union map_value *value = map_put(&s->skip_numbers, reason, &added);
  if (added) {
    value->number = s->skips.count;
    struct skip_group *added_group = vec_add(&s->skips);
    added_group->reason = arena_copy(&s->skip_arena, reason);
  }
  struct skip_group *group = &s->skips.items[value->number];
  if (group->count < SKIPS_SHOWN)
    group->places[group->count] =
        (struct skip_place){arena_copy(&s->skip_arena, skip->file), skip->line};
  group->count++;
}

static void table_begin(void *state, struct sink *out, const struct report_options *options)
{
  struct table_state *s = state;
  arena_init(&s->skip_arena, 0);
  arena_init(&s->keys, 0);
  arena_init(&s->remedy_arena, 0);
  map_init(&s->remedies, &s->remedy_arena);
  map_init(&s->skip_numbers, &s->skip_arena);
  map_init(&s->groups, &s->keys);
}

static void add_notes(const struct pen *p, const struct report_file *file)
{
  for (size_t i = 0; i < file->note_count && !p->o->quiet; i++) {
    add_line(p, file->notes[i], 2);
    buf_add_byte(p->b, '\n');
  }
  if (file->note_count && !p->o->quiet)
    buf_add_byte(p->b, '\n');
}

static void table_file(void *state, struct sink *out, const struct report_options *options,
                       const struct report_file *file)
{
  struct table_state *s = state;
  report_hold(&s->errors, NULL, file);
  for (size_t i = 0; !options->quiet && i < file->skip_count; i++)
    hold_skip(s, &file->skips[i]);
  if (!file->findings || file->findings->count == 0)
    return;
  group_findings(s, options, file->findings);
  bool any = s->heads.count != 0;
  for (size_t i = 0; !any && i < file->findings->count; i++)
    any = is_shown(options, &file->findings->items[i]);
  if (!any)
    return;
  struct pen p = pen_for(out, options);
  add_file_heading(&p, file);
  add_notes(&p, file);
  report_packages(&p, out, file->findings, options->width);
  source_init(&s->source, file->text);
  for (size_t i = 0; i < s->heads.count; i++) {
    const struct finding *f = &file->findings->items[s->heads.items[i]];
    add_title(&p, f);
    add_where(&p, f, s->next.items[s->heads.items[i]] != 0);
    add_places(&p, s, out, file->findings, s->heads.items[i]);
    add_remedy(&p, s, f);
    buf_add_byte(p.b, '\n');
    sink_settle(out);
  }
  source_free(&s->source);
}

/* ---- The end ---- */

static void add_errors(const struct pen *p, struct sink *out, const struct held *errors)
{
  if (errors->count == 0)
    return;
  paint(p, "1;31");
  report_plural(p->b, errors->count, "error", "errors");
  unpaint(p);
  buf_add_text(p->b, ": these could not be judged\n\n");
  struct held_reader it = held_read(errors);
  struct held_record r;
  while (held_next(&it, &r)) {
    buf_add_text(p->b, "  ");
    paint(p, "1");
    add_place(p, r.file, r.line, r.column);
    unpaint(p);
    buf_add_text(p->b, "\n    ");
    add_line(p, r.text, 4);
    buf_add_byte(p->b, '\n');
    sink_settle(out);
  }
  held_read_end(&it);
  buf_add_byte(p->b, '\n');
}

/* How many places of each reason are listed, so that all reasons get a share of SKIPS_SHOWN. */
static uint64_t skips_shown(const struct table_state *s, const struct skip_group *group,
                            uint64_t all)
{
  if (all <= SKIPS_SHOWN)
    return group->count;
  uint64_t share = s->skips.count < SKIPS_SHOWN ? SKIPS_SHOWN / s->skips.count : 1;
  return group->count < share ? group->count : share;
}

static void add_skip_group(const struct pen *p, const struct skip_group *group, uint64_t shown)
{
  buf_add_text(p->b, "  ");
  _cleanup_(buf_free) struct buf heading = {0};
  buf_add_u64(&heading, group->count);
  buf_add_text(&heading, ": ");
  buf_add(&heading, group->reason);
  add_line(p, buf_str(&heading), 2);
  buf_add_byte(p->b, '\n');
  for (uint64_t i = 0; i < shown; i++) {
    buf_add_text(p->b, "    ");
    add_place(p, group->places[i].file, group->places[i].line, 0);
    buf_add_byte(p->b, '\n');
  }
  if (shown < group->count)
    buf_printf(p->b, "    and %llu more\n", (unsigned long long)(group->count - shown));
}

static void add_skips(const struct pen *p, const struct table_state *s)
{
  uint64_t all = 0, shown = 0;
  for (size_t i = 0; i < s->skips.count; i++)
    all += s->skips.items[i].count;
  if (all == 0)
    return;
  paint(p, "1");
  buf_printf(p->b, "%llu skipped", (unsigned long long)all);
  unpaint(p);
  buf_add_text(p->b, "\n\n");
  for (size_t i = 0; i < s->skips.count; i++) {
    uint64_t here = skips_shown(s, &s->skips.items[i], all);
    add_skip_group(p, &s->skips.items[i], here);
    shown += here;
  }
  if (shown < all)
    buf_add_text(p->b, "  All are listed by --format json.\n");
  buf_add_byte(p->b, '\n');
}

static void begin_row(const struct pen *p, const char *name)
{
  buf_printf(p->b, "  %-10s ", name);
}

enum { ROW_INDENT = 13 };

static void add_row(const struct pen *p, const char *name, const struct buf *text)
{
  begin_row(p, name);
  text_add_wrapped(p->b, buf_str(text), ROW_INDENT, p->width, p->o->unicode);
  buf_add_byte(p->b, '\n');
}

static uint64_t hidden(const struct report_options *options, const struct report_summary *summary)
{
  uint64_t sum = 0;
  for (int i = 0; i < (int)options->show_from; i++)
    sum += summary->counts.open[i];
  /* In packages what nobody has rated is shown (report_shows). */
  bool unrated_shown = options->packages && options->show_from <= SEVERITY_LOW;
  return unrated_shown && sum ? sum - summary->counts.open[SEVERITY_UNKNOWN] : sum;
}

static void add_finding_rows(const struct pen *p, const struct report_summary *summary)
{
  _cleanup_(buf_free) struct buf text = {0};
  if (report_sum(summary->counts.open))
    report_counts(&text, summary->counts.open);
  else
    buf_add_text(&text, "none");
  uint64_t below = hidden(p->o, summary);
  if (below)
    buf_printf(&text, " (%llu below %.*s not shown)", (unsigned long long)below,
               STR_FMT(severity_name(p->o->show_from)));
  add_row(p, "findings", &text);
  uint64_t excepted = report_sum(summary->counts.excepted);
  if (excepted == 0 && summary->exceptions_unused == 0)
    return;
  buf_clear(&text);
  report_plural(&text, excepted, "finding", "findings");
  if (summary->exceptions_unused) {
    buf_add_text(&text, "; ");
    report_plural(&text, summary->exceptions_unused, "exception covers nothing",
                  "exceptions cover nothing");
  }
  add_row(p, "excepted", &text);
}

static void add_judged_row(const struct pen *p, const struct report_summary *summary)
{
  _cleanup_(buf_free) struct buf text = {0};
  report_judged(&text, p->o, summary);
  buf_add_text(&text, " in ");
  report_files(&text, p->o, summary->files);
  if (summary->documents != summary->objects && !p->o->packages) {
    buf_add_text(&text, " (");
    report_plural(&text, summary->documents, "document", "documents");
    buf_add_byte(&text, ')');
  }
  add_row(p, "judged", &text);
}

static void add_number_row(const struct pen *p, const char *name, uint64_t number)
{
  if (number)
    buf_printf(p->b, "  %-10s %llu\n", name, (unsigned long long)number);
}

static void add_summary(const struct pen *p, const struct report_summary *summary)
{
  _cleanup_(buf_free) struct buf text = {0};
  add_painted(p, "1", "summary");
  if (p->o->policy.len) {
    buf_add_text(p->b, ": ");
    text_add_wrapped(p->b, p->o->policy, 2, p->width ? p->width - 9 : 0, p->o->unicode);
  }
  buf_add_text(p->b, "\n\n");
  add_finding_rows(p, summary);
  add_judged_row(p, summary);
  add_number_row(p, "errors", summary->errors);
  add_number_row(p, "skipped", summary->skipped);
  buf_add_byte(p->b, '\n');
  report_verdict(&text, p->o, summary);
  bool bad = summary->errors || summary->failing;
  paint(p, bad ? "1;31" : summary->judged ? "1;32" : "1");
  text_add_wrapped(p->b, buf_str(&text), 0, p->width, p->o->unicode);
  unpaint(p);
  buf_add_byte(p->b, '\n');
}

static void table_end(void *state, struct sink *out, const struct report_options *options,
                      const struct report_summary *summary)
{
  struct table_state *s = state;
  struct pen p = pen_for(out, options);
  add_errors(&p, out, &s->errors);
  if (options->quiet)
    return;
  add_skips(&p, s);
  for (size_t i = 0; i < summary->framework_count; i++) {
    controls_text(p.b, &summary->frameworks[i]);
    buf_add_byte(p.b, '\n');
  }
  add_summary(&p, summary);
}

static void table_release(void *state)
{
  struct table_state *s = state;
  held_free(&s->errors);
  map_free(&s->skip_numbers);
  map_free(&s->groups);
  map_free(&s->remedies);
  arena_free(&s->remedy_arena);
  buf_free(&s->quoted);
  arena_free(&s->skip_arena);
  arena_free(&s->keys);
  vec_free(&s->skips);
  vec_free(&s->next);
  vec_free(&s->heads);
}

const struct report_format report_format_table = {
    .name = "table",
    .description = "for people: findings by file, with the lines they are about",
    .size = sizeof(struct table_state),
    .begin = table_begin,
    .file = table_file,
    .end = table_end,
    .release = table_release,
};
