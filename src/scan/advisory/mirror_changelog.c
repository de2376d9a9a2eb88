/* Debian's changelogs (deb-changelog(5)): uploads from the newest down, and the vulnerabilities that each names. */
#include "scan/advisory/mirror.h"

#include "base/map.h"
#include "base/vec.h"
#include "scan/advisory/import_int.h"

enum { TITLE_MAX = 240 };

struct changelog {
  struct arena *arena;
  struct map cves; /* CVE → its fix, by number */
  VEC(struct mirror_fix) fixes;
  VEC(struct version) orders; /* of the fixes */
  struct str version;         /* of the upload that is being read; empty: none yet */
  struct version order;
  struct str title;        /* its first line */
  struct str head, behind; /* the item that is being read: its first line, and what follows */
  bool security;           /* it went to a security suite */
  bool named;              /* it names a vulnerability */
  struct str least;        /* the lowest version so far */
  struct version least_order;
};

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static bool is_mark(char c)
{
  return c == '*' || c == '-' || c == '+';
}

/* "  * CVE-2024-1: a flaw" without what leads it. */
static struct str words_of(struct str line)
{
  line = str_trim(line);
  while (line.len && (is_mark(line.data[0]) || is_blank(line.data[0])))
    line = str_sub(line, 1, SIZE_MAX);
  return str_trim(line);
}

/* A line and those that go on with it, up to the next item, as one. */
static struct str item_of(struct changelog *c, struct str line, struct str rest)
{
  struct buf text = {.cap = TITLE_MAX};
  buf_add(&text, str_sub(words_of(line), 0, TITLE_MAX));
  while (text.len + 1 < TITLE_MAX && rest.data) {
    struct str next = str_cut(rest, '\n', &rest), words = str_trim(next);
    if (words.len == 0 || !is_blank(next.data[0]) || is_mark(words.data[0]) || words.data[0] == '[')
      break;
    buf_add_byte(&text, ' ');
    buf_add(&text, str_sub(words, 0, TITLE_MAX - text.len));
  }
  struct str item = arena_copy(c->arena, str_trim(buf_str(&text)));
  buf_free(&text);
  return item;
}

/* Says that a package is none of the affected, rather than that it is mended. */
static bool denies(struct str line)
{
  static const struct str words[] = {STR_INIT("not affected"), STR_INIT("not vulnerable"),
                                     STR_INIT("unaffected"), STR_INIT("not affect"),
                                     STR_INIT("doesn't affect")};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (str_find(line, 0, words[i]) >= 0)
      return true;
  return false;
}

static void push(struct changelog *c, const struct mirror_fix *fix)
{
  vec_push(&c->fixes, *fix);
  vec_push(&c->orders, c->order);
}

/* Of several uploads that name a CVE the lowest counts: what comes behind mends the mending, or tells of it again. */
static void add_cve(struct changelog *c, struct str cve, struct str title)
{
  const struct mirror_fix fix = {
      .version = c->version, .cve = cve, .title = title, .security = c->security};
  bool added;
  c->named = true;
  if (vec_full(&c->fixes, MIRROR_FIXES_MAX))
    return;
  union map_value *value = map_put(&c->cves, cve, &added);
  if (added) {
    value->number = c->fixes.count;
    push(c, &fix);
  } else if (version_order(c->order, c->orders.items[value->number]) <= 0) {
    c->fixes.items[value->number] = fix;
    c->orders.items[value->number] = c->order;
  }
}

static void end_upload(struct changelog *c)
{
  if (c->version.len && c->security && !c->named && !vec_full(&c->fixes, MIRROR_FIXES_MAX))
    push(c, &(struct mirror_fix){.version = c->version, .title = c->title, .security = true});
  c->version = STR_EMPTY;
}

/* "curl (7.88.1-10+deb12u5) bookworm-security; urgency=high" */
static bool begin_upload(struct changelog *c, struct str line)
{
  struct str rest, suites, options, source = str_cut(line, ' ', &rest);
  if (is_blank(line.data[0]) || !rest.data || !str_starts(rest, STR("(")) || source.len == 0)
    return false;
  struct str version = str_cut(str_sub(rest, 1, SIZE_MAX), ')', &suites);
  if (!suites.data || version.len == 0 || version.len > VERSION_LENGTH_MAX ||
      str_find_byte(version, 0, ' ') >= 0)
    return false;
  suites = str_cut(suites, ';', &options);
  if (!options.data)
    return false;
  end_upload(c);
  if (version_parse(version_ops_named(STR("dpkg")), version, c->arena, &c->order, NULL) < 0)
    return false;
  c->version = version;
  /* "1.3~deb12u1" stands above "1.3", which it was made of: what stands below an upload is in it, whatever its version. */
  if (c->least.len && version_order(c->order, c->least_order) > 0) {
    c->version = c->least;
    c->order = c->least_order;
  } else {
    c->least = version;
    c->least_order = c->order;
  }
  c->title = c->head = STR_EMPTY;
  c->named = false;
  c->security = str_find(suites, 0, STR("-security")) >= 0;
  return true;
}

/* Whose upload it is, and who did what, says nothing of the matter. */
static bool tells_nothing(struct str words)
{
  return words.len == 0 || words.data[0] == '[' || str_starts(words, STR("Non-maintainer upload"));
}

/* Ubuntu says what it is about in an item's first line, and the number alone further down. */
static struct str title_of(struct changelog *c, struct str line, struct str rest, struct str cve)
{
  return words_of(line).len <= cve.len + 1 && c->head.len ? item_of(c, c->head, c->behind)
                                                          : item_of(c, line, rest);
}

static void read_line(struct changelog *c, struct str line, struct str rest)
{
  struct str cve, title = STR_EMPTY;
  size_t end;
  if (line.len == 0 || begin_upload(c, line) || c->version.len == 0)
    return;
  if (str_starts(line, STR(" -- ")))
    return; /* who and when */
  if (str_starts(str_trim(line), STR("*"))) {
    c->head = line;
    c->behind = rest;
  }
  if (c->title.len == 0 && c->security && !tells_nothing(words_of(line)))
    c->title = item_of(c, line, rest);
  if (denies(line))
    return;
  for (size_t from = 0; import_find_cve(line, from, &cve, &end); from = end) {
    if (title.len == 0)
      title = title_of(c, line, rest, cve);
    add_cve(c, cve, title);
  }
}

int mirror_changelog_parse(struct arena *arena, struct str text, struct mirror_fix **ret,
                           size_t *ret_count, struct error *err)
{
  struct changelog c = {.arena = arena, .version = STR_EMPTY};
  int rc = 0;
  if (text.len > MIRROR_CHANGELOG_MAX)
    return error_set(err, SW_ELIMIT, "a changelog is longer than %d MiB",
                     MIRROR_CHANGELOG_MAX >> 20);
  map_init(&c.cves, NULL);
  for (struct str rest = text; rest.data && !arena_over(arena);) {
    struct str line = str_cut(rest, '\n', &rest);
    read_line(&c, line, rest);
  }
  end_upload(&c);
  if (vec_full(&c.fixes, MIRROR_FIXES_MAX) || arena_over(arena))
    rc = error_set(err, SW_ELIMIT, "a changelog names more than %d vulnerabilities",
                   MIRROR_FIXES_MAX);
  if (rc == 0) {
    *ret = arena_array(arena, struct mirror_fix, c.fixes.count);
    if (c.fixes.count)
      memcpy(*ret, c.fixes.items, c.fixes.count * sizeof **ret);
    *ret_count = c.fixes.count;
  }
  map_free(&c.cves);
  vec_free(&c.fixes);
  vec_free(&c.orders);
  return rc;
}
