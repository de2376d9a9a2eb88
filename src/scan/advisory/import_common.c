/* What several formats have in common: words for severities, names of releases, vulnerabilities in texts. */
#include "scan/advisory/import_int.h"

size_t import_texts(struct arena *arena, struct value array, size_t max, const struct str **ret)
{
  size_t count = 0;
  *ret = NULL;
  if (!value_is(array, VALUE_ARRAY) || array.len == 0)
    return 0;
  struct str *texts = arena_array(arena, struct str, array.len);
  for (uint32_t i = 0; i < array.len && count < max; i++) {
    struct str text = value_str_or_empty(array.items[i]);
    if (text.len)
      texts[count++] = text;
  }
  *ret = texts;
  return count;
}

struct str import_text(struct value v)
{
  return value_str_or_empty(value_is(v, VALUE_ARRAY) ? value_at(v, 0) : v);
}

static const struct {
  struct str word;
  enum severity severity;
} words[] = {
    {STR_INIT("critical"), SEVERITY_CRITICAL},  {STR_INIT("high"), SEVERITY_HIGH},
    {STR_INIT("important"), SEVERITY_HIGH},     {STR_INIT("medium"), SEVERITY_MEDIUM},
    {STR_INIT("moderate"), SEVERITY_MEDIUM},    {STR_INIT("low"), SEVERITY_LOW},
    {STR_INIT("negligible"), SEVERITY_INFO},    {STR_INIT("unimportant"), SEVERITY_INFO},
    {STR_INIT("informational"), SEVERITY_INFO},
};

enum severity import_severity(struct str word)
{
  word = str_trim(word);
  while (str_ends(word, STR("*"))) /* Debian's "low**": by hand or not */
    word.len--;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (str_eq_nocase(words[i].word, word))
      return words[i].severity;
  return SEVERITY_UNKNOWN;
}

/* ---- CVE-YYYY-N...N */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* The length of a CVE's name at the beginning of the text; 0: there is none. */
static size_t cve_length(struct str s)
{
  size_t i = 4;
  if (s.len < 13 || !str_eq_nocase(str_sub(s, 0, 4), STR("CVE-")))
    return 0;
  while (i < 8 && is_digit(s.data[i]))
    i++;
  if (i != 8 || s.data[i++] != '-')
    return 0;
  size_t from = i;
  while (i < s.len && is_digit(s.data[i]))
    i++;
  return i - from >= 4 && i - from <= 19 ? i : 0;
}

bool import_is_cve(struct str id)
{
  return id.len && cve_length(id) == id.len && str_starts(id, STR("CVE-"));
}

bool import_find_cve(struct str text, size_t from, struct str *ret_cve, size_t *ret_end)
{
  for (ptrdiff_t at; (at = str_find(text, from, STR("CVE-"))) >= 0; from = (size_t)at + 4) {
    size_t length = cve_length(str_sub(text, (size_t)at, SIZE_MAX));
    if (length) {
      *ret_cve = str_sub(text, (size_t)at, length);
      *ret_end = (size_t)at + length;
      return true;
    }
  }
  return false;
}

/* ---- distributions */

static const struct {
  struct str ecosystem;
  bool binary; /* advisories name binary packages */
} distributions[] = {
    {STR_INIT("AlmaLinux"), true},    {STR_INIT("Alpaquita"), false},
    {STR_INIT("Alpine"), false},      {STR_INIT("Amazon Linux"), true},
    {STR_INIT("Azure Linux"), false}, {STR_INIT("BellSoft Hardened Containers"), false},
    {STR_INIT("CBL-Mariner"), false}, {STR_INIT("CentOS"), true},
    {STR_INIT("Chainguard"), false},  {STR_INIT("Debian"), false},
    {STR_INIT("Echo"), false},        {STR_INIT("Fedora"), true},
    {STR_INIT("Mageia"), false},      {STR_INIT("MinimOS"), false},
    {STR_INIT("Oracle Linux"), true}, {STR_INIT("Photon OS"), false},
    {STR_INIT("Red Hat"), true},      {STR_INIT("Rocky Linux"), false},
    {STR_INIT("SUSE"), false},        {STR_INIT("Ubuntu"), false},
    {STR_INIT("Wolfi"), false},       {STR_INIT("openEuler"), false},
    {STR_INIT("openSUSE"), false},
};

bool import_is_distribution(struct str ecosystem, bool *ret_binary)
{
  struct str release, name = str_cut(ecosystem, ':', &release);
  for (size_t i = 0; i < sizeof distributions / sizeof distributions[0]; i++)
    if (str_eq(distributions[i].ecosystem, name)) {
      *ret_binary = distributions[i].binary;
      return true;
    }
  *ret_binary = false;
  return false;
}

static const struct {
  struct str codename, release;
} debian_releases[] = {
    {STR_INIT("buzz"), STR_INIT("1.1")},    {STR_INIT("rex"), STR_INIT("1.2")},
    {STR_INIT("bo"), STR_INIT("1.3")},      {STR_INIT("hamm"), STR_INIT("2.0")},
    {STR_INIT("slink"), STR_INIT("2.1")},   {STR_INIT("potato"), STR_INIT("2.2")},
    {STR_INIT("woody"), STR_INIT("3.0")},   {STR_INIT("sarge"), STR_INIT("3.1")},
    {STR_INIT("etch"), STR_INIT("4.0")},    {STR_INIT("lenny"), STR_INIT("5.0")},
    {STR_INIT("squeeze"), STR_INIT("6.0")}, {STR_INIT("wheezy"), STR_INIT("7")},
    {STR_INIT("jessie"), STR_INIT("8")},    {STR_INIT("stretch"), STR_INIT("9")},
    {STR_INIT("buster"), STR_INIT("10")},   {STR_INIT("bullseye"), STR_INIT("11")},
    {STR_INIT("bookworm"), STR_INIT("12")}, {STR_INIT("trixie"), STR_INIT("13")},
    {STR_INIT("forky"), STR_INIT("14")},    {STR_INIT("duke"), STR_INIT("15")},
    {STR_INIT("sid"), STR_INIT("sid")},
};

struct str import_debian_release(struct str codename)
{
  for (size_t i = 0; i < sizeof debian_releases / sizeof debian_releases[0]; i++)
    if (str_eq(debian_releases[i].codename, codename))
      return debian_releases[i].release;
  return STR_EMPTY;
}

const struct advisory_range *import_range(struct arena *arena, struct str introduced,
                                          struct str fixed)
{
  struct advisory_range *range = arena_new(arena, struct advisory_range);
  struct advisory_event *events = arena_array(arena, struct advisory_event, 2);
  events[0] = (struct advisory_event){.kind = VERSION_INTRODUCED,
                                      .version = introduced.len ? introduced : STR("0")};
  events[1] = (struct advisory_event){.kind = VERSION_FIXED, .version = fixed};
  *range = (struct advisory_range){.events = events, .count = fixed.len ? 2 : 1};
  return range;
}

/* ---- one record, several vulnerabilities */

enum { SPLIT_MAX = 500000, TITLE_MAX = 240 };

/* What a text of many lines says about one of its vulnerabilities: "* kernel: use after free (CVE-2024-1)". */
static struct str title_of(struct str text, struct str cve, struct str otherwise)
{
  ptrdiff_t at = str_find(text, 0, cve);
  if (at < 0)
    return otherwise;
  ptrdiff_t start = str_find_last_byte(str_sub(text, 0, (size_t)at), '\n');
  struct str line = str_trim(str_sub(text, (size_t)(start + 1), (size_t)(at - start - 1)));
  bool item = str_starts(line, STR("*")) || str_starts(line, STR("-"));
  line = str_trim(str_sub(line, 1, SIZE_MAX));
  if (!item || !str_ends(line, STR("(")) || line.len > TITLE_MAX)
    return otherwise;
  return str_trim(str_sub(line, 0, line.len - 1));
}

int import_add(struct advisory_import *import, struct arena *arena, const struct advisory *advisory,
               const struct str *cves, size_t cve_count, struct error *err)
{
  const struct advisory_sink *sink = import->sink;
  struct advisory one = *advisory;
  if (cve_count == 0 || cve_count * (advisory->affected_count + 1) > SPLIT_MAX ||
      (cve_count == 1 && str_eq(cves[0], advisory->id)))
    return sink->add(sink->ctx, advisory, err);
  if (cve_count == 1) {
    for (size_t i = 0; i < advisory->alias_count; i++)
      if (str_eq(advisory->aliases[i], cves[0]))
        return sink->add(sink->ctx, advisory, err);
    struct str *aliases = arena_array(arena, struct str, advisory->alias_count + 1);
    for (size_t i = 0; i < advisory->alias_count; i++)
      aliases[i] = advisory->aliases[i];
    aliases[advisory->alias_count] = cves[0];
    one.aliases = aliases;
    one.alias_count++;
    return sink->add(sink->ctx, &one, err);
  }
  one.aliases = NULL;
  one.alias_count = 0;
  one.related = &advisory->id;
  for (size_t i = 0; i < cve_count; i++) {
    one.id = cves[i];
    one.related_count = str_eq(cves[i], advisory->id) ? 0 : 1;
    one.title = title_of(advisory->description, cves[i], advisory->title);
    int rc = sink->add(sink->ctx, &one, err);
    if (rc < 0)
      return rc;
  }
  return 0;
}
