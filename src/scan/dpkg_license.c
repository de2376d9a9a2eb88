#include "scan/dpkg.h"

#include "base/buf.h"
#include "base/mem.h"

enum { EXPRESSION_MAX = 4096, LICENSES_BYTES_MAX = PACKAGE_TEXT_MAX };

/* Short names of the format, and what SPDX calls them. Those of the GNU project follow a rule. */
static const struct {
  struct str name, spdx;
} names[] = {
    {STR_INIT("Apache-2"), STR_INIT("Apache-2.0")},
    {STR_INIT("Apache-2.0"), STR_INIT("Apache-2.0")},
    {STR_INIT("Artistic"), STR_INIT("Artistic-1.0-Perl")},
    {STR_INIT("Artistic-2"), STR_INIT("Artistic-2.0")},
    {STR_INIT("BSD-2-clause"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("BSD-3-clause"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD-4-clause"), STR_INIT("BSD-4-Clause")},
    {STR_INIT("BSL-1.0"), STR_INIT("BSL-1.0")},
    {STR_INIT("CC0"), STR_INIT("CC0-1.0")},
    {STR_INIT("Expat"), STR_INIT("MIT")},
    {STR_INIT("FTL"), STR_INIT("FTL")},
    {STR_INIT("ISC"), STR_INIT("ISC")},
    {STR_INIT("MIT"), STR_INIT("MIT")},
    {STR_INIT("MPL-2"), STR_INIT("MPL-2.0")},
    {STR_INIT("PSF-2"), STR_INIT("PSF-2.0")},
    {STR_INIT("Unlicense"), STR_INIT("Unlicense")},
    {STR_INIT("ZLIB"), STR_INIT("Zlib")},
    {STR_INIT("zlib/libpng"), STR_INIT("Zlib")},
};

static const struct str gnu[] = {STR_INIT("GPL-"), STR_INIT("LGPL-"), STR_INIT("AGPL-"),
                                 STR_INIT("GFDL-")};

static bool is_version(struct str s)
{
  for (size_t i = 0; i < s.len; i++)
    if ((s.data[i] < '0' || s.data[i] > '9') && s.data[i] != '.')
      return false;
  return s.len > 0;
}

/* GPL-2+ is GPL-2.0-or-later. */
static bool add_gnu(struct buf *out, struct str name)
{
  for (size_t i = 0; i < sizeof gnu / sizeof gnu[0]; i++) {
    if (!str_starts(name, gnu[i]))
      continue;
    struct str version = str_sub(name, gnu[i].len, SIZE_MAX);
    bool later = str_ends(version, STR("+"));
    version.len -= later;
    if (!is_version(version))
      return false;
    buf_add(out, gnu[i]);
    buf_add(out, version);
    if (str_find_byte(version, 0, '.') < 0)
      buf_add(out, STR(".0"));
    buf_add_text(out, later ? "-or-later" : "-only");
    return true;
  }
  return false;
}

static void add_name(struct buf *out, struct str name)
{
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (str_eq_nocase(names[i].name, name)) {
      buf_add(out, names[i].spdx);
      return;
    }
  if (add_gnu(out, name))
    return;
  for (size_t i = 0; i < name.len; i++) {
    unsigned char c = (unsigned char)name.data[i];
    buf_add_byte(out, c > ' ' && c < 0x7f ? (char)c : '-');
  }
}

/* "GPL-2+ or Artistic, and Expat": words between are names; two that stand side by side are one. */
static void add_expression(struct buf *out, struct str synopsis)
{
  static const struct {
    struct str word;
    const char *as;
  } operators[] = {
      {STR_INIT("and"), " AND "},
      {STR_INIT("or"), " OR "},
      {STR_INIT("and/or"), " OR "},
      {STR_INIT("with"), " WITH "},
  };
  const char *pending = "";
  for (struct str rest = synopsis; rest.data;) {
    struct str word = str_trim(str_cut(rest, ' ', &rest));
    bool comma = str_ends(word, STR(","));
    word.len -= comma;
    if (word.len == 0)
      continue;
    size_t i = 0;
    while (i < 4 && !str_eq_nocase(operators[i].word, word))
      i++;
    if (i < 4) {
      pending = out->len ? operators[i].as : "";
      continue;
    }
    buf_add_text(out, pending);
    add_name(out, word);
    pending = comma ? " AND " : "-";
  }
}

/* ---- the paragraphs */

struct found {
  struct buf expressions[DPKG_LICENSES_MAX];
  size_t count, bytes;
};

static void keep(struct found *found, struct str synopsis)
{
  struct buf expression;
  buf_init(&expression, EXPRESSION_MAX);
  add_expression(&expression, synopsis);
  bool known = expression.len == 0 || buf_failed(&expression) ||
               found->count == DPKG_LICENSES_MAX ||
               found->bytes + expression.len > LICENSES_BYTES_MAX / 2;
  for (size_t i = 0; !known && i < found->count; i++)
    known = str_eq(buf_str(&found->expressions[i]), buf_str(&expression));
  if (known) {
    buf_free(&expression);
    return;
  }
  found->bytes += expression.len;
  found->expressions[found->count++] = expression;
}

static bool is_machine_readable(struct str copyright)
{
  struct str rest = copyright, line = STR_EMPTY, value;
  while (rest.data && (line = str_trim(str_cut(rest, '\n', &rest))).len == 0)
    continue;
  struct str name = str_cut(line, ':', &value);
  return value.data &&
         (str_eq_nocase(name, STR("Format")) || str_eq_nocase(name, STR("Format-Specification")));
}

/* The licence of each paragraph about files, and of the first, which is about all of them. Paragraphs that
 * only quote a licence's text repeat what others name. */
static void collect(struct found *found, struct str copyright)
{
  struct str synopsis = STR_EMPTY;
  bool about_files = false, first = true, inside = false;
  for (struct str rest = copyright; rest.data;) {
    struct str value, line = str_cut(rest, '\n', &rest);
    bool blank = str_trim(line).len == 0;
    if (!blank && line.data[0] != ' ' && line.data[0] != '\t') {
      struct str name = str_cut(line, ':', &value);
      if (value.data && str_eq_nocase(name, STR("License")))
        synopsis = str_trim(value);
      about_files |= value.data && str_eq_nocase(name, STR("Files"));
    }
    inside |= !blank;
    if (inside && (blank || !rest.data)) {
      if (first || about_files)
        keep(found, synopsis);
      synopsis = STR_EMPTY;
      about_files = first = inside = false;
    }
  }
}

struct str dpkg_license(struct arena *arena, struct str copyright)
{
  struct found found = {0};
  _cleanup_(buf_free) struct buf joined = {0};
  if (!is_machine_readable(copyright))
    return STR_EMPTY;
  collect(&found, copyright);
  for (size_t i = 0; i < found.count; i++) {
    struct str expression = buf_str(&found.expressions[i]);
    bool group = found.count > 1 && str_find(expression, 0, STR(" OR ")) >= 0;
    if (i)
      buf_add(&joined, STR(" AND "));
    if (group)
      buf_add_byte(&joined, '(');
    buf_add(&joined, expression);
    if (group)
      buf_add_byte(&joined, ')');
    buf_free(&found.expressions[i]);
  }
  return arena_copy(arena, buf_str(&joined));
}
