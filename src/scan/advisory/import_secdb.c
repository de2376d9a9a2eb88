/*
 * secdb: what Alpine, Wolfi and Chainguard publish for each repository of a release: package → version → the
 * vulnerabilities that it mends. Version "0" says that the package never had them.
 */
#include "scan/advisory/import_int.h"

struct secdb {
  struct advisory_import *import;
  struct arena *arena;
  struct str ecosystem, package, version;
};

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

static bool mentions(struct value root, struct str name, const char *word)
{
  static const char *const members[] = {"urlprefix", "apkurl", "distroversion", "reponame"};
  for (size_t i = 0; i < sizeof members / sizeof *members; i++)
    if (str_find(text(root, members[i]), 0, str_from(word)) >= 0)
      return true;
  return str_find(name, 0, str_from(word)) >= 0;
}

/* Wolfi and Chainguard have no releases, and tell themselves by where their packages are. */
static struct str ecosystem_of(struct arena *arena, struct value root, struct str name)
{
  struct str release = text(root, "distroversion");
  if (release.len)
    return arena_printf(arena, "Alpine:%.*s", STR_FMT(release));
  if (mentions(root, name, "wolfi"))
    return STR("Wolfi");
  if (mentions(root, name, "chainguard") || mentions(root, name, "cgr.dev"))
    return STR("Chainguard");
  return STR_EMPTY;
}

static int add(struct secdb *s, struct str id, const struct str *aliases, size_t alias_count,
               struct error *err)
{
  bool never = str_eq(s->version, STR("0"));
  const struct advisory_affected affected = {
      .ecosystem = s->ecosystem,
      .name = s->package,
      .status = never ? ADVISORY_NOT_AFFECTED : ADVISORY_AFFECTED,
      .ranges = never ? NULL : import_range(s->arena, STR_EMPTY, s->version),
      .range_count = never ? 0 : 1,
  };
  const struct advisory advisory = {.id = id,
                                    .aliases = aliases,
                                    .alias_count = alias_count,
                                    .affected = &affected,
                                    .affected_count = 1};
  return import_add(s->import, s->arena, &advisory, NULL, 0, err);
}

/* "CVE-2017-2616 (+ regression fix)", "CVE-2019-1 GHSA-...", "XSA-273", "wnpa-sec-2017-18". */
static bool is_id(struct str word)
{
  bool hyphen = false;
  if (word.len < 4 || word.len > ADVISORY_ID_MAX)
    return false;
  for (size_t i = 0; i < word.len; i++) {
    char c = word.data[i];
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && (i == 0 || !(c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9'))))
      return false;
    hyphen |= c == '-';
  }
  return hyphen;
}

enum { WORDS_MAX = 32 };

/* Several CVEs of one entry are several vulnerabilities; with one, the other ids are other names of it. */
static int read_entry(struct secdb *s, struct str entry, struct error *err)
{
  struct str cves[WORDS_MAX], others[WORDS_MAX];
  size_t cve_count = 0, other_count = 0;
  for (struct str rest = entry; rest.data;) {
    struct str word = str_trim(str_cut(rest, ' ', &rest));
    if (str_starts(word, STR("CVE_"))) /* a slip of the pen that occurs */
      word = arena_printf(s->arena, "CVE-%.*s", STR_FMT(str_sub(word, 4, SIZE_MAX)));
    if (import_is_cve(word) && cve_count < WORDS_MAX)
      cves[cve_count++] = word;
    else if (is_id(word) && other_count < WORDS_MAX)
      others[other_count++] = word;
  }
  if (cve_count + other_count == 0)
    return import_unreadable_because(s->import, str_sub(entry, 0, ADVISORY_ID_MAX),
                                     "%.*s: this names no vulnerability",
                                     STR_FMT(str_sub(s->package, 0, 200)));
  if (cve_count == 1)
    return add(s, cves[0], others, other_count, err);
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < cve_count; i++)
    rc = add(s, cves[i], NULL, 0, err);
  for (size_t i = 0; rc == 0 && i < other_count; i++)
    rc = add(s, others[i], NULL, 0, err);
  return rc;
}

static int read_package(struct secdb *s, struct value package, struct error *err)
{
  struct value fixes = member(package, "secfixes");
  int rc = 0;
  s->package = text(package, "name");
  if (s->package.len == 0 || !value_is(fixes, VALUE_OBJECT))
    return import_unreadable_because(s->import, str_sub(s->package, 0, ADVISORY_ID_MAX),
                                     "a package must have a name and secfixes");
  for (uint32_t v = 0; v < fixes.len; v++) {
    struct value entries = fixes.members[v].value;
    s->version = str_trim(value_str(fixes.members[v].key));
    for (uint32_t i = 0; rc == 0 && value_is(entries, VALUE_ARRAY) && i < entries.len; i++)
      rc = read_entry(s, value_str_or_empty(entries.items[i]), err);
  }
  return rc;
}

static int read_document(struct advisory_import *import, struct arena *arena, struct str name,
                         struct value root, struct error *err)
{
  struct secdb s = {.import = import, .arena = arena};
  struct value packages = member(root, "packages");
  int rc = 0;
  s.ecosystem = ecosystem_of(arena, root, name.len ? name : import->name);
  if (s.ecosystem.len == 0 || (!value_is(packages, VALUE_ARRAY) && !value_is_nil(packages)))
    return import_unreadable_because(
        import, name,
        "it says neither a release (distroversion) nor whose it is, or "
        "has no packages");
  for (uint32_t i = 0; rc == 0 && value_is(packages, VALUE_ARRAY) && i < packages.len; i++)
    rc = read_package(&s, member(packages.items[i], "pkg"), err);
  return rc;
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  return import_documents(import, unpacked, read_document, err);
}

static bool detect(struct str name, struct str head)
{
  static const char *const members[] = {"apkurl", "packages"};
  return import_head_has(head, members, 2);
}

const struct advisory_format advisory_format_alpine_secdb = {
    .name = "alpine-secdb",
    .description = "secdb of Alpine, Wolfi or Chainguard",
    .detect = detect,
    .import = import,
};
