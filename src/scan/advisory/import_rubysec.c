/* ruby-advisory-db in its own fields, as JSON lines: what is patched and what never was affected; the rest is. */
#include "scan/advisory/import_int.h"

#include "data/number.h"

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

/* Bare scores, without the vectors they are of. */
static const struct {
  const char *member;
  uint32_t critical; /* from how many tenths on; version 2 has none */
} scores[] = {{"cvss_v4", 90}, {"cvss_v3", 90}, {"cvss_v2", 1000}};

static enum severity severity_of_score(struct value score, uint32_t critical)
{
  double points;
  if (!value_is(score, VALUE_NUMBER) || !number_to_double(score, &points))
    return SEVERITY_UNKNOWN;
  double tenths = points * 10;
  return tenths >= critical ? SEVERITY_CRITICAL
         : tenths >= 70     ? SEVERITY_HIGH
         : tenths >= 40     ? SEVERITY_MEDIUM
         : tenths > 0       ? SEVERITY_LOW
                            : SEVERITY_INFO;
}

static void read_severity(struct value root, struct advisory *a)
{
  for (size_t i = 0; i < sizeof scores / sizeof *scores && a->severity == SEVERITY_UNKNOWN; i++)
    a->severity = severity_of_score(member(root, scores[i].member), scores[i].critical);
}

/* CVE before GHSA before OSVDB: the first is the id, the others are aliases. */
static void read_ids(struct arena *arena, struct value root, struct str *ids, size_t *ret_count)
{
  struct str cve = text(root, "cve"), ghsa = text(root, "ghsa");
  int64_t osvdb;
  size_t count = 0;
  if (cve.len)
    ids[count++] = arena_printf(arena, "CVE-%.*s", STR_FMT(cve));
  if (ghsa.len)
    ids[count++] = arena_printf(arena, "GHSA-%.*s", STR_FMT(ghsa));
  if (value_to_int(member(root, "osvdb"), &osvdb))
    ids[count++] = arena_printf(arena, "OSVDB-%lld", (long long)osvdb);
  *ret_count = count;
}

static int add_all(struct import_intervals *set, struct value list, struct error *err)
{
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && value_is(list, VALUE_ARRAY) && i < list.len; i++)
    rc = import_intervals_add(set, value_str_or_empty(list.items[i]), err);
  return rc;
}

static int read_range(struct arena *arena, struct value root, const struct advisory_range **ret,
                      struct error *err)
{
  struct import_intervals mended = {
      .ops = version_ops_named(STR("gem")), .arena = arena, .syntax = IMPORT_SYNTAX_GEM};
  int rc = add_all(&mended, member(root, "patched_versions"), err);
  if (rc == 0)
    rc = add_all(&mended, member(root, "unaffected_versions"), err);
  if (rc == 0) {
    import_intervals_join(&mended);
    import_intervals_range(NULL, &mended, ret);
  }
  import_intervals_free(&mended);
  return rc;
}

static int read_document(struct advisory_import *import, struct arena *arena, struct str name,
                         struct value root, struct error *err)
{
  struct str ids[3], gem = text(root, "gem"), url = text(root, "url");
  const struct advisory_range *range = NULL;
  struct error fault;
  size_t count;
  read_ids(arena, root, ids, &count);
  if (count == 0 || ids[0].len > ADVISORY_ID_MAX)
    return import_unreadable_because(import, text(root, "_path"), "it has no CVE, GHSA or OSVDB");
  if (gem.len == 0)
    return import_unreadable_because(import, ids[0], "it is about no gem but about \"%.*s%.*s\"",
                                     STR_FMT(str_sub(text(root, "engine"), 0, 80)),
                                     STR_FMT(str_sub(text(root, "library"), 0, 80)));
  if (read_range(arena, root, &range, &fault) < 0)
    return import_unreadable(import, ids[0], &fault);
  const struct advisory_affected affected = {.ecosystem = STR("RubyGems"),
                                             .name = gem,
                                             .status = range ? ADVISORY_AFFECTED
                                                             : ADVISORY_NOT_AFFECTED,
                                             .ranges = range,
                                             .range_count = range ? 1 : 0};
  struct advisory advisory = {.id = ids[0],
                              .aliases = ids + 1,
                              .alias_count = count - 1,
                              .title = text(root, "title"),
                              .description = text(root, "description"),
                              .published = text(root, "date"),
                              .references = &url,
                              .reference_count = url.len ? 1 : 0,
                              .affected = &affected,
                              .affected_count = 1};
  read_severity(root, &advisory);
  return import_add(import, arena, &advisory, NULL, 0, err);
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  return import_documents(import, unpacked, read_document, err);
}

static bool detect(struct str name, struct str head)
{
  static const char *const members[] = {"gem", "title", "date"},
                           *const engines[] = {"engine", "title", "date"},
                           *const libraries[] = {"library", "title", "date"};
  return import_head_has(head, members, 3) || import_head_has(head, engines, 3) ||
         import_head_has(head, libraries, 3);
}

const struct advisory_format advisory_format_rubysec = {
    .name = "rubysec",
    .description = "ruby-advisory-db in its own fields, JSON lines",
    .detect = detect,
    .import = import,
};
