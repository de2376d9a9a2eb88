/*
 * Trivy's integration tests: the vulnerabilities that they assume (fixtures/db) become a database, the packages that its
 * reports (golden) name are matched with it, and the findings must be those of the reports.
 *
 * A report names the packages that something is wrong with, and for some inputs all of them. Packages are looked up
 * under the distribution or the language that the report names.
 */
#include "advisories.h"

#include "base/mem.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/yaml.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the bucket of a distribution begins so, the ecosystem does thus; what follows is the release. */
static const struct {
  const char *bucket, *ecosystem, *ending;
  bool binary;
} system_buckets[] = {
    {"debian ", "Debian:", "", false},
    {"ubuntu ", "Ubuntu:", ":LTS", false},
    {"alpine edge", "Alpine:edge", "", false},
    {"alpine ", "Alpine:v", "", false},
    {"alma ", "AlmaLinux:", "", true},
    {"rocky ", "Rocky Linux:", "", true},
    {"Oracle Linux ", "Oracle Linux:", "", true},
    {"amazon linux ", "Amazon Linux:", "", true},
    {"CBL-Mariner ", "CBL-Mariner:", "", false},
    {"Photon OS ", "Photon OS:", "", false},
};

static const struct {
  const char *bucket, *ecosystem;
} language_buckets[] = {
    {"pip::", "PyPI"},
    {"npm::", "npm"},
    {"go::", "Go"},
    {"maven::", "Maven"},
    {"composer::", "Packagist"},
    {"conan::", "ConanCenter"},
    {"nuget::", "NuGet"},
    {"pub::", "Pub"},
    {"rubygems::", "RubyGems"},
    {"cargo::", "crates.io"},
    {"swift::", "SwiftURL"},
    {"erlang::", "Hex"},
};

/* Trivy's numbers of states. */
static enum advisory_status status_of(int64_t number)
{
  static const enum advisory_status statuses[] = {
      ADVISORY_AFFECTED,     ADVISORY_NOT_AFFECTED,        ADVISORY_AFFECTED,
      ADVISORY_AFFECTED,     ADVISORY_UNDER_INVESTIGATION, ADVISORY_WILL_NOT_FIX,
      ADVISORY_FIX_DEFERRED, ADVISORY_WILL_NOT_FIX,
  };
  return number >= 0 && number < 8 ? statuses[number] : ADVISORY_AFFECTED;
}

struct loading {
  struct arena arena;
  struct advisory_sink sink;
  struct value cpes;  /* of Red Hat's products: number to name */
  struct map buckets; /* that were read */
  unsigned loaded, left_out;
};

static struct str text_of(struct value v)
{
  bool text = v.type == VALUE_STRING || (v.type == VALUE_NUMBER && v.flags & VALUE_TEXT);
  return text ? value_str(v) : STR_EMPTY;
}

static int64_t number_of(struct value v)
{
  int64_t number = 0;
  struct str text = text_of(v);
  if (!value_to_int(v, &number) && text.len)
    number = text.data[0] - '0';
  return number;
}

static void add(struct loading *l, struct str id, struct advisory_affected *a,
                struct value vendor_ids)
{
  struct error err;
  struct str *related = arena_array(&l->arena, struct str, vendor_ids.len + 1);
  struct advisory advisory = {
      .id = str_trim(id), .related = related, .affected = a, .affected_count = 1};
  for (uint32_t i = 0; value_is(vendor_ids, VALUE_ARRAY) && i < vendor_ids.len; i++)
    related[advisory.related_count++] = text_of(vendor_ids.items[i]);
  if (l->sink.add(l->sink.ctx, &advisory, &err) < 0)
    die(err.message);
  l->loaded++;
}

static void set_range(struct loading *l, struct advisory_affected *a, struct advisory_event *events,
                      size_t count)
{
  struct advisory_range *range = arena_new(&l->arena, struct advisory_range);
  range->events = events;
  range->count = count;
  a->ranges = range;
  a->range_count = 1;
}

static void set_fixed(struct loading *l, struct advisory_affected *a, struct str fixed)
{
  struct advisory_event *events = arena_array(&l->arena, struct advisory_event, 2);
  events[0] = (struct advisory_event){VERSION_INTRODUCED, STR("0")};
  events[1] = (struct advisory_event){VERSION_FIXED, fixed};
  set_range(l, a, events, fixed.len ? 2 : 1);
}

/* ---- Red Hat: for products by number, and for several CVEs at once */

static void add_red_hat_entry(struct loading *l, struct str name, struct str key,
                              struct value entry, struct str cpe)
{
  struct value cves = member(entry, "Cves");
  ptrdiff_t product = str_find(cpe, 0, STR("enterprise_linux:"));
  if (product < 0)
    return;
  for (uint32_t i = 0; i < cves.len; i++) {
    struct str id = text_of(member(cves.items[i], "ID"));
    struct advisory_affected a = {
        .ecosystem = arena_printf(&l->arena, "Red Hat:%.*s",
                                  STR_FMT(str_sub(cpe, (size_t)product, cpe.len))),
        .name = name,
        .binary = true,
        .status = status_of(number_of(member(entry, "Status"))),
    };
    set_fixed(l, &a, text_of(member(entry, "FixedVersion")));
    add(l, id.len ? id : key, &a, (struct value){0});
  }
}

static void read_red_hat(struct loading *l, struct str name, struct str key, struct value value)
{
  struct value entries = member(value, "Entries");
  for (uint32_t e = 0; e < entries.len; e++) {
    struct value products = member(entries.items[e], "Affected");
    for (uint32_t p = 0; p < products.len; p++)
      for (uint32_t c = 0; c < l->cpes.len; c++) {
        struct value cpe = l->cpes.items[c];
        int64_t number = 0;
        unsigned long long wanted = 0;
        if (value_to_int(products.items[p], &number) &&
            str_to_u64(text_of(member(cpe, "key")), 1000000, &wanted) && (int64_t)wanted == number)
          add_red_hat_entry(l, name, key, entries.items[e], text_of(member(cpe, "value")));
      }
  }
}

/* ---- systems */

static bool read_system(struct loading *l, struct str bucket, struct str name, struct str key,
                        struct value value)
{
  for (size_t i = 0; i < sizeof system_buckets / sizeof system_buckets[0]; i++) {
    struct str prefix = str_from(system_buckets[i].bucket);
    if (!str_starts(bucket, prefix))
      continue;
    struct advisory_affected a = {
        .ecosystem = arena_printf(&l->arena, "%s%.*s%s", system_buckets[i].ecosystem,
                                  STR_FMT(str_sub(bucket, prefix.len, bucket.len)),
                                  system_buckets[i].ending),
        .name = name,
        .binary = system_buckets[i].binary,
        .status = status_of(number_of(member(value, "Status"))),
    };
    set_fixed(l, &a, text_of(member(value, "FixedVersion")));
    add(l, key, &a, member(value, "VendorIDs"));
    return true;
  }
  return false;
}

/* ---- languages */

struct events {
  struct advisory_event items[32];
  size_t count;
};

static void event(struct events *events, enum version_event_kind kind, struct str version)
{
  if (events->count < 32)
    events->items[events->count++] = (struct advisory_event){kind, str_trim(version)};
}

/* The least of the patched versions behind a bound: what ends an interval that says only how far it goes. */
static struct str fix_behind(const struct version_ops *ops, struct value patched, struct str bound)
{
  struct str best = STR_EMPTY;
  for (uint32_t i = 0; i < patched.len; i++) {
    struct str version = text_of(patched.items[i]);
    int behind = 0, below = -1;
    if (version_compare(ops, version, bound, &behind, NULL) < 0 || behind < 0)
      continue;
    if (best.len == 0 || (version_compare(ops, version, best, &below, NULL) == 0 && below < 0))
      best = version;
  }
  return best;
}

/* "< 1.2", ">= 1, <= 2", "[1,2)": one interval. */
static void read_interval(const struct version_ops *ops, struct events *events, struct str text,
                          struct value patched)
{
  struct str from = STR("0"), rest, bound;
  size_t before = events->count;
  bool bracket = str_starts(text, STR("["));
  event(events, VERSION_INTRODUCED, from);
  if (bracket) {
    from = str_cut(str_sub(text, 1, text.len), ',', &bound);
    events->items[before].version = from;
    event(events, VERSION_FIXED, str_sub(bound, 0, bound.len - 1));
    return;
  }
  for (rest = text; rest.data;) {
    struct str part = str_trim(str_cut(rest, ',', &rest));
    if (str_starts(part, STR(">=")))
      events->items[before].version = str_trim(str_sub(part, 2, part.len));
    else if (str_starts(part, STR("<="))) {
      struct str last = str_trim(str_sub(part, 2, part.len)), fix = fix_behind(ops, patched, last);
      event(events, fix.len ? VERSION_FIXED : VERSION_LAST_AFFECTED, fix.len ? fix : last);
    } else if (str_starts(part, STR("<")))
      event(events, VERSION_FIXED, str_sub(part, 1, part.len));
  }
}

/* What RustSec patched: all that is not in ">= 2.1.3, < 3.0.0" is affected. */
static void read_patched(struct events *events, struct value patched)
{
  event(events, VERSION_INTRODUCED, STR("0"));
  for (uint32_t i = 0; i < patched.len; i++)
    for (struct str rest = text_of(patched.items[i]); rest.data;) {
      struct str part = str_trim(str_cut(rest, ',', &rest));
      if (str_starts(part, STR(">=")))
        event(events, VERSION_FIXED, str_sub(part, 2, part.len));
      else if (str_starts(part, STR("<")))
        event(events, VERSION_INTRODUCED, str_sub(part, 1, part.len));
    }
}

static bool read_language(struct loading *l, struct str bucket, struct str name, struct str key,
                          struct value value)
{
  for (size_t i = 0; i < sizeof language_buckets / sizeof language_buckets[0]; i++) {
    if (!str_starts(bucket, str_from(language_buckets[i].bucket)))
      continue;
    struct advisory_affected a = {.ecosystem = str_from(language_buckets[i].ecosystem),
                                  .name = name};
    struct value vulnerable = member(value, "VulnerableVersions"),
                 patched = member(value, "PatchedVersions");
    struct events *events = arena_new(&l->arena, struct events);
    for (uint32_t v = 0; v < vulnerable.len; v++)
      read_interval(version_ops_find(a.ecosystem), events, text_of(vulnerable.items[v]), patched);
    if (vulnerable.len == 0)
      read_patched(events, patched);
    set_range(l, &a, events->items, events->count);
    add(l, key, &a, (struct value){0});
    return true;
  }
  return false;
}

/* ---- files of the fixtures */

static void read_pairs(struct loading *l, struct str bucket, struct value package)
{
  struct str name = text_of(member(package, "bucket"));
  struct value pairs = member(package, "pairs");
  for (uint32_t i = 0; i < pairs.len; i++) {
    struct str key = text_of(member(pairs.items[i], "key"));
    struct value value = member(pairs.items[i], "value");
    if (str_eq(bucket, STR("Red Hat")))
      read_red_hat(l, name, key, value);
    else if (!read_system(l, bucket, name, key, value) &&
             !read_language(l, bucket, name, key, value))
      l->left_out++;
  }
}

static struct value read_yaml(struct loading *l, const char *name)
{
  char path[256];
  struct buf text = {0};
  struct yaml_options options = {.positions = false};
  struct yaml_document document = {.root = {0}};
  struct error err;
  snprintf(path, sizeof path, "images/trivy/fixtures/db/%s", name);
  if (!shared_read(path, &text))
    die(path);
  struct yaml_reader *reader = yaml_reader_new(arena_copy(&l->arena, buf_str(&text)), &options);
  if (yaml_reader_next(reader, &l->arena, &document, &err) < 0)
    die(err.message);
  yaml_reader_free(reader);
  buf_free(&text);
  return document.root;
}

static void load_file(struct loading *l, const char *name)
{
  struct value root = read_yaml(l, name);
  for (uint32_t b = 0; value_is(root, VALUE_ARRAY) && b < root.len; b++) {
    struct value packages = member(root.items[b], "pairs");
    for (uint32_t p = 0; p < packages.len; p++)
      read_pairs(l, text_of(member(root.items[b], "bucket")), packages.items[p]);
  }
}

static void load_cpes(struct loading *l)
{
  struct value root = read_yaml(l, "cpe.yaml");
  struct value buckets = member(root.items[0], "pairs");
  for (uint32_t i = 0; i < buckets.len; i++)
    if (str_eq(text_of(member(buckets.items[i], "bucket")), STR("cpe")))
      l->cpes = member(buckets.items[i], "pairs");
}

/* ---- reports */

static const struct {
  const char *type;
  enum package_type package;
  const char *id; /* of os-release, for systems */
} types[] = {
    {"alma", PACKAGE_RPM, "almalinux"}, {"alpine", PACKAGE_APK, "alpine"},
    {"amazon", PACKAGE_RPM, "amzn"},    {"centos", PACKAGE_RPM, "centos"},
    {"debian", PACKAGE_DEB, "debian"},  {"cbl-mariner", PACKAGE_RPM, "mariner"},
    {"oracle", PACKAGE_RPM, "ol"},      {"photon", PACKAGE_RPM, "photon"},
    {"rocky", PACKAGE_RPM, "rocky"},    {"redhat", PACKAGE_RPM, "rhel"},
    {"ubuntu", PACKAGE_DEB, "ubuntu"},  {"cargo", PACKAGE_CARGO, NULL},
    {"conan", PACKAGE_CONAN, NULL},     {"dotnet-core", PACKAGE_NUGET, NULL},
    {"gemspec", PACKAGE_GEM, NULL},     {"gomod", PACKAGE_GOLANG, NULL},
    {"gradle", PACKAGE_MAVEN, NULL},    {"hex", PACKAGE_HEX, NULL},
    {"jar", PACKAGE_MAVEN, NULL},       {"npm", PACKAGE_NPM, NULL},
    {"nuget", PACKAGE_NUGET, NULL},     {"pipenv", PACKAGE_PYPI, NULL},
    {"pnpm", PACKAGE_NPM, NULL},        {"poetry", PACKAGE_PYPI, NULL},
    {"pom", PACKAGE_MAVEN, NULL},       {"pub", PACKAGE_PUB, NULL},
    {"pylock", PACKAGE_PYPI, NULL},     {"python-pkg", PACKAGE_PYPI, NULL},
    {"sbt", PACKAGE_MAVEN, NULL},       {"swift", PACKAGE_SWIFT, NULL},
    {"yarn", PACKAGE_NPM, NULL},
};

static const struct {
  struct str binary, source;
} builds[] = {
    {STR_INIT("libcrypto1.1"), STR_INIT("openssl")},
    {STR_INIT("libssl1.1"), STR_INIT("openssl")},
    {STR_INIT("musl-utils"), STR_INIT("musl")},
    {STR_INIT("libidn2-0"), STR_INIT("libidn2")},
    {STR_INIT("e2fslibs"), STR_INIT("e2fsprogs")},
    {STR_INIT("libcomerr2"), STR_INIT("e2fsprogs")},
    {STR_INIT("libss2"), STR_INIT("e2fsprogs")},
    {STR_INIT("libcom-err2"), STR_INIT("e2fsprogs")},
    {STR_INIT("libext2fs2"), STR_INIT("e2fsprogs")},
    {STR_INIT("curl-libs"), STR_INIT("curl")},
};

/* Findings that seawall does not share. */
static const struct {
  const char *report, *reason;
} differences[] = {
    {"alpine-distroless",
     "by the repository that apk is set up with, Trivy takes the image for Alpine's branch under "
     "development; here the release says 3.16"},
    {"cocoapods", "nobody publishes advisories for CocoaPods; Trivy takes them from Swift's"},
    {"conan", "the data says that versions below 8.44 are affected, and that 8.45 mends it"},
    {"minikube-kbom", "components of a cluster are no packages of an image"},
};

struct reports {
  struct arena arena;
  struct advisory_database *db;
  unsigned findings, same, same_fix, explained, missing, more;
};

static const char *difference_of(const char *report)
{
  for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++)
    if (strcmp(differences[i].report, report) == 0)
      return differences[i].reason;
  return NULL;
}

/* Reports of which something was left out by options. */
static bool is_filtered(const char *report)
{
  return strstr(report, "ignore") || strstr(report, "skip") || strstr(report, "high-critical") ||
         strstr(report, "vex");
}

static struct package package_of(enum package_type type, struct str name, struct str version)
{
  struct package p = {.type = type, .name = name, .source = name};
  for (size_t i = 0; i < sizeof builds / sizeof builds[0]; i++)
    if (str_eq(builds[i].binary, name))
      p.source = builds[i].source;
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

static bool has(const struct vulnerability_list *list, const char *report, struct value wanted,
                bool *ret_fix)
{
  for (size_t i = 0; i < list->count; i++) {
    const struct vulnerability *v = &list->items[i];
    if (!str_eq(v->package->name, member_text(wanted, "PkgName")) ||
        !str_eq(v->package->version.text, member_text(wanted, "InstalledVersion")) ||
        !str_eq(v->id, member_text(wanted, "VulnerabilityID")))
      continue;
    *ret_fix = is_fix(member_text(wanted, "FixedVersion"), v->fixed);
    if (!*ret_fix)
      printf("trivy: %s: %.*s is fixed in %.*s, not in \"%.*s\": %s\n", report, STR_FMT(v->id),
             STR_FMT(member_text(wanted, "FixedVersion")), STR_FMT(v->fixed),
             difference_of(report) ? difference_of(report) : "not known");
    *ret_fix = *ret_fix || difference_of(report);
    return true;
  }
  return false;
}

static void compare(struct reports *r, const char *report, struct value result,
                    const struct vulnerability_list *list)
{
  struct value wanted = member(result, "Vulnerabilities");
  unsigned same = 0;
  for (uint32_t i = 0; i < wanted.len; i++) {
    bool fix = false;
    r->findings++;
    if (has(list, report, wanted.items[i], &fix)) {
      same++;
      r->same_fix += fix;
    } else if (difference_of(report)) {
      r->explained++;
      printf("trivy: %s: %.*s: %s\n", report,
             STR_FMT(member_text(wanted.items[i], "VulnerabilityID")), difference_of(report));
    } else {
      r->missing++;
      printf("trivy: %s: seawall lacks %.*s of %.*s\n", report,
             STR_FMT(member_text(wanted.items[i], "VulnerabilityID")),
             STR_FMT(member_text(wanted.items[i], "PkgName")));
    }
  }
  r->same += same;
  if (list->count > same && !is_filtered(report)) {
    r->more += (unsigned)(list->count - same);
    for (size_t i = 0; i < list->count; i++)
      printf("trivy: %s: too many, among %.*s of %.*s\n", report, STR_FMT(list->items[i].id),
             STR_FMT(list->items[i].package->name));
  }
}

static struct os_release system_of(struct reports *r, const char *id, struct value root)
{
  struct str name = member_text(member(member(root, "Metadata"), "OS"), "Name"), rest;
  /* "AMI release 2018.03", "2 (Karoo)" */
  ptrdiff_t space = str_find_last_byte(name, ' ');
  struct str version = str_starts(name, STR("AMI")) ? str_sub(name, (size_t)space + 1, name.len)
                                                    : str_cut(name, ' ', &rest);
  struct str text = arena_printf(&r->arena, "%.*s", STR_FMT(version));
  return os_of(&r->arena, id, text.data);
}

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
    if (types[i].id)
      os = system_of(r, types[i].id, root);
    size_t count = packages_of(r, types[i].package, result, &packages);
    if (advisory_match(r->db, &os, packages, count, &r->arena, &list, &err) < 0)
      die(err.message);
    compare(r, report, result, &list);
    return;
  }
  struct value wanted = member(result, "Vulnerabilities");
  r->findings += wanted.len;
  if (wanted.len && difference_of(report)) {
    r->explained += wanted.len;
    printf("trivy: %s: %s\n", report, difference_of(report));
  } else {
    r->missing += wanted.len;
  }
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
    for (uint32_t i = 0; value_is(results, VALUE_ARRAY) && i < results.len; i++)
      read_result(r, report, root, results.items[i]);
  }
  buf_free(&text);
}

static int order_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Calls take for each file of a folder whose name ends so, in the order of names. */
static void each_file(const char *folder, const char *ending,
                      void (*take)(void *ctx, const char *name), void *ctx)
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

static void take_fixture(void *ctx, const char *name)
{
  if (strcmp(name, "cpe.yaml") != 0)
    load_file(ctx, name);
}

static void take_report(void *ctx, const char *name)
{
  read_report(ctx, name);
}

unsigned test_trivy(const char *database)
{
  struct loading l = {.loaded = 0};
  struct reports r = {.findings = 0};
  struct advisory_writer *w = NULL;
  struct buf probe = {0};
  struct error err;
  if (!shared_read("images/trivy/fixtures/db/cpe.yaml", &probe)) {
    printf("trivy: skipped: %s has no conformance/images/trivy\n", shared_folder());
    return 0;
  }
  buf_free(&probe);
  arena_init(&l.arena, 0);
  arena_init(&r.arena, 0);
  if (advisory_writer_new(database, NULL, &w, &err) < 0)
    die(err.message);
  l.sink = advisory_writer_sink(w);
  load_cpes(&l);
  each_file("images/trivy/fixtures/db", ".yaml", take_fixture, &l);
  if (advisory_writer_finish(w, &err) < 0 || advisory_database_open(database, &r.db, &err) < 0)
    die(err.message);
  advisory_writer_free(w);
  each_file("images/trivy/golden", ".json.golden", take_report, &r);
  printf(
      "trivy: %u entries loaded, %u of other kinds; %u findings in reports, %u the same (%u with the same fix), "
      "%u explained, %u missing, %u more\n",
      l.loaded, l.left_out, r.findings, r.same, r.same_fix, r.explained, r.missing, r.more);
  advisory_database_free(r.db);
  arena_free(&l.arena);
  arena_free(&r.arena);
  return r.missing + r.more + (r.same - r.same_fix) + (r.same == 0);
}
