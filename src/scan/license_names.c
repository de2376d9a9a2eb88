#include "scan/license_int.h"

#include "base/buf.h"
#include "base/mem.h"

/*
 * A name is brought to a key first: words in upper case with one space between them, without those that say
 * nothing ("the", "license", "version"), with versions as words of their own that do not end in ".0". So "The Apache
 * Software License, Version 2.0" is "APACHE SOFTWARE 2", and "GPLv2" is "GPL 2".
 */
enum { KEY_MAX = 200, WORDS_MAX = 24 };

struct key {
  char text[KEY_MAX];
  size_t len;
  size_t words;
  bool later; /* "+", "or later" */
  bool only;
  bool failed;
};

struct pair {
  struct str from, to;
};

static const struct str fillers[] = {
    STR_INIT("THE"),      STR_INIT("LICENSE"), STR_INIT("LICENCE"),       STR_INIT("LICENSED"),
    STR_INIT("LICENSES"), STR_INIT("VERSION"), STR_INIT("VER"),           STR_INIT("V"),
    STR_INIT("UNDER"),    STR_INIT("GNU"),     STR_INIT("INTERNATIONAL"), STR_INIT("UNPORTED"),
};

/* Texts of licences are named with the month in which they were published. */
static const struct str months[] = {
    STR_INIT("JANUARY"),   STR_INIT("FEBRUARY"), STR_INIT("MARCH"),    STR_INIT("APRIL"),
    STR_INIT("MAY"),       STR_INIT("JUNE"),     STR_INIT("JULY"),     STR_INIT("AUGUST"),
    STR_INIT("SEPTEMBER"), STR_INIT("OCTOBER"),  STR_INIT("NOVEMBER"), STR_INIT("DECEMBER"),
};

/* How keys begin, and the short form of it; a longer beginning stands before a shorter one. */
static const struct pair families[] = {
    {STR_INIT("LIBRARY OR LESSER GENERAL PUBLIC"), STR_INIT("LGPL")},
    {STR_INIT("LESSER GENERAL PUBLIC"), STR_INIT("LGPL")},
    {STR_INIT("LESSER PUBLIC"), STR_INIT("LGPL")},
    {STR_INIT("LESSER GPL"), STR_INIT("LGPL")},
    {STR_INIT("LESSER"), STR_INIT("LGPL")},
    {STR_INIT("GENERAL LESSER PUBLIC"), STR_INIT("LGPL")},
    {STR_INIT("LIBRARY GENERAL PUBLIC"), STR_INIT("LGPL")},
    {STR_INIT("AFFERO GENERAL PUBLIC"), STR_INIT("AGPL")},
    {STR_INIT("AFFERO GPL"), STR_INIT("AGPL")},
    {STR_INIT("GENERAL PUBLIC"), STR_INIT("GPL")},
    {STR_INIT("FREE DOCUMENTATION"), STR_INIT("GFDL")},
    {STR_INIT("FDL"), STR_INIT("GFDL")},
    {STR_INIT("APACHE SOFTWARE"), STR_INIT("APACHE")},
    {STR_INIT("APACHE PUBLIC"), STR_INIT("APACHE")},
    {STR_INIT("APPLE PUBLIC SOURCE"), STR_INIT("APSL")},
    {STR_INIT("ASL"), STR_INIT("APACHE")},
    {STR_INIT("ASF"), STR_INIT("APACHE")},
    {STR_INIT("APL"), STR_INIT("APACHE")},
    {STR_INIT("AL"), STR_INIT("APACHE")},
    {STR_INIT("MOZILLA PUBLIC"), STR_INIT("MPL")},
    {STR_INIT("MOZILLA"), STR_INIT("MPL")},
    {STR_INIT("ECLIPSE PUBLIC"), STR_INIT("EPL")},
    {STR_INIT("ECLIPSE DISTRIBUTION"), STR_INIT("EDL")},
    {STR_INIT("ECLIPSE"), STR_INIT("EPL")},
    {STR_INIT("COMMON DEVELOPMENT AND DISTRIBUTION"), STR_INIT("CDDL")},
    {STR_INIT("COMMON PUBLIC"), STR_INIT("CPL")},
    {STR_INIT("IBM PUBLIC"), STR_INIT("IPL")},
    {STR_INIT("BOOST SOFTWARE"), STR_INIT("BSL")},
    {STR_INIT("BOOST"), STR_INIT("BSL")},
    {STR_INIT("ACADEMIC FREE"), STR_INIT("AFL")},
    {STR_INIT("OPEN SOFTWARE"), STR_INIT("OSL")},
    {STR_INIT("ARTISTIC LICENCE"), STR_INIT("ARTISTIC")},
    {STR_INIT("PYTHON SOFTWARE FOUNDATION"), STR_INIT("PSF")},
    {STR_INIT("PSFL"), STR_INIT("PSF")},
    {STR_INIT("ZOPE PUBLIC"), STR_INIT("ZPL")},
    {STR_INIT("ZOPE"), STR_INIT("ZPL")},
    {STR_INIT("UNIVERSAL PERMISSIVE"), STR_INIT("UPL")},
    {STR_INIT("EUROPEAN UNION PUBLIC"), STR_INIT("EUPL")},
    {STR_INIT("SIL OPEN FONT"), STR_INIT("OFL")},
    {STR_INIT("OPEN FONT"), STR_INIT("OFL")},
    {STR_INIT("NETSCAPE PUBLIC"), STR_INIT("NPL")},
    {STR_INIT("NETSCAPE"), STR_INIT("NPL")},
    {STR_INIT("QT PUBLIC"), STR_INIT("QPL")},
    {STR_INIT("Q PUBLIC"), STR_INIT("QPL")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NONCOMMERCIAL SHAREALIKE"), STR_INIT("CC BY NC SA")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NONCOMMERCIAL NODERIVATIVES"), STR_INIT("CC BY NC ND")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NONCOMMERCIAL NODERIVS"), STR_INIT("CC BY NC ND")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NONCOMMERCIAL"), STR_INIT("CC BY NC")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION SHARE ALIKE"), STR_INIT("CC BY SA")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION SHAREALIKE"), STR_INIT("CC BY SA")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NODERIVATIVES"), STR_INIT("CC BY ND")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION NODERIVS"), STR_INIT("CC BY ND")},
    {STR_INIT("CREATIVE COMMONS ATTRIBUTION"), STR_INIT("CC BY")},
};

/* Keys that are not an identifier with other punctuation. */
static const struct pair names[] = {
    {STR_INIT("AFL"), STR_INIT("AFL-3.0")},
    {STR_INIT("AGPL"), STR_INIT("AGPL-3.0-or-later")},
    {STR_INIT("APACHE"), STR_INIT("Apache-2.0")},
    {STR_INIT("APACHE STYLE"), STR_INIT("Apache-2.0")},
    {STR_INIT("ARTISTIC"), STR_INIT("Artistic-1.0-Perl")},
    {STR_INIT("ARTISTIC CLARIFIED"), STR_INIT("ClArtistic")},
    {STR_INIT("BOUNCY CASTLE"), STR_INIT("MIT")},
    {STR_INIT("BSD"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD 1"), STR_INIT("BSD-1-Clause")},
    {STR_INIT("BSD 2"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("BSD 3"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD 4"), STR_INIT("BSD-4-Clause")},
    {STR_INIT("2 CLAUSE BSD"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("2 CLAUSE BSDL"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("3 CLAUSE BSDL"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("3 CLAUSE BSD"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD TWO CLAUSE"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("BSD THREE CLAUSE"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD FOUR CLAUSE"), STR_INIT("BSD-4-Clause")},
    {STR_INIT("TWO CLAUSE BSD STYLE"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("THREE CLAUSE BSD STYLE"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD 2 CLAUSE SIMPLIFIED"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("BSD 3 CLAUSE NEW OR REVISED"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD 3 CLAUSE NEW"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD LIKE"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD STYLE"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD VARIANT"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("BSD NEW"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("NEW BSD"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("REVISED BSD"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("MODIFIED BSD"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("SIMPLIFIED BSD"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("FREEBSD"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("ORIGINAL BSD"), STR_INIT("BSD-4-Clause")},
    {STR_INIT("BSD WITH ADVERTISING"), STR_INIT("BSD-4-Clause")},
    {STR_INIT("BSL"), STR_INIT("BSL-1.0")},
    {STR_INIT("CC 0"), STR_INIT("CC0-1.0")},
    {STR_INIT("CC 0 1"), STR_INIT("CC0-1.0")},
    {STR_INIT("CC 0 1 UNIVERSAL"), STR_INIT("CC0-1.0")},
    {STR_INIT("CC 0 1 UNIVERSAL PUBLIC DOMAIN DEDICATION"), STR_INIT("CC0-1.0")},
    {STR_INIT("CC 0 1 UNIVERSAL CC 0 1 PUBLIC DOMAIN DEDICATION"), STR_INIT("CC0-1.0")},
    {STR_INIT("CREATIVE COMMONS CC 0"), STR_INIT("CC0-1.0")},
    {STR_INIT("CREATIVE COMMONS ZERO"), STR_INIT("CC0-1.0")},
    {STR_INIT("CDDL"), STR_INIT("CDDL-1.0")},
    {STR_INIT("CPL"), STR_INIT("CPL-1.0")},
    {STR_INIT("DO WHAT THE FUCK YOU WANT TO PUBLIC"), STR_INIT("WTFPL")},
    {STR_INIT("DO WHAT FUCK YOU WANT TO PUBLIC"), STR_INIT("WTFPL")},
    {STR_INIT("WTFPL 2"), STR_INIT("WTFPL")},
    {STR_INIT("EDL 1"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("EDL"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("EPL"), STR_INIT("EPL-1.0")},
    {STR_INIT("EUPL"), STR_INIT("EUPL-1.0")},
    {STR_INIT("EXPAT"), STR_INIT("MIT")},
    {STR_INIT("FREETYPE"), STR_INIT("FTL")},
    {STR_INIT("GFDL"), STR_INIT("GFDL-1.1-or-later")},
    {STR_INIT("GFDL NIV 1.1"), STR_INIT("GFDL-1.1-no-invariants")},
    {STR_INIT("GFDL NIV 1.2"), STR_INIT("GFDL-1.2-no-invariants")},
    {STR_INIT("GFDL NIV 1.3"), STR_INIT("GFDL-1.3-no-invariants")},
    {STR_INIT("GO"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("GPL"), STR_INIT("GPL-1.0-or-later")},
    {STR_INIT("HISTORICAL PERMISSION NOTICE AND DISCLAIMER"), STR_INIT("HPND")},
    {STR_INIT("HSQLDB"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("IPL"), STR_INIT("IPL-1.0")},
    {STR_INIT("ISCL"), STR_INIT("ISC")},
    {STR_INIT("JQUERY"), STR_INIT("MIT")},
    {STR_INIT("LGPL"), STR_INIT("LGPL-2.0-or-later")},
    {STR_INIT("MICROSOFT PUBLIC"), STR_INIT("MS-PL")},
    {STR_INIT("MICROSOFT RECIPROCAL"), STR_INIT("MS-RL")},
    {STR_INIT("MIT EXPAT"), STR_INIT("MIT")},
    {STR_INIT("MIT LIKE"), STR_INIT("MIT")},
    {STR_INIT("MIT STYLE"), STR_INIT("MIT")},
    {STR_INIT("MIT X 11"), STR_INIT("MIT")},
    {STR_INIT("X 11 MIT"), STR_INIT("MIT")},
    {STR_INIT("MPL"), STR_INIT("MPL-2.0")},
    {STR_INIT("NCSA OPEN SOURCE"), STR_INIT("NCSA")},
    {STR_INIT("UNIVERSITY OF ILLINOIS NCSA OPEN SOURCE"), STR_INIT("NCSA")},
    {STR_INIT("NO ATTRIBUTION MIT"), STR_INIT("MIT-0")},
    {STR_INIT("NPL"), STR_INIT("NPL-1.1")},
    {STR_INIT("OFL"), STR_INIT("OFL-1.1")},
    {STR_INIT("OPENLDAP"), STR_INIT("OLDAP-2.8")},
    {STR_INIT("OPENLDAP PUBLIC"), STR_INIT("OLDAP-2.8")},
    {STR_INIT("PHP"), STR_INIT("PHP-3.01")},
    {STR_INIT("PSF"), STR_INIT("PSF-2.0")},
    {STR_INIT("PYTHON"), STR_INIT("Python-2.0")},
    {STR_INIT("QPL"), STR_INIT("QPL-1.0")},
    {STR_INIT("RUBY S"), STR_INIT("Ruby")},
    {STR_INIT("SUN INDUSTRY STANDARDS SOURCE"), STR_INIT("SISSL")},
    {STR_INIT("UPL"), STR_INIT("UPL-1.0")},
    {STR_INIT("W 3C SOFTWARE"), STR_INIT("W3C")},
    {STR_INIT("W 3CL"), STR_INIT("W3C")},
    {STR_INIT("X 11 STYLE"), STR_INIT("X11")},
    {STR_INIT("ZERO CLAUSE BSD"), STR_INIT("0BSD")},
    {STR_INIT("ZLIB LIBPNG"), STR_INIT("Zlib")},
    {STR_INIT("ZPL"), STR_INIT("ZPL-2.1")},
};

/* Identifiers that SPDX has replaced by a licence and an exception. */
static const struct pair replaced[] = {
    {STR_INIT("GPL-2.0-with-autoconf-exception"),
     STR_INIT("GPL-2.0-only WITH Autoconf-exception-2.0")},
    {STR_INIT("GPL-2.0-with-bison-exception"), STR_INIT("GPL-2.0-only WITH Bison-exception-2.2")},
    {STR_INIT("GPL-2.0-with-classpath-exception"),
     STR_INIT("GPL-2.0-only WITH Classpath-exception-2.0")},
    {STR_INIT("GPL-2.0-with-font-exception"), STR_INIT("GPL-2.0-only WITH Font-exception-2.0")},
    {STR_INIT("GPL-2.0-with-GCC-exception"), STR_INIT("GPL-2.0-only WITH GCC-exception-2.0")},
    {STR_INIT("GPL-3.0-with-autoconf-exception"),
     STR_INIT("GPL-3.0-only WITH Autoconf-exception-3.0")},
    {STR_INIT("GPL-3.0-with-GCC-exception"), STR_INIT("GPL-3.0-only WITH GCC-exception-3.1")},
};

static const struct pair exceptions[] = {
    {STR_INIT("AUTOCONF EXCEPTION"), STR_INIT("Autoconf-exception-generic")},
    {STR_INIT("BISON EXCEPTION"), STR_INIT("Bison-exception-2.2")},
    {STR_INIT("CLASSPATH"), STR_INIT("Classpath-exception-2.0")},
    {STR_INIT("CLASSPATH EXCEPTION"), STR_INIT("Classpath-exception-2.0")},
    {STR_INIT("FONT EXCEPTION"), STR_INIT("Font-exception-2.0")},
    {STR_INIT("GCC EXCEPTION"), STR_INIT("GCC-exception-3.1")},
    {STR_INIT("GCC RUNTIME LIBRARY EXCEPTION"), STR_INIT("GCC-exception-3.1")},
    {STR_INIT("LLVM EXCEPTIONS"), STR_INIT("LLVM-exception")},
};

/* Pages that licences are named by, without scheme, "www.", end of document and the last "/". */
static const struct pair pages[] = {
    {STR_INIT("apache.org/licenses"), STR_INIT("Apache-2.0")},
    {STR_INIT("apache.org/licenses/license-1.1"), STR_INIT("Apache-1.1")},
    {STR_INIT("apache.org/licenses/license-2.0"), STR_INIT("Apache-2.0")},
    {STR_INIT("creativecommons.org/publicdomain/zero/1.0"), STR_INIT("CC0-1.0")},
    {STR_INIT("creativecommons.org/publicdomain/zero/1.0/legalcode"), STR_INIT("CC0-1.0")},
    {STR_INIT("eclipse.org/legal/epl-v10"), STR_INIT("EPL-1.0")},
    {STR_INIT("eclipse.org/legal/epl-2.0"), STR_INIT("EPL-2.0")},
    {STR_INIT("eclipse.org/legal/epl-v20"), STR_INIT("EPL-2.0")},
    {STR_INIT("eclipse.org/org/documents/edl-v10"), STR_INIT("BSD-3-Clause")},
    {STR_INIT("gnu.org/licenses/agpl"), STR_INIT("AGPL-3.0-or-later")},
    {STR_INIT("gnu.org/licenses/agpl-3.0"), STR_INIT("AGPL-3.0-only")},
    {STR_INIT("gnu.org/licenses/gpl-2.0"), STR_INIT("GPL-2.0-only")},
    {STR_INIT("gnu.org/licenses/gpl-3.0"), STR_INIT("GPL-3.0-only")},
    {STR_INIT("gnu.org/licenses/lgpl-2.1"), STR_INIT("LGPL-2.1-only")},
    {STR_INIT("gnu.org/licenses/lgpl-3.0"), STR_INIT("LGPL-3.0-only")},
    {STR_INIT("gnu.org/licenses/old-licenses/gpl-2.0"), STR_INIT("GPL-2.0-only")},
    {STR_INIT("gnu.org/licenses/old-licenses/lgpl-2.1"), STR_INIT("LGPL-2.1-only")},
    {STR_INIT("mozilla.org/mpl/2.0"), STR_INIT("MPL-2.0")},
    {STR_INIT("mozilla.org/en-us/mpl/2.0"), STR_INIT("MPL-2.0")},
    {STR_INIT("opensource.org/licenses/mit-license"), STR_INIT("MIT")},
    {STR_INIT("opensource.org/licenses/bsd-license"), STR_INIT("BSD-2-Clause")},
    {STR_INIT("unlicense.org"), STR_INIT("Unlicense")},
};

static const struct pair *find_pair(const struct pair *pairs, size_t count, struct str from)
{
  for (size_t i = 0; i < count; i++)
    if (str_eq_nocase(pairs[i].from, from))
      return &pairs[i];
  return NULL;
}

#define FIND_PAIR(table, from) find_pair((table), sizeof(table) / sizeof(table)[0], (from))

static int compare_nocase(struct str a, struct str b)
{
  for (size_t i = 0; i < a.len && i < b.len; i++) {
    int x = a.data[i] >= 'A' && a.data[i] <= 'Z' ? a.data[i] + 32 : (unsigned char)a.data[i];
    int y = b.data[i] >= 'A' && b.data[i] <= 'Z' ? b.data[i] + 32 : (unsigned char)b.data[i];
    if (x != y)
      return x < y ? -1 : 1;
  }
  return (a.len > b.len) - (a.len < b.len);
}

const char *license_find(const char *const *list, size_t count, struct str id)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare_nocase(str_from(list[middle]), id);
    if (order == 0)
      return list[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

/* ---- keys */

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool is_date(struct str word)
{
  for (size_t i = 0; i < sizeof months / sizeof months[0]; i++)
    if (str_eq_nocase(months[i], word))
      return true;
  return word.len == 4 && (str_starts(word, STR("19")) || str_starts(word, STR("20"))) &&
         is_digit(word.data[2]) && is_digit(word.data[3]);
}

static void append_word(struct key *key, struct str word)
{
  if (is_date(word) && key->words)
    return;
  for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
    if (str_eq_nocase(fillers[i], word))
      return;
  while (word.len > 2 && is_digit(word.data[0]) && str_ends(word, STR(".0")))
    word.len -= 2;
  if (word.len == 0 || key->words == WORDS_MAX || key->len + word.len + 2 > KEY_MAX) {
    key->failed = word.len > 0;
    return;
  }
  if (key->len)
    key->text[key->len++] = ' ';
  for (size_t i = 0; i < word.len; i++)
    key->text[key->len++] = word.data[i] >= 'a' && word.data[i] <= 'z' ? (char)(word.data[i] - 32)
                                                                       : word.data[i];
  key->words++;
}

/* A run of letters, digits, "." and "+": its name and its version are words of their own. */
static void append_run(struct key *key, struct str run)
{
  while (run.len && run.data[run.len - 1] == '+') {
    key->later = true;
    run.len--;
  }
  while (run.len && run.data[run.len - 1] == '.')
    run.len--;
  size_t letters = 0;
  while (letters < run.len && !is_digit(run.data[letters]))
    letters++;
  struct str version = str_sub(run, letters, SIZE_MAX);
  if (version.len && letters > 1 && (run.data[letters - 1] | 32) == 'v')
    letters--;
  else if (version.len && letters > 2 && str_eq_nocase(str_sub(run, letters - 2, 2), STR("v.")))
    letters -= 2;
  append_word(key, str_sub(run, 0, letters));
  append_word(key, version);
}

static bool cut_end(struct key *key, struct str end)
{
  struct str text = str_make(key->text, key->len);
  if (!str_ends(text, end) || text.len == end.len)
    return false;
  key->len -= end.len;
  return true;
}

static void cut_ends(struct key *key)
{
  if (str_starts(str_make(key->text, key->len), STR("CREATIVE")))
    cut_end(key, STR(" PUBLIC"));
  static const struct str later[] = {
      STR_INIT(" OR ANY LATER"), STR_INIT(" OR LATER"), STR_INIT(" OR NEWER"),
      STR_INIT(" OR GREATER"),   STR_INIT(" OR ABOVE"), STR_INIT(" OR HIGHER"),
      STR_INIT(" AND LATER"),    STR_INIT(" PLUS"),
  };
  for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
    if (cut_end(key, later[i]))
      key->later = true;
  key->only = cut_end(key, STR(" ONLY"));
}

static void shorten(struct key *key)
{
  struct str text = str_make(key->text, key->len);
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    struct str from = families[i].from, to = families[i].to;
    if (!str_starts(text, from) || (text.len > from.len && text.data[from.len] != ' ') ||
        key->len - from.len + to.len > KEY_MAX)
      continue;
    memmove(key->text + to.len, key->text + from.len, key->len - from.len);
    memcpy(key->text, to.data, to.len);
    key->len = key->len - from.len + to.len;
    return;
  }
}

/* "CDDL CDDL 1": long and short form beside each other. */
static void merge_doubled(struct key *key)
{
  struct str rest, first = str_cut(str_make(key->text, key->len), ' ', &rest);
  if (!rest.data || !str_starts(rest, first) ||
      (rest.len > first.len && rest.data[first.len] != ' '))
    return;
  key->len = rest.len;
  memmove(key->text, rest.data, rest.len);
}

static void make_key(struct key *key, struct str name)
{
  *key = (struct key){0};
  for (size_t i = 0; i < name.len;) {
    size_t from = i;
    while (i < name.len && (is_letter(name.data[i]) || is_digit(name.data[i]) ||
                            name.data[i] == '.' || name.data[i] == '+'))
      i++;
    if (i > from)
      append_run(key, str_sub(name, from, i - from));
    else
      i++;
  }
  cut_ends(key);
  shorten(key);
  merge_doubled(key);
}

/* ---- identifiers */

/* GNU licences say which versions they mean. */
static bool finish(struct arena *arena, struct str id, bool later, struct str *ret_id)
{
  const struct pair *pair = FIND_PAIR(replaced, id);
  if (pair) {
    *ret_id = pair->to;
    return true;
  }
  if (str_ends(id, STR("+"))) {
    id.len--;
    later = true;
  }
  struct str only = arena_printf(arena, "%.*s-only", STR_FMT(id));
  if (license_find(license_ids, license_ids_count, only))
    *ret_id = later ? arena_printf(arena, "%.*s-or-later", STR_FMT(id)) : only;
  else if (later && !str_ends(id, STR("-or-later")) && !str_ends(id, STR("-only")))
    *ret_id = arena_printf(arena, "%.*s+", STR_FMT(id));
  else
    *ret_id = arena_copy(arena, id);
  return true;
}

/* Some GNU identifiers are in the list with their endings only. */
static bool find_id(struct arena *arena, struct str id, bool later, struct str *ret_id)
{
  static const struct str only = STR_INIT("-only");
  const char *found = license_find(license_ids, license_ids_count, id);
  if (found)
    return finish(arena, str_from(found), later, ret_id);
  found = license_find(license_ids, license_ids_count,
                       arena_printf(arena, "%.*s%.*s", STR_FMT(id), STR_FMT(only)));
  return found && finish(arena, str_make(found, strlen(found) - only.len), later, ret_id);
}

/* The key's words with "-" between them, and ".0" behind. */
static bool find_joined(struct arena *arena, const struct key *key, struct str *ret_id)
{
  char id[KEY_MAX + 2];
  memcpy(id, key->text, key->len);
  for (size_t i = 0; i < key->len; i++)
    if (id[i] == ' ')
      id[i] = '-';
  if (find_id(arena, str_make(id, key->len), key->later, ret_id))
    return true;
  memcpy(id + key->len, ".0", 2);
  return is_digit(id[key->len - 1]) &&
         find_id(arena, str_make(id, key->len + 2), key->later, ret_id);
}

static bool find_key(struct arena *arena, struct str name, struct str *ret_id)
{
  struct key key;
  make_key(&key, name);
  if (key.failed || key.len == 0)
    return false;
  const struct pair *pair = FIND_PAIR(names, str_make(key.text, key.len));
  if (pair)
    return finish(arena, pair->to, key.later, ret_id);
  return find_joined(arena, &key, ret_id);
}

static bool starts_nocase(struct str text, struct str start)
{
  return text.len > start.len && str_eq_nocase(str_sub(text, 0, start.len), start);
}

static bool find_page(struct arena *arena, struct str url, struct str *ret_id)
{
  static const struct str ends[] = {STR_INIT("/"), STR_INIT(".txt"), STR_INIT(".html"),
                                    STR_INIT(".php"), STR_INIT(".md")};
  static const struct str opensource[] = {STR_INIT("opensource.org/licenses/"),
                                          STR_INIT("opensource.org/license/"),
                                          STR_INIT("spdx.org/licenses/")};
  static const struct str commons = STR_INIT("creativecommons.org/licenses/"),
                          www = STR_INIT("www.");
  ptrdiff_t scheme = str_find(url, 0, STR("://"));
  if (scheme < 0)
    return false;
  url = str_sub(url, (size_t)scheme + 3, SIZE_MAX);
  if (starts_nocase(url, www))
    url = str_sub(url, www.len, SIZE_MAX);
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    if (url.len > ends[i].len &&
        str_eq_nocase(str_sub(url, url.len - ends[i].len, SIZE_MAX), ends[i]))
      url.len -= ends[i].len;
  const struct pair *pair = FIND_PAIR(pages, url);
  if (pair)
    return finish(arena, pair->to, false, ret_id);
  if (starts_nocase(url, commons)) { /* ".../by-nc-sa/4.0" */
    struct str version, kind = str_cut(str_sub(url, commons.len, SIZE_MAX), '/', &version);
    return version.data &&
           find_id(arena, arena_printf(arena, "CC-%.*s-%.*s", STR_FMT(kind), STR_FMT(version)),
                   false, ret_id);
  }
  for (size_t i = 0; i < sizeof opensource / sizeof opensource[0]; i++)
    if (starts_nocase(url, opensource[i]))
      return find_key(arena, str_sub(url, opensource[i].len, SIZE_MAX), ret_id);
  return false;
}

static bool has_digit(struct str text)
{
  for (size_t i = 0; i < text.len; i++)
    if (is_digit(text.data[i]))
      return true;
  return false;
}

/* "GPL (>= 2)", as R's packages have it. */
static bool find_from_version(struct arena *arena, struct str name, struct str *ret_id)
{
  static const struct str signs[] = {STR_INIT(">="), STR_INIT("\xe2\x89\xa5")};
  ptrdiff_t open = str_find_byte(name, 0, '(');
  if (open <= 0 || !str_ends(name, STR(")")))
    return false;
  struct str inside = str_sub(name, (size_t)open + 1, name.len - (size_t)open - 2);
  for (size_t i = 0; i < 2; i++)
    if (str_starts(inside, signs[i]))
      return find_key(arena,
                      arena_printf(arena, "%.*s %.*s+", STR_FMT(str_sub(name, 0, (size_t)open)),
                                   STR_FMT(str_sub(inside, signs[i].len, SIZE_MAX))),
                      ret_id);
  return false;
}

/* "GNU General Public License v3 (GPLv3)": what stands in front, and what in parentheses; the one with a
 * version says more. */
static bool find_in_parts(struct arena *arena, struct str name, struct str *ret_id)
{
  ptrdiff_t open = str_find_byte(name, 0, '(');
  if (open <= 0 || !str_ends(name, STR(")")))
    return false;
  struct str front = str_trim(str_sub(name, 0, (size_t)open));
  struct str inside = str_sub(name, (size_t)open + 1, name.len - (size_t)open - 2);
  if (has_digit(inside) && !has_digit(front))
    return find_key(arena, inside, ret_id) || find_key(arena, front, ret_id);
  return find_key(arena, front, ret_id) || find_key(arena, inside, ret_id);
}

/* Classifiers of PyPI: what is behind the last "::". */
static struct str last_part(struct str name)
{
  for (ptrdiff_t at; (at = str_find(name, 0, STR("::"))) >= 0;)
    name = str_trim(str_sub(name, (size_t)at + 2, SIZE_MAX));
  return name;
}

bool license_name(struct arena *arena, struct str name, struct str *ret_id)
{
  static const struct str references[] = {STR_INIT("LicenseRef-"), STR_INIT("DocumentRef-")};
  name = last_part(str_trim(name));
  if (name.len == 0)
    return false;
  for (size_t i = 0; i < sizeof references / sizeof references[0]; i++)
    if (str_starts(name, references[i]) && name.len > references[i].len) {
      for (size_t j = 0; j < name.len; j++)
        if ((name.data[j] & 0x80) ||
            (!is_letter(name.data[j]) && !is_digit(name.data[j]) && name.data[j] != '-' &&
             name.data[j] != '.' && name.data[j] != ':'))
          return false;
      *ret_id = arena_copy(arena, name);
      return true;
    }
  if (str_ends(name, STR("+")) && find_id(arena, str_sub(name, 0, name.len - 1), true, ret_id))
    return true;
  return find_id(arena, name, false, ret_id) || find_page(arena, name, ret_id) ||
         find_from_version(arena, name, ret_id) || find_key(arena, name, ret_id) ||
         find_in_parts(arena, name, ret_id);
}

bool license_exception(struct arena *arena, struct str name, struct str *ret_id)
{
  struct key key;
  const char *found = license_find(license_exceptions, license_exceptions_count, str_trim(name));
  if (!found) {
    make_key(&key, name);
    if (key.failed || key.len == 0)
      return false;
    const struct pair *pair = FIND_PAIR(exceptions, str_make(key.text, key.len));
    for (size_t i = 0; i < key.len; i++)
      if (key.text[i] == ' ')
        key.text[i] = '-';
    found = pair ? pair->to.data
                 : license_find(license_exceptions, license_exceptions_count,
                                str_make(key.text, key.len));
  }
  if (!found)
    return false;
  *ret_id = arena_copy(arena, str_from(found));
  return true;
}
