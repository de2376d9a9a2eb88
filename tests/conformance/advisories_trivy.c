/*
 * Trivy's integration tests: the vulnerabilities that they assume (advisories_trivy_db.c) become a database, the packages that
 * its reports (golden) name are matched with it, and the findings must be those of the reports: the same vulnerabilities,
 * and for each the same fix, severity, status and score.
 *
 * A report names the packages that something is wrong with, and for some inputs all of them. Reports of images become root file
 * systems with those packages, which are scanned as an image is (advisories_images.c); what stands in lock files is
 * looked up under the language that the report names.
 *
 * Differences stand by name, with their reason, in advisories_trivy.known; that list may only shrink.
 */
#include "advisories.h"

#include "base/mem.h"
#include "base/vec.h"
#include "data/json.h"
#include "scan/advisory/cvss.h"
#include "scan/image/findings.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reports */

static const struct {
  const char *type;
  enum package_type package;
} types[] = {
    {"alma", PACKAGE_RPM},        {"alpine", PACKAGE_APK},        {"amazon", PACKAGE_RPM},
    {"centos", PACKAGE_RPM},      {"debian", PACKAGE_DEB},        {"cbl-mariner", PACKAGE_RPM},
    {"oracle", PACKAGE_RPM},      {"photon", PACKAGE_RPM},        {"rocky", PACKAGE_RPM},
    {"redhat", PACKAGE_RPM},      {"ubuntu", PACKAGE_DEB},        {"cargo", PACKAGE_CARGO},
    {"conan", PACKAGE_CONAN},     {"dotnet-core", PACKAGE_NUGET}, {"gemspec", PACKAGE_GEM},
    {"gomod", PACKAGE_GOLANG},    {"gradle", PACKAGE_MAVEN},      {"hex", PACKAGE_HEX},
    {"jar", PACKAGE_MAVEN},       {"npm", PACKAGE_NPM},           {"nuget", PACKAGE_NUGET},
    {"pipenv", PACKAGE_PYPI},     {"pnpm", PACKAGE_NPM},          {"poetry", PACKAGE_PYPI},
    {"pom", PACKAGE_MAVEN},       {"pub", PACKAGE_PUB},           {"pylock", PACKAGE_PYPI},
    {"python-pkg", PACKAGE_PYPI}, {"sbt", PACKAGE_MAVEN},         {"swift", PACKAGE_SWIFT},
    {"yarn", PACKAGE_NPM},
};

/* What is compared of a finding that both have. */
enum { FIX, SEVERITY, STATUS, SCORE, ASPECTS };

static const char *const aspects[ASPECTS] = {"fix", "severity", "status", "score"};

/* Reports of the images of one distribution. */
struct family {
  unsigned reports, packages, findings, same;
};

struct reports {
  struct arena arena;
  struct advisory_database *db;
  struct known known;
  struct map families;
  unsigned reports, findings, same, more, unexplained;
  unsigned compared[ASPECTS], agreed[ASPECTS];
  unsigned sources, same_source; /* who rated it */
  unsigned empty;                /* images whose reports name no package */
};

/* In the list, or told. */
static void differ(struct reports *r, const char *what, const char *report, struct str id,
                   struct str package, struct str ours, struct str theirs)
{
  struct str line =
      arena_printf(&r->arena, "%s %s %.*s %.*s", what, report, STR_FMT(id), STR_FMT(package));
  if (known_has(&r->known, line))
    return;
  r->unexplained++;
  printf("trivy: not known: %.*s   # seawall says \"%.*s\", Trivy \"%.*s\"\n", STR_FMT(line),
         STR_FMT(ours), STR_FMT(theirs));
}

/* Reports of which something was left out by options. */
static bool is_filtered(const char *report)
{
  return strstr(report, "ignore") || strstr(report, "skip") || strstr(report, "high-critical") ||
         strstr(report, "vex");
}

static struct package package_of(enum package_type type, struct str name, struct str version)
{
  struct package p = {.type = type, .name = name, .source = source_of_report(name)};
  p.version = p.source_version = package_version_split(type, version);
  return p;
}

/* One word of "1.2.9, >= 1.3.4", or none where there is none. */
static bool is_fix(struct str fixes, struct str fix)
{
  if (fixes.len == 0 || fix.len == 0)
    return fixes.len == fix.len;
  for (struct str rest = fixes; rest.data;) {
    struct str part = str_trim(str_cut(rest, ',', &rest));
    while (part.len && strchr(">=<v ", part.data[0]))
      part = str_sub(part, 1, part.len);
    struct str other = fix.data[0] == 'v' ? str_sub(fix, 1, fix.len) : fix;
    ptrdiff_t colon = str_find_byte(other, 0, ':');
    if (str_eq(part, other) || (colon == 1 && str_eq(part, str_sub(other, 2, other.len))))
      return true;
  }
  return false;
}

/* The packages of a result, each once. */
static size_t packages_of(struct reports *r, enum package_type type, struct value result,
                          struct package **ret)
{
  struct value listed = member(result, "Packages"), wrong = member(result, "Vulnerabilities");
  struct package *packages = arena_array(&r->arena, struct package, listed.len + wrong.len + 1);
  struct map seen;
  size_t count = 0;
  map_init(&seen, &r->arena);
  for (uint32_t i = 0; i < listed.len + wrong.len; i++) {
    bool of_list = i < listed.len, added;
    struct value from = of_list ? listed.items[i] : wrong.items[i - listed.len];
    struct str name = member_text(from, of_list ? "Name" : "PkgName");
    struct str version = member_text(from, of_list ? "Version" : "InstalledVersion");
    map_put(&seen, arena_printf(&r->arena, "%.*s %.*s", STR_FMT(name), STR_FMT(version)), &added);
    if (added && name.len && version.len)
      packages[count++] = package_of(type, name, version);
  }
  map_free(&seen);
  *ret = packages;
  return count;
}

/* ---- one finding */

static struct str lower(struct arena *arena, struct str text)
{
  struct str copy = arena_copy(arena, text);
  for (size_t i = 0; i < copy.len; i++)
    if (copy.data[i] >= 'A' && copy.data[i] <= 'Z')
      ((char *)copy.data)[i] = (char)(copy.data[i] + ('a' - 'A'));
  return copy;
}

static void aspect(struct reports *r, int which, bool same, const char *report, struct value wanted,
                   struct str ours, struct str theirs)
{
  r->compared[which]++;
  r->agreed[which] += same;
  if (!same)
    differ(r, aspects[which], report, member_text(wanted, "VulnerabilityID"),
           member_text(wanted, "PkgName"), ours, theirs);
}

/* "will_not_fix" is "will not fix" here. */
static struct str status_of(struct arena *arena, struct value wanted)
{
  struct str status = arena_copy(arena, member_text(wanted, "Status"));
  for (size_t i = 0; i < status.len; i++)
    if (status.data[i] == '_')
      ((char *)status.data)[i] = ' ';
  return status;
}

static double number_of(struct arena *arena, struct value v)
{
  if (v.type == VALUE_NUMBER && v.flags & VALUE_TEXT)
    return strtod(arena_printf(arena, "%.*s", (int)v.len, v.text).data, NULL);
  return v.flags & VALUE_INT ? (double)v.integer : v.real;
}

/* The vector is one that the report has, and its score the one that stands beside it there. */
static void compare_score(struct reports *r, const char *report, struct value wanted,
                          const struct vulnerability *v)
{
  static const char *const names[][2] = {
      {"V40Vector", "V40Score"}, {"V3Vector", "V3Score"}, {"V2Vector", "V2Score"}};
  struct value all = member(wanted, "CVSS");
  double score = -1;
  for (uint32_t i = 0; value_is(all, VALUE_OBJECT) && i < all.len; i++)
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
      if (v->cvss.len && str_eq(member_text(all.members[i].value, names[n][0]), v->cvss))
        score = number_of(&r->arena, member(all.members[i].value, names[n][1]));
  if (!value_is(all, VALUE_OBJECT) || all.len == 0)
    return;
  struct str ours = arena_printf(&r->arena, "%.*s %.1f", STR_FMT(v->cvss), v->cvss_tenths / 10.0);
  double apart = score - v->cvss_tenths / 10.0;
  aspect(r, SCORE, apart > -0.01 && apart < 0.01, report, wanted, ours,
         arena_printf(&r->arena, "%.1f", score));
}

/* Names of publishers that seawall writes in another way. */
static bool is_publisher(struct str ours, struct str theirs)
{
  return str_eq(ours, theirs) ||
         (str_eq(ours, STR("oracle")) && str_eq(theirs, STR("oracle-oval")));
}

static void compare_finding(struct reports *r, const char *report, struct value wanted,
                            const struct vulnerability *v)
{
  struct str fix = member_text(wanted, "FixedVersion"), severity = severity_name(v->severity);
  struct str rated = member_text(wanted, "SeveritySource"), status = vulnerability_status(v);
  aspect(r, FIX, is_fix(fix, v->fixed), report, wanted, v->fixed, fix);
  struct str theirs = lower(&r->arena, member_text(wanted, "Severity"));
  aspect(r, SEVERITY, str_eq(severity, theirs), report, wanted, severity, theirs);
  theirs = status_of(&r->arena, wanted);
  aspect(r, STATUS, str_eq(status, theirs), report, wanted, status, theirs);
  compare_score(r, report, wanted, v);
  r->sources += rated.len > 0;
  r->same_source += rated.len && is_publisher(v->severity_source, rated);
}

static const struct vulnerability *find(const struct vulnerability_list *list, struct value wanted)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct vulnerability *v = &list->items[i];
    if (str_eq(v->package->name, member_text(wanted, "PkgName")) &&
        str_eq(v->package->version.text, member_text(wanted, "InstalledVersion")) &&
        str_eq(v->id, member_text(wanted, "VulnerabilityID")))
      return v;
  }
  return NULL;
}

/* How many of a result's findings seawall has. */
static unsigned compare(struct reports *r, const char *report, struct value result,
                        const struct vulnerability_list *list)
{
  struct value wanted = member(result, "Vulnerabilities");
  unsigned same = 0;
  for (uint32_t i = 0; value_is(wanted, VALUE_ARRAY) && i < wanted.len; i++) {
    const struct vulnerability *v = find(list, wanted.items[i]);
    r->findings++;
    same += v != NULL;
    if (v)
      compare_finding(r, report, wanted.items[i], v);
    else
      differ(r, "missing", report, member_text(wanted.items[i], "VulnerabilityID"),
             member_text(wanted.items[i], "PkgName"), STR("nothing"),
             member_text(wanted.items[i], "Severity"));
  }
  r->same += same;
  return same;
}

/* What no result of a report has. */
static void tell_more(struct reports *r, const char *report, const struct value *results,
                      size_t result_count, const struct vulnerability_list *list)
{
  for (size_t i = 0; i < list->count && !is_filtered(report); i++) {
    const struct vulnerability *v = &list->items[i];
    bool found = false;
    for (size_t n = 0; n < result_count; n++) {
      struct value wanted = member(results[n], "Vulnerabilities");
      for (uint32_t w = 0; value_is(wanted, VALUE_ARRAY) && w < wanted.len; w++)
        found = found || (str_eq(v->id, member_text(wanted.items[w], "VulnerabilityID")) &&
                          str_eq(v->package->name, member_text(wanted.items[w], "PkgName")));
    }
    if (found)
      continue;
    r->more++;
    differ(r, "more", report, v->id, v->package->name, severity_name(v->severity), STR("nothing"));
  }
}

/* ---- reports of images */

static void read_image(struct reports *r, const char *report, struct value root)
{
  struct value results = member(root, "Results");
  struct image_facts facts;
  struct vulnerability_list list;
  struct error err;
  bool added;
  struct str family = member_text(member(member(root, "Metadata"), "OS"), "Family");
  union map_value *slot = map_put(&r->families, family.len ? family : STR("none"), &added);
  if (added)
    slot->pointer = arena_new(&r->arena, struct family);
  struct family *sum = slot->pointer;
  image_facts_init(&facts, &r->arena);
  unsigned packages = image_of_report(root, report, &facts);
  const struct analysis *analysis = &facts.analysis;
  if (packages != analysis->packages.count || facts.faults.count) {
    r->unexplained++;
    printf("trivy: %s: %u packages were put into its root file system, %zu found, %zu faults\n",
           report, packages, analysis->packages.count, facts.faults.count);
  }
  if (advisory_match(r->db, &analysis->os, analysis->packages.items, analysis->packages.count,
                     &r->arena, &list, &err) < 0)
    die(err.message);
  unsigned before = r->findings;
  for (uint32_t i = 0; value_is(results, VALUE_ARRAY) && i < results.len; i++)
    sum->same += compare(r, report, results.items[i], &list);
  if (value_is(results, VALUE_ARRAY))
    tell_more(r, report, results.items, results.len, &list);
  sum->reports++;
  sum->packages += packages;
  sum->findings += r->findings - before;
  if (packages == 0)
    printf("trivy: %s: its report names no package, so there is nothing to judge\n", report);
  r->empty += packages == 0;
  image_facts_free(&facts);
}

/* ---- reports of lock files and of bills of materials */

static void read_result(struct reports *r, const char *report, struct value root,
                        struct value result)
{
  struct str type = member_text(result, "Type");
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    struct package *packages;
    struct vulnerability_list list;
    struct os_release os = {.family = NULL};
    struct error err;
    if (!str_eq(type, str_from(types[i].type)))
      continue;
    if (package_type_is_system(types[i].package)) {
      struct str version;
      const char *id = system_of_report(root, &r->arena, &version);
      if (id)
        os = os_of(&r->arena, id, version.data);
    }
    size_t count = packages_of(r, types[i].package, result, &packages);
    if (advisory_match(r->db, &os, packages, count, &r->arena, &list, &err) < 0)
      die(err.message);
    compare(r, report, result, &list);
    tell_more(r, report, &result, 1, &list);
    return;
  }
  compare(r, report, result, &(struct vulnerability_list){.count = 0});
}

static void read_report(struct reports *r, const char *file)
{
  char path[512], report[256];
  struct buf text = {0};
  struct value root;
  struct error err;
  snprintf(path, sizeof path, "images/trivy/golden/%s", file);
  snprintf(report, sizeof report, "%.*s", (int)(strlen(file) - strlen(".json.golden")), file);
  if (!shared_read(path, &text))
    die(path);
  if (json_parse(&r->arena, arena_copy(&r->arena, buf_str(&text)), NULL, &root, &err) == 0) {
    struct value results = member(root, "Results");
    struct str what = member_text(root, "ArtifactType");
    r->reports += value_is(results, VALUE_ARRAY);
    if (str_eq(what, STR("container_image")) || str_eq(what, STR("vm"))) {
      read_image(r, report, root);
      buf_free(&text);
      return;
    }
    for (uint32_t i = 0; value_is(results, VALUE_ARRAY) && i < results.len; i++)
      read_result(r, report, root, results.items[i]);
  }
  buf_free(&text);
}

static int order_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

void each_file(const char *folder, const char *ending, void (*take)(void *ctx, const char *name),
               void *ctx)
{
  char path[4096];
  VEC(char *) names = {0};
  snprintf(path, sizeof path, "%s/conformance/%s", shared_folder(), folder);
  DIR *dir = opendir(path);
  for (struct dirent *entry; dir && (entry = readdir(dir));)
    if (str_ends(str_from(entry->d_name), str_from(ending)))
      vec_push(&names, mem_copy_text(entry->d_name, strlen(entry->d_name)));
  if (dir)
    closedir(dir);
  if (names.count)
    qsort(names.items, names.count, sizeof *names.items, order_names);
  for (size_t i = 0; i < names.count; i++) {
    take(ctx, names.items[i]);
    mem_free(names.items[i]);
  }
  vec_free(&names);
}

static void take_report(void *ctx, const char *name)
{
  read_report(ctx, name);
}

/* ---- entries of the fixtures themselves, since there are distributions that no report is about */

static bool is_found(struct reports *r, const struct trivy_entry *e, struct str version)
{
  struct package p = {.type = e->type, .name = e->name, .source = e->name};
  struct os_release os = os_of(&r->arena, e->os, e->release.data);
  struct vulnerability_list list;
  struct error err;
  p.version = p.source_version = package_version_split(e->type, version);
  if (advisory_match(r->db, &os, &p, 1, &r->arena, &list, &err) < 0)
    die(err.message);
  for (size_t i = 0; i < list.count; i++)
    if (str_eq(list.items[i].id, e->id))
      return true;
  return false;
}

/* The version that mends it is free of it, the oldest there can be is not. */
static void judge_entries(struct reports *r, const struct trivy_entries *entries)
{
  unsigned right = 0;
  for (size_t i = 0; i < entries->count; i++) {
    const struct trivy_entry *e = &entries->items[i];
    bool older = is_found(r, e, e->type == PACKAGE_APK ? STR("0-r0") : STR("0-0"));
    if (older && !is_found(r, e, e->fixed)) {
      right++;
      continue;
    }
    r->unexplained++;
    printf("trivy: %s %.*s: %.*s of %.*s is %s\n", e->os, STR_FMT(e->release), STR_FMT(e->id),
           STR_FMT(e->name), older ? "found in the version that mends it" : "not found");
  }
  printf("trivy: entries of distributions with a fix: %zu, %u found below it alone\n",
         entries->count, right);
}

static void sum_up(const struct reports *r)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&r->families, &at));) {
    const struct family *f = e->value.pointer;
    printf("trivy:   images of %.*s: %u reports, %u packages, %u findings, %u the same\n",
           STR_FMT(e->key), f->reports, f->packages, f->findings, f->same);
  }
  printf(
      "trivy: %u reports (%u of images that name no package), %u findings, %u the same, %u more\n",
      r->reports, r->empty, r->findings, r->same, r->more);
  for (size_t i = 0; i < ASPECTS; i++)
    printf("trivy:   %s: %u of %u the same\n", aspects[i], r->agreed[i], r->compared[i]);
  printf("trivy:   who rated it: %u of %u the same\n", r->same_source, r->sources);
  printf("trivy: %u differences are explained, %u not\n", known_seen(&r->known), r->unexplained);
}

unsigned test_trivy(const char *database, const char *known)
{
  struct reports r = {.findings = 0};
  struct trivy_entries entries = {0};
  struct advisory_writer *w = NULL;
  struct buf probe = {0};
  struct error err;
  if (!shared_read("images/trivy/fixtures/db/cpe.yaml", &probe)) {
    printf("trivy: skipped: %s has no conformance/images/trivy\n", shared_folder());
    return 0;
  }
  buf_free(&probe);
  arena_init(&r.arena, 0);
  map_init(&r.families, &r.arena);
  known_read(&r.known, known);
  if (advisory_writer_new(database, NULL, &w, &err) < 0)
    die(err.message);
  trivy_load(w, &r.arena, &entries);
  if (advisory_writer_finish(w, &err) < 0 || advisory_database_open(database, &r.db, &err) < 0)
    die(err.message);
  advisory_writer_free(w);
  each_file("images/trivy/golden", ".json.golden", take_report, &r);
  judge_entries(&r, &entries);
  sum_up(&r);
  unsigned bad = r.unexplained + known_stale(&r.known, "trivy") + (r.same == 0);
  advisory_database_free(r.db);
  known_free(&r.known);
  vec_free(&entries);
  map_free(&r.families);
  arena_free(&r.arena);
  return bad;
}
