/* The victims database (Java and Python), and the statements of SAP's project KB about artifacts of Maven. */
#include "scan/advisory/import_int.h"

#include "scan/purl.h"

enum { LINES_MAX = 256 };

static struct value member(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text(struct value v, const char *name)
{
  return value_str_or_empty(member(v, name));
}

/* ---- victims: "<=2.0.11.2,2.0" is up to 2.0.11.2, of the series 2.0 */

struct line {
  struct str version, series;
  char kind; /* 'l' "<=", '<', '=', 'g' ">=" */
};

static bool read_line(struct value v, struct line *ret)
{
  struct str s = str_trim(value_str_or_empty(v)), rest;
  bool two = str_starts(s, STR("<=")) || str_starts(s, STR(">=")) || str_starts(s, STR("=="));
  if (s.len == 0)
    return false;
  ret->kind = str_starts(s, STR("<="))   ? 'l'
              : str_starts(s, STR(">=")) ? 'g'
              : two                      ? '='
                                         : s.data[0];
  if (!two && ret->kind != '<' && ret->kind != '>')
    ret->kind = '=';
  else
    s = str_sub(s, two ? 2 : 1, SIZE_MAX);
  ret->version = str_trim(str_cut(s, ',', &rest));
  ret->series = rest.data ? str_trim(rest) : STR_EMPTY;
  return ret->version.len && ret->kind != '>';
}

/* The fix of a series; empty: there is none, or not for it. */
static struct str fix_of(struct value fixes, struct str series)
{
  for (uint32_t i = 0; value_is(fixes, VALUE_ARRAY) && i < fixes.len; i++) {
    struct line fix;
    if (read_line(fixes.items[i], &fix) && str_eq(fix.series, series) &&
        (fix.kind == 'g' || fix.kind == '='))
      return fix.version;
  }
  return STR_EMPTY;
}

/* A line as a range: each of them stands for itself. */
static bool line_range(struct arena *arena, const struct line *line, struct value fixes,
                       struct advisory_range *ret)
{
  struct advisory_event *events = arena_array(arena, struct advisory_event, 2);
  struct str fix = fix_of(fixes, line->series);
  bool beginning = line->series.len == 0;
  events[0] = (struct advisory_event){.kind = VERSION_INTRODUCED,
                                      .version = line->kind == '=' || line->kind == 'g'
                                                     ? line->version
                                                 : beginning ? STR("0")
                                                             : line->series};
  events[1] = (struct advisory_event){
      .kind = line->kind == '<' ? VERSION_FIXED : VERSION_LAST_AFFECTED, .version = line->version};
  if (line->kind == 'l' && fix.len)
    events[1] = (struct advisory_event){.kind = VERSION_FIXED, .version = fix};
  *ret = (struct advisory_range){.events = events, .count = line->kind == 'g' ? 1 : 2};
  return true;
}

static bool read_package(struct arena *arena, struct value package, struct advisory_affected *a)
{
  struct str group = text(package, "groupId"), artifact = text(package, "artifactId");
  struct value lines = member(package, "version");
  *a = (struct advisory_affected){.ecosystem = STR("PyPI"), .name = text(package, "name")};
  if (group.len && artifact.len) {
    a->ecosystem = STR("Maven");
    a->name = arena_printf(arena, "%.*s:%.*s", STR_FMT(group), STR_FMT(artifact));
  }
  if (a->name.len == 0 || !value_is(lines, VALUE_ARRAY))
    return false;
  struct advisory_range *ranges = arena_array(arena, struct advisory_range, LINES_MAX);
  for (uint32_t i = 0; i < lines.len && a->range_count < LINES_MAX; i++) {
    struct line line;
    if (read_line(lines.items[i], &line))
      a->range_count +=
          line_range(arena, &line, member(package, "fixedin"), &ranges[a->range_count]);
  }
  a->ranges = ranges;
  return a->range_count > 0;
}

static int read_victim(struct advisory_import *import, struct arena *arena, struct str name,
                       struct value root, struct error *err)
{
  struct value list = member(root, "affected");
  struct str cve = text(root, "cve");
  uint32_t count = value_is(list, VALUE_ARRAY) ? list.len : 0;
  if (cve.len == 0 || cve.len > ADVISORY_ID_MAX - 4)
    return import_unreadable_because(import, text(root, "_path"), "it has no CVE");
  struct advisory advisory = {.id = arena_printf(arena, "CVE-%.*s", STR_FMT(cve)),
                              .title = text(root, "title"),
                              .description = text(root, "description")};
  struct advisory_affected *affected = arena_array(arena, struct advisory_affected, count);
  for (uint32_t i = 0; i < count && i < ADVISORY_AFFECTED_MAX; i++)
    advisory.affected_count +=
        read_package(arena, list.items[i], &affected[advisory.affected_count]);
  if (advisory.affected_count == 0)
    return import_unreadable_because(import, advisory.id, "it names no package with versions");
  advisory.affected = affected;
  advisory.reference_count =
      import_texts(arena, member(root, "references"), IMPORT_LIST_MAX, &advisory.references);
  return import_add(import, arena, &advisory, NULL, 0, err);
}

static int import_victims(struct advisory_import *import, const struct oci_input *unpacked,
                          struct error *err)
{
  return import_documents(import, unpacked, read_victim, err);
}

static bool is_victims(struct str name, struct str head)
{
  static const char *const members[] = {"cve", "affected", "version"};
  return import_head_has(head, members, 3) && str_find(head, 0, STR("\"id\"")) < 0;
}

const struct advisory_format advisory_format_victims = {
    .name = "victims",
    .description = "the victims database (Java, Python), JSON lines",
    .detect = is_victims,
    .import = import_victims,
};

/* ---- project KB: versions one by one, judged by people */

/* The package of a statement among those that there are already, or a new one. */
static struct advisory_affected *package_of(struct advisory_affected *items, size_t *io_count,
                                            struct str name)
{
  for (size_t i = 0; i < *io_count; i++)
    if (str_eq(items[i].name, name))
      return &items[i];
  items[*io_count] = (struct advisory_affected){.ecosystem = STR("Maven"), .name = name};
  return &items[(*io_count)++];
}

enum { ARTIFACTS_MAX = 4096 };

static void add_artifact(struct arena *arena, struct value artifact, uint32_t room,
                         struct advisory_affected *items, size_t *io_count)
{
  struct purl purl;
  if (!value_is_true(member(artifact, "affected")) ||
      purl_parse(arena, text(artifact, "id"), &purl, NULL) < 0 ||
      !str_eq(purl.type, STR("maven")) || purl.version.len == 0)
    return;
  struct str name = arena_printf(arena, "%.*s:%.*s", STR_FMT(purl.name_space), STR_FMT(purl.name));
  struct advisory_affected *a = package_of(items, io_count, name);
  struct str *versions = a->version_count ? (struct str *)a->versions
                                          : arena_array(arena, struct str, room);
  versions[a->version_count++] = purl.version;
  a->versions = versions;
}

static int read_statement(struct advisory_import *import, struct arena *arena, struct str name,
                          struct value root, struct error *err)
{
  struct value list = member(root, "artifacts"), notes = member(root, "notes");
  struct str id = text(root, "vulnerability_id");
  uint32_t count = value_is(list, VALUE_ARRAY) ? list.len : 0;
  if (id.len == 0 || id.len > ADVISORY_ID_MAX)
    return import_unreadable_because(import, text(root, "_path"), "it has no vulnerability_id");
  if (count > ARTIFACTS_MAX)
    return import_unreadable_because(import, id, "more than %d artifacts", ARTIFACTS_MAX);
  struct advisory advisory = {.id = id, .description = text(value_at(notes, 0), "text")};
  struct advisory_affected *affected = arena_array(arena, struct advisory_affected, count);
  for (uint32_t i = 0; i < count && !arena_over(arena); i++)
    add_artifact(arena, list.items[i], count, affected, &advisory.affected_count);
  if (advisory.affected_count == 0) {
    import
        ->ret_left_out++; /* a fix in source code, and no artifact that is known to have it or lack it */
    return 0;
  }
  advisory.affected = affected;
  return import_add(import, arena, &advisory, NULL, 0, err);
}

static int import_statements(struct advisory_import *import, const struct oci_input *unpacked,
                             struct error *err)
{
  return import_documents(import, unpacked, read_statement, err);
}

static bool is_statements(struct str name, struct str head)
{
  static const char *const members[] = {"vulnerability_id", "notes"}, *const artifacts[] = {
                                                                          "vulnerability_id",
                                                                          "artifacts"};
  return import_head_has(head, members, 2) || import_head_has(head, artifacts, 2);
}

const struct advisory_format advisory_format_project_kb = {
    .name = "project-kb",
    .description = "statements of SAP's project KB about Maven artifacts, JSON lines",
    .detect = is_statements,
    .import = import_statements,
};
