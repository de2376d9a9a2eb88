/*
 * The Node.js security working group's own fields (packages of npm, and Node.js itself), and RetireJS's lists of
 * versions of JavaScript libraries.
 */
#include "scan/advisory/import_int.h"

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

/* ---- the working group */

/* Vulnerable, less what is patched. */
static int read_difference(struct arena *arena, struct str vulnerable, struct str patched,
                           const struct advisory_range **ret, struct error *err)
{
  struct import_intervals mended = {
      .ops = version_ops_named(STR("npm")), .arena = arena, .syntax = IMPORT_SYNTAX_NPM};
  struct import_intervals affected = mended;
  int rc = import_intervals_add(&affected, vulnerable, err);
  if (rc == 0 && patched.len)
    rc = import_intervals_add(&mended, patched, err);
  if (rc == 0) {
    import_intervals_join(&affected);
    import_intervals_join(&mended);
    import_intervals_range(&affected, &mended, ret);
  }
  import_intervals_free(&affected);
  import_intervals_free(&mended);
  return rc;
}

/* "NSWG-ECO-77" by the record's number; that of a record about Node.js is its name in the index. */
static struct str own_id(struct arena *arena, struct value root, bool core, struct str key)
{
  int64_t number;
  if (value_to_int(member(root, "id"), &number))
    return arena_printf(arena, "NSWG-%s-%lld", core ? "CORE" : "ECO", (long long)number);
  return key.len ? arena_printf(arena, "NSWG-CORE-%.*s", STR_FMT(str_sub(key, 0, 80))) : STR_EMPTY;
}

static int read_record(struct advisory_import *import, struct arena *arena, struct str key,
                       struct value root, struct error *err)
{
  bool core = !value_is(member(root, "module_name"), VALUE_STRING);
  struct value cves = member(root, core ? "cve" : "cves");
  struct advisory advisory = {.id = own_id(arena, root, core, key), .title = text(root, "title")};
  const struct advisory_range *range = NULL;
  const struct str *ids;
  struct error fault;
  size_t count = import_texts(arena, cves, ADVISORY_ALIASES_MAX, &ids);
  struct advisory_affected affected = {.ecosystem = core ? STR("Bitnami") : STR("npm"),
                                       .name = core ? STR("node") : text(root, "module_name")};
  if (advisory.id.len == 0 && count)
    advisory.id = ids[0];
  if (advisory.id.len == 0 || advisory.id.len > ADVISORY_ID_MAX || affected.name.len == 0)
    return import_unreadable_because(import, key, "it has neither an id nor a CVE");
  struct str vulnerable = text(root, core ? "vulnerable" : "vulnerable_versions");
  if (vulnerable.len == 0)
    return import_unreadable_because(import, advisory.id, "it names no vulnerable versions");
  if (read_difference(arena, vulnerable, text(root, core ? "patched" : "patched_versions"), &range,
                      &fault) < 0)
    return import_unreadable(import, advisory.id, &fault);
  affected.ranges = range;
  affected.range_count = range ? 1 : 0;
  affected.status = range ? ADVISORY_AFFECTED : ADVISORY_NOT_AFFECTED;
  struct str vector = text(root, "cvss_vector");
  advisory.description = text(root, "overview");
  advisory.severity_text = text(root, "severity");
  advisory.severity = import_severity(advisory.severity_text);
  advisory.cvss = &vector;
  advisory.cvss_count = str_starts(vector, STR("CVSS:")) ? 1 : 0;
  advisory.published = text(root, "publish_date");
  advisory.affected = &affected;
  advisory.affected_count = 1;
  advisory.reference_count =
      import_texts(arena, member(root, "references"), IMPORT_LIST_MAX, &advisory.references);
  if (count <= 1) {
    advisory.aliases = ids;
    advisory.alias_count = count && !str_eq(ids[0], advisory.id) ? 1 : 0;
    return import_add(import, arena, &advisory, NULL, 0, err);
  }
  return import_add(import, arena, &advisory, ids, count, err);
}

/* An index of all records by their numbers. */
static bool is_index(struct value root)
{
  unsigned long long number;
  return value_is(root, VALUE_OBJECT) && root.len &&
         str_to_u64(value_str(root.members[0].key), 1000000, &number) &&
         value_is(root.members[0].value, VALUE_OBJECT);
}

static int read_document(struct advisory_import *import, struct arena *arena, struct str name,
                         struct value root, struct error *err)
{
  int rc = 0;
  if (!is_index(root))
    return read_record(import, arena, STR_EMPTY, root, err);
  for (uint32_t i = 0; rc == 0 && i < root.len; i++)
    rc = read_record(import, arena, value_str(root.members[i].key), root.members[i].value, err);
  return rc;
}

static int import_group(struct advisory_import *import, const struct oci_input *unpacked,
                        struct error *err)
{
  return import_documents(import, unpacked, read_document, err);
}

static bool is_group(struct str name, struct str head)
{
  static const char *const packages[] = {"module_name", "vulnerable_versions"}, *const core[] = {
                                                                                    "vulnerable",
                                                                                    "patched",
                                                                                    "cve"};
  return import_head_has(head, packages, 2) || import_head_has(head, core, 3);
}

const struct advisory_format advisory_format_nodejs = {
    .name = "nodejs",
    .description = "records of the Node.js security working group, JSON lines",
    .detect = is_group,
    .import = import_group,
};

/* ---- RetireJS */

static size_t retire_ids(struct arena *arena, struct value identifiers, const struct str **ret)
{
  const struct str *cves;
  size_t count = import_texts(arena, member(identifiers, "CVE"), ADVISORY_ALIASES_MAX, &cves);
  struct str *ids = arena_array(arena, struct str, count + 1), ghsa = text(identifiers, "githubID");
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (import_is_cve(cves[i]))
      ids[kept++] = cves[i];
  if (ghsa.len)
    ids[kept++] = ghsa;
  *ret = ids;
  return kept;
}

/* "1.3.0-*" is all of 1.3.0, pre-releases too. */
static struct str bound_of(struct arena *arena, struct value v, const char *name)
{
  struct str bound = text(v, name);
  return str_ends(bound, STR("-*"))
             ? arena_printf(arena, "%.*s0", STR_FMT(str_sub(bound, 0, bound.len - 1)))
             : bound;
}

static int read_vulnerability(struct advisory_import *import, struct arena *arena,
                              struct str package, struct value v, uint32_t number,
                              struct error *err)
{
  struct value identifiers = member(v, "identifiers");
  struct str below = bound_of(arena, v, "below"), from = bound_of(arena, v, "atOrAbove");
  const struct str *ids;
  size_t count = retire_ids(arena, identifiers, &ids);
  struct str id = count ? ids[0]
                        : arena_printf(arena, "RETIREJS-%.*s-%u", STR_FMT(str_sub(package, 0, 200)),
                                       number + 1);
  if (below.len == 0 || id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(import, str_sub(id, 0, ADVISORY_ID_MAX),
                                     "%.*s: it says not below which version",
                                     STR_FMT(str_sub(package, 0, 200)));
  struct advisory_affected affected = {.ecosystem = STR("npm"),
                                       .name = package,
                                       .ranges = import_range(arena, from, below),
                                       .range_count = 1};
  struct advisory advisory = {.id = id,
                              .title = text(identifiers, "summary"),
                              .severity_text = text(v, "severity"),
                              .affected = &affected,
                              .affected_count = 1};
  advisory.severity = import_severity(advisory.severity_text);
  advisory.cwe_count = import_texts(arena, member(v, "cwe"), IMPORT_LIST_MAX, &advisory.cwes);
  advisory.reference_count =
      import_texts(arena, member(v, "info"), IMPORT_LIST_MAX, &advisory.references);
  size_t cves = 0;
  while (cves < count && import_is_cve(ids[cves]))
    cves++;
  if (cves > 1)
    return import_add(import, arena, &advisory, ids, cves, err);
  advisory.aliases = ids + 1;
  advisory.alias_count = count ? count - 1 : 0;
  return import_add(import, arena, &advisory, NULL, 0, err);
}

/* A library without a name in npm is told by the contents of scripts, which nobody here looks into. */
static int read_library(struct advisory_import *import, struct arena *arena, struct str name,
                        struct value library, struct error *err)
{
  struct value list = member(library, "vulnerabilities");
  bool scripts = value_is(member(library, "extractors"), VALUE_OBJECT);
  struct str package = text(library, "npmname");
  int rc = 0;
  if (str_eq(name, STR("retire-example"))) {
    import->ret_left_out++;
    return 0;
  }
  if (!value_is(list, VALUE_ARRAY))
    return import_unreadable_because(import, str_sub(name, 0, ADVISORY_ID_MAX),
                                     "it has no list of vulnerabilities");
  if (package.len == 0 && scripts)
    return import_unreadable_because(import, str_sub(name, 0, ADVISORY_ID_MAX),
                                     "it has no name in npm; its %u entries are left out",
                                     list.len);
  for (uint32_t i = 0; rc == 0 && i < list.len; i++)
    rc = read_vulnerability(import, arena, package.len ? package : name, list.items[i], i, err);
  return rc;
}

static int import_retire(struct advisory_import *import, const struct oci_input *unpacked,
                         struct error *err)
{
  return import_members(import, unpacked, read_library, err);
}

static bool is_retire(struct str name, struct str head)
{
  static const char *const members[] = {"vulnerabilities", "below"};
  return import_head_has(head, members, 2);
}

const struct advisory_format advisory_format_retirejs = {
    .name = "retirejs",
    .description = "RetireJS: jsrepository and npmrepository, JSON",
    .detect = is_retire,
    .import = import_retire,
};
