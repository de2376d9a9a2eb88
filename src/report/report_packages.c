/* Vulnerable packages in the report for people: a heading for each, a line for each vulnerability. */
#include "report/pen_int.h"
#include "report/report_int.h"

enum {
  TITLE_MIN = 16,
  NAMES_MAX = 6,
  COLUMNS_MIN = 40,
  CELL_MAX = 40, /* of what cells are padded to: one long text does not push all others away */
  INDENT = 12,   /* behind the severity */
};

/* A line that is broken between words where the terminal ends. */
struct line {
  const struct pen *p;
  unsigned columns; /* 0: no limit */
  unsigned indent;  /* of what follows a break */
  size_t column;
};

static void break_line(struct line *l)
{
  buf_add_byte(l->p->b, '\n');
  buf_add_repeat(l->p->b, ' ', l->indent);
  l->column = l->indent;
}

/* A piece that is not broken itself, `gap` columns behind the one before. */
static void put(struct line *l, unsigned gap, const char *color, struct str text)
{
  _cleanup_(buf_free) struct buf visible = {0};
  text_add_visible(&visible, text, l->p->o->unicode);
  size_t width = text_width(buf_str(&visible), true);
  if (!width)
    return;
  if (l->columns && l->column > l->indent && l->column + gap + width > l->columns) {
    break_line(l);
    gap = 0;
  }
  buf_add_repeat(l->p->b, ' ', gap);
  if (color)
    paint(l->p, color);
  buf_add(l->p->b, buf_str(&visible));
  if (color)
    unpaint(l->p);
  l->column += gap + width;
}

static void put_words(struct line *l, unsigned gap, const char *color, struct str text)
{
  struct str rest = str_trim(text);
  while (rest.data && rest.len) {
    struct str word = str_cut(rest, ' ', &rest);
    put(l, gap, color, word);
    gap = word.len ? 1 : gap;
  }
}

/* "(libssl3, openssl)" */
static void put_names(struct line *l, const struct package_group *group)
{
  size_t count = group->names.count, shown = count > NAMES_MAX ? NAMES_MAX : count;
  for (size_t i = 0; i < shown; i++) {
    _cleanup_(buf_free) struct buf name = {0};
    buf_printf(&name, "%s%.*s%s", i ? "" : "(", STR_FMT(group->names.items[i]),
               i + 1 < shown   ? ","
               : shown < count ? ""
                               : ")");
    put(l, 1, NULL, buf_str(&name));
  }
  if (shown < count) {
    _cleanup_(buf_free) struct buf more = {0};
    buf_printf(&more, "and %zu more)", count - shown);
    put(l, 1, NULL, buf_str(&more));
  }
}

static void put_counts(struct line *l, const struct package_group *group)
{
  _cleanup_(buf_free) struct buf counts = {0};
  report_counts(&counts, group->counts);
  struct str rest = buf_str(&counts);
  for (unsigned gap = 2; rest.data && rest.len; gap = 1) {
    long comma = str_find_byte(rest, 0, ',');
    size_t len = comma < 0 ? rest.len : (size_t)comma + 1;
    put(l, gap, NULL, str_sub(rest, 0, len));
    rest = str_trim(str_sub(rest, len, SIZE_MAX));
  }
}

static void add_group_heading(const struct pen *p, const struct package_group *group,
                              unsigned columns)
{
  const struct finding_package *package = group->first->package;
  struct line line = {.p = p, .columns = columns, .indent = 4};
  struct str path = package_group_path(group);
  put_words(&line, 0, "1", package_group_name(group));
  put_words(&line, 1, "1", package->version);
  put_names(&line, group);
  put_words(&line, 2, "2", package->ecosystem.len ? package->ecosystem : package->type);
  put_counts(&line, group);
  buf_add_byte(p->b, '\n');
  if (path.len) {
    buf_add_text(p->b, "  ");
    line = (struct line){.p = p, .columns = columns, .indent = 4, .column = 2};
    put_words(&line, 0, "34", path);
    buf_add_byte(p->b, '\n');
  }
}

static struct str id_cell(const struct finding *f)
{
  return f->rule->id;
}

static size_t widest(const struct pen *p, const struct package_group *group,
                     struct str (*cell)(const struct finding *))
{
  size_t most = 0;
  for (size_t i = 0; i < group->findings.count; i++) {
    size_t width = text_width(cell(group->findings.items[i]), p->o->unicode);
    if (width > most)
      most = width;
  }
  return most < CELL_MAX ? most : CELL_MAX;
}

/* Padding belongs to the gap, so that nothing ends with spaces. */
static unsigned gap_behind(const struct pen *p, struct str cell, size_t width)
{
  size_t taken = text_width(cell, p->o->unicode);
  return 2 + (unsigned)(taken < width ? width - taken : 0);
}

/* A title that does not fit is cut, or left out: it has its place in the other formats. */
static void put_title(struct line *l, unsigned gap, struct str title)
{
  _cleanup_(buf_free) struct buf visible = {0};
  bool unicode = l->p->o->unicode;
  text_add_visible(&visible, title, unicode);
  struct str text = buf_str(&visible);
  size_t used = l->column + gap;
  size_t room = !l->columns ? SIZE_MAX : l->columns > used ? l->columns - used : 0;
  if (text_width(text, true) <= room) {
    put(l, gap, NULL, text);
    return;
  }
  size_t at = 0, width = 0, dots = unicode ? 1 : 3;
  if (room < TITLE_MIN)
    return;
  while (at < text.len) {
    struct text_cell cell = text_cell_at(text, at, true);
    if (width + cell.width > room - dots)
      break;
    width += cell.width;
    at += cell.taken;
  }
  visible.len = at;
  buf_add_text(&visible, unicode ? "\xe2\x80\xa6" : "...");
  put(l, gap, NULL, buf_str(&visible));
}

struct cells {
  size_t id, fixed;
  bool stacked; /* they do not fit beside each other */
};

static void add_vulnerability(const struct pen *p, const struct finding *f,
                              const struct cells *cells, unsigned columns)
{
  struct str severity = severity_name(f->severity), fix = package_fix(f);
  struct line line = {.p = p, .columns = columns, .indent = INDENT};
  _cleanup_(buf_free) struct buf urgency = {0};
  report_urgency(&urgency, f->package);
  put(&line, 2, pen_severity_colors[f->severity], severity);
  put(&line, INDENT - 2 - (unsigned)severity.len, NULL, id_cell(f));
  unsigned gap = gap_behind(p, id_cell(f), cells->id);
  if (cells->stacked) {
    break_line(&line);
    gap = 0;
  }
  put_words(&line, gap, f->package->fixed.len ? "32" : "2", fix);
  /* The cell of a licence is empty, and so is what would be on a line of its own. */
  if (fix.len)
    gap = cells->stacked ? 2 : gap_behind(p, fix, cells->fixed);
  else if (!cells->stacked && cells->fixed)
    gap += (unsigned)cells->fixed + 2;
  if (urgency.len) {
    put(&line, gap, "1;31", buf_str(&urgency));
    gap = 2;
  }
  struct str title = report_vulnerability_title(f);
  /* A licence is what the line is about, so it is not left out. */
  if (report_is_license(f) && columns &&
      line.column + gap + text_width(title, p->o->unicode) > columns) {
    break_line(&line);
    gap = 0;
  }
  put_title(&line, gap, title);
  while (p->b->len && p->b->data[p->b->len - 1] == ' ')
    p->b->len--;
  if (p->b->len && p->b->data[p->b->len - 1] != '\n')
    buf_add_byte(p->b, '\n');
}

static void add_group(const struct pen *p, struct sink *out, const struct package_group *group,
                      unsigned columns)
{
  struct cells cells = {.id = widest(p, group, id_cell), .fixed = widest(p, group, package_fix)};
  cells.stacked = columns && INDENT + cells.id + 2 + cells.fixed > columns;
  add_group_heading(p, group, columns);
  for (size_t i = 0; i < group->findings.count; i++) {
    add_vulnerability(p, group->findings.items[i], &cells, columns);
    sink_settle(out);
  }
  buf_add_byte(p->b, '\n');
}

void report_packages(const struct pen *p, struct sink *out, const struct finding_list *findings,
                     unsigned columns)
{
  struct package_groups groups;
  if (columns && columns < COLUMNS_MIN)
    columns = COLUMNS_MIN;
  package_groups_make(&groups, p->o, findings);
  for (size_t i = 0; i < groups.list.count; i++)
    add_group(p, out, &groups.list.items[i], columns);
  package_groups_free(&groups);
}
