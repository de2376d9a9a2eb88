/*
 * The lists of Debian's security announcements (DSA) and those of its long-term support (DLA), as the tracker keeps
 * them in text: a line with date and id, one with vulnerabilities, and a line for each release.
 */
#include "scan/advisory/import_int.h"

#include "base/clock.h"

enum { CVES_MAX = 4096, RELEASES_MAX = 64, SOURCES_MAX = 64 };

struct announcement {
  struct advisory advisory;
  struct arena arena; /* of the announcement that is being read */
  struct str cves[CVES_MAX];
  size_t cve_count;
  struct advisory_affected affected[RELEASES_MAX];
  bool started, regression;
};

static int end_announcement(struct advisory_import *import, struct announcement *a,
                            struct error *err)
{
  int rc = 0;
  a->advisory.affected = a->affected;
  if (a->started && a->cve_count == 0 && a->regression)
    import->ret_left_out++;
  else if (a->started)
    rc = import_add(import, &a->arena, &a->advisory, a->cves, a->cve_count, err);
  arena_reset(&a->arena);
  a->started = false;
  return rc;
}

/* "29 Mar 2023" as "2023-03-29"; empty if it is none. */
static struct str read_date(struct arena *arena, struct str s)
{
  static const struct str months = STR_INIT("JanFebMarAprMayJunJulAugSepOctNovDec");
  struct str rest, day = str_cut(str_trim(s), ' ', &rest);
  struct str year, month = rest.data ? str_cut(str_trim(rest), ' ', &year) : STR_EMPTY;
  unsigned long long d, y;
  ptrdiff_t at = month.len == 3 ? str_find(months, 0, month) : -1;
  if (at < 0 || at % 3 || !year.data || !str_to_u64(day, 31, &d) ||
      !str_to_u64(str_trim(year), 9999, &y) || d == 0)
    return STR_EMPTY;
  return arena_printf(arena, "%04llu-%02d-%02llu", y, (int)(at / 3) + 1, d);
}

/* "[29 Mar 2023] DSA-5380-1 xorg-server - security update" */
static int begin_announcement(struct advisory_import *import, struct announcement *a,
                              struct str line, struct error *err)
{
  struct str rest, date = str_cut(str_sub(line, 1, SIZE_MAX), ']', &rest);
  int rc = end_announcement(import, a, err);
  if (rc < 0)
    return rc;
  struct str title, id = rest.data ? str_cut(str_trim(rest), ' ', &title) : STR_EMPTY;
  if (id.len == 0 || id.len > ADVISORY_ID_MAX || !title.data)
    return import_unreadable_because(import, str_sub(line, 0, 80),
                                     "it has no id behind its date, or no title");
  a->advisory = (struct advisory){.id = arena_copy(&a->arena, id),
                                  .title = arena_copy(&a->arena, str_trim(title)),
                                  .published = read_date(&a->arena, date)};
  a->regression = str_find(title, 0, STR("security")) < 0;
  a->cve_count = 0;
  a->started = true;
  if (str_compare(a->advisory.published, import->ret_date) > 0)
    import->ret_date = arena_copy(import->arena, a->advisory.published);
  return 0;
}

/* "{CVE-2023-1393 CVE-2023-1394}" */
static void read_cves(struct announcement *a, struct str line)
{
  struct str rest, cve;
  size_t end;
  for (rest = line; a->cve_count < CVES_MAX && import_find_cve(rest, 0, &cve, &end);
       rest = str_sub(rest, end, SIZE_MAX))
    a->cves[a->cve_count++] = arena_copy(&a->arena, cve);
}

static const struct {
  struct str mark;
  enum advisory_status status;
} marks[] = {
    {STR_INIT("<not-affected>"), ADVISORY_NOT_AFFECTED},
    {STR_INIT("<unfixed>"), ADVISORY_AFFECTED},
    {STR_INIT("<end-of-life>"), ADVISORY_END_OF_LIFE},
    {STR_INIT("<ignored>"), ADVISORY_WILL_NOT_FIX},
    {STR_INIT("<postponed>"), ADVISORY_FIX_DEFERRED},
    {STR_INIT("<no-dsa>"), ADVISORY_FIX_DEFERRED},
    {STR_INIT("<undetermined>"), ADVISORY_UNDER_INVESTIGATION},
};

/* "[bullseye] - xorg-server 2:1.20.11-1+deb11u6" */
static int read_release(struct advisory_import *import, struct announcement *a, struct str line)
{
  struct str rest, codename = str_cut(str_sub(line, 1, SIZE_MAX), ']', &rest);
  struct str release = import_debian_release(codename);
  rest = rest.data ? str_trim(rest) : STR_EMPTY;
  if (str_starts(rest, STR("-")))
    rest = str_trim(str_sub(rest, 1, SIZE_MAX));
  struct str version, further, source = str_cut(rest, ' ', &version);
  version = version.data ? str_cut(str_trim(version), ' ', &further) : STR_EMPTY;
  if (release.len == 0 || source.len == 0 || version.len == 0 ||
      a->advisory.affected_count == RELEASES_MAX)
    return import_unreadable_because(import, a->advisory.id,
                                     "\"%.*s\" must be a release, a source package and a version",
                                     STR_FMT(str_sub(line, 0, 200)));
  struct advisory_affected *affected = &a->affected[a->advisory.affected_count++];
  *affected = (struct advisory_affected){
      .ecosystem = arena_printf(&a->arena, "Debian:%.*s", STR_FMT(release)),
      .name = arena_copy(&a->arena, source)};
  version = arena_copy(&a->arena, version);
  struct str fixed = version;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (str_eq(marks[i].mark, version)) {
      affected->status = marks[i].status;
      fixed = STR_EMPTY;
    }
  if (affected->status == ADVISORY_NOT_AFFECTED)
    return 0;
  affected->ranges = import_range(&a->arena, STR_EMPTY, fixed);
  affected->range_count = 1;
  return 0;
}

static int read_line(struct advisory_import *import, struct arena *arena, uint64_t number,
                     struct str line, void *ctx, struct error *err)
{
  struct announcement *a = ctx;
  struct str inside = str_trim(line);
  if (str_starts(line, STR("[")))
    return begin_announcement(import, a, line, err);
  if (inside.len == 0 || !a->started)
    return 0;
  if (str_starts(inside, STR("{")))
    read_cves(a, inside);
  else if (str_starts(inside, STR("[")))
    return read_release(import, a, inside);
  return 0; /* NOTE:, TODO: and the like */
}

static int import(struct advisory_import *import, const struct oci_input *unpacked,
                  struct error *err)
{
  struct announcement *a = mem_zalloc(1, sizeof *a);
  arena_init(&a->arena, IMPORT_ARENA_MAX);
  int rc = import_lines(import, unpacked, read_line, a, err);
  if (rc == 0)
    rc = end_announcement(import, a, err);
  arena_free(&a->arena);
  mem_free(a);
  return rc;
}

static bool detect(struct str name, struct str head)
{
  struct str rest, line = str_cut(head, '\n', &rest);
  return str_starts(line, STR("[")) &&
         (str_find(line, 0, STR("] DSA-")) > 0 || str_find(line, 0, STR("] DLA-")) > 0 ||
          str_find(line, 0, STR("] DTSA-")) > 0);
}

const struct advisory_format advisory_format_debian_list = {
    .name = "debian-list",
    .description = "Debian's lists of security announcements: data/DSA/list, data/DLA/list",
    .detect = detect,
    .import = import,
};
