/*
 * The vulnerabilities that Trivy's integration tests assume (fixtures/db) as a database of seawall's: advisories of
 * distributions and of languages with the severities that their own publishers give them (vulnerability.yaml,
 * data-source.yaml), and beside them what the National Vulnerability Database says of each CVE, as a source of its own.
 */
#include "advisories.h"

#include "data/yaml.h"

#include <stdio.h>
#include <string.h>

/* Where the bucket of a distribution begins so, the ecosystem does thus; what follows is the release. */
static const struct {
  const char *bucket, *ecosystem, *ending;
  bool binary;
  enum package_type type;
  const char *id; /* of os-release */
} system_buckets[] = {
    {"debian ", "Debian:", "", false, PACKAGE_DEB, "debian"},
    {"ubuntu ", "Ubuntu:", ":LTS", false, PACKAGE_DEB, "ubuntu"},
    {"alpine edge", "Alpine:edge", "", false, PACKAGE_APK, "alpine"},
    {"alpine ", "Alpine:v", "", false, PACKAGE_APK, "alpine"},
    {"alma ", "AlmaLinux:", "", true, PACKAGE_RPM, "almalinux"},
    {"rocky ", "Rocky Linux:", "", true, PACKAGE_RPM, "rocky"},
    {"Oracle Linux ", "Oracle Linux:", "", true, PACKAGE_RPM, "ol"},
    {"amazon linux ", "Amazon Linux:", "", true, PACKAGE_RPM, "amzn"},
    {"CBL-Mariner ", "CBL-Mariner:", "", false, PACKAGE_RPM, "mariner"},
    {"Photon OS ", "Photon OS:", "", false, PACKAGE_RPM, "photon"},
    {"openSUSE Leap ", "openSUSE:Leap ", "", true, PACKAGE_RPM, "opensuse-leap"},
    {"openSUSE Tumbleweed", "openSUSE:Tumbleweed", "", true, PACKAGE_RPM, "opensuse-tumbleweed"},
    {"SUSE Linux Enterprise Micro ", "SUSE:Linux Enterprise Micro ", "", true, PACKAGE_RPM,
     "sl-micro"},
    {"SUSE Linux Enterprise ", "SUSE:Linux Enterprise ", "", true, PACKAGE_RPM, "sles"},
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
      ADVISORY_FIX_DEFERRED, ADVISORY_END_OF_LIFE,
  };
  return number >= 0 && number < 8 ? statuses[number] : ADVISORY_AFFECTED;
}

struct loading {
  struct arena *arena;
  struct advisory_sink sink;
  struct value cpes;             /* of Red Hat's products: number to name */
  struct value vulnerabilities;  /* what is said of each, by whoever */
  struct value sources;          /* whose a bucket is */
  struct trivy_entries *entries; /* of systems, with a fix */
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

/* 0 to 4, as a number or as a text. */
static enum severity severity_of(struct value v)
{
  static const enum severity severities[] = {SEVERITY_UNKNOWN, SEVERITY_LOW, SEVERITY_MEDIUM,
                                             SEVERITY_HIGH, SEVERITY_CRITICAL};
  int64_t number = number_of(v);
  return number >= 0 && number < 5 ? severities[number] : SEVERITY_UNKNOWN;
}

/* The value of a pair with this key. */
static struct value pair_of(struct value pairs, struct str key)
{
  for (uint32_t i = 0; value_is(pairs, VALUE_ARRAY) && i < pairs.len; i++)
    if (str_eq(str_trim(text_of(member(pairs.items[i], "key"))), key))
      return member(pairs.items[i], "value");
  return (struct value){0};
}

/* What one publisher says of a vulnerability. */
static void rate(struct loading *l, struct str id, const char *publisher, struct advisory *advisory)
{
  static const char *const vectors[] = {"V40Vector", "V3Vector", "V2Vector"};
  struct value v = pair_of(l->vulnerabilities, id);
  struct value cvss = member(member(v, "CVSS"), publisher);
  struct str *texts = arena_array(l->arena, struct str, 3);
  advisory->severity = severity_of(member(member(v, "VendorSeverity"), publisher));
  for (size_t i = 0; i < 3; i++) {
    struct str vector = member_text(cvss, vectors[i]);
    if (vector.len)
      texts[advisory->cvss_count++] = vector;
  }
  advisory->cvss = texts;
}

/* The publisher's short name; empty: the fixtures do not say whose it is. GitHub says so in the bucket's name. */
static const char *publisher_of(struct loading *l, struct str bucket)
{
  struct str id = member_text(pair_of(l->sources, bucket), "ID");
  if (str_find(bucket, 0, STR("GitHub Security Advisory")) >= 0)
    return "ghsa";
  return arena_printf(l->arena, "%.*s", STR_FMT(id)).data;
}

static void add(struct loading *l, struct str bucket, struct str id, struct advisory_affected *a,
                struct value vendor_ids)
{
  struct error err;
  struct str *related = arena_array(l->arena, struct str, vendor_ids.len + 1);
  const char *publisher = publisher_of(l, bucket);
  struct str key = str_trim(id);
  struct advisory advisory = {.id = key, .related = related, .affected = a, .affected_count = 1};
  for (uint32_t i = 0; value_is(vendor_ids, VALUE_ARRAY) && i < vendor_ids.len; i++)
    related[advisory.related_count++] = text_of(vendor_ids.items[i]);
  rate(l, key, publisher, &advisory);
  /* GitHub's advisories have names of their own, which the fixtures leave out. */
  if (strcmp(publisher, "ghsa") == 0 && str_starts(key, STR("CVE-"))) {
    advisory.id = arena_printf(l->arena, "GHSA-%.*s", STR_FMT(str_sub(key, 4, key.len)));
    advisory.aliases = &key;
    advisory.alias_count = 1;
  }
  if (l->sink.add(l->sink.ctx, &advisory, &err) < 0)
    die(err.message);
  l->loaded++;
}

/* What the National Vulnerability Database says of each, as a source without packages. */
static void add_nvd(struct loading *l)
{
  for (uint32_t i = 0; i < l->vulnerabilities.len; i++) {
    struct str id = text_of(member(l->vulnerabilities.items[i], "key"));
    struct advisory advisory = {.id = id};
    struct error err;
    rate(l, id, "nvd", &advisory);
    if (l->sink.add(l->sink.ctx, &advisory, &err) < 0)
      die(err.message);
  }
}

static void set_range(struct loading *l, struct advisory_affected *a, struct advisory_event *events,
                      size_t count)
{
  struct advisory_range *range = arena_new(l->arena, struct advisory_range);
  range->events = events;
  range->count = count;
  a->ranges = range;
  a->range_count = 1;
}

static void set_fixed(struct loading *l, struct advisory_affected *a, struct str fixed)
{
  struct advisory_event *events = arena_array(l->arena, struct advisory_event, 2);
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
        .ecosystem =
            arena_printf(l->arena, "Red Hat:%.*s", STR_FMT(str_sub(cpe, (size_t)product, cpe.len))),
        .name = name,
        .binary = true,
        .status = status_of(number_of(member(entry, "Status"))),
        .severity = severity_of(member(cves.items[i], "Severity")),
    };
    set_fixed(l, &a, text_of(member(entry, "FixedVersion")));
    add(l, STR("Red Hat"), id.len ? id : key, &a, (struct value){0});
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

/* "15-SP3" is "15 SP3" in OSV's names. */
static struct str ecosystem_of(struct loading *l, size_t row, struct str release)
{
  ptrdiff_t pack = str_find(release, 0, STR("-SP"));
  struct str first = pack < 0 ? release : str_sub(release, 0, (size_t)pack);
  struct str rest = pack < 0 ? STR_EMPTY : str_sub(release, (size_t)pack + 1, release.len);
  return arena_printf(l->arena, "%s%.*s%s%.*s%s", system_buckets[row].ecosystem, STR_FMT(first),
                      rest.len ? " " : "", STR_FMT(rest), system_buckets[row].ending);
}

/* "15-SP3" is "15.3" in os-release. */
static void note_entry(struct loading *l, size_t row, struct str release,
                       const struct advisory_affected *a, struct str id)
{
  ptrdiff_t pack = str_find(release, 0, STR("-SP"));
  struct str first = pack < 0 ? release : str_sub(release, 0, (size_t)pack);
  struct str rest = pack < 0 ? STR_EMPTY : str_sub(release, (size_t)pack + 3, release.len);
  if (a->ranges[0].count < 2)
    return;
  struct trivy_entry *entry = vec_add(l->entries);
  entry->os = system_buckets[row].id;
  entry->type = system_buckets[row].type;
  entry->release = release.len ? arena_printf(l->arena, "%.*s%s%.*s", STR_FMT(first),
                                              rest.len ? "." : "", STR_FMT(rest))
                               : STR("edge");
  entry->name = a->name;
  entry->id = id;
  entry->fixed = a->ranges[0].events[1].version;
}

static bool read_system(struct loading *l, struct str bucket, struct str name, struct str key,
                        struct value value)
{
  for (size_t i = 0; i < sizeof system_buckets / sizeof system_buckets[0]; i++) {
    struct str prefix = str_from(system_buckets[i].bucket);
    if (!str_starts(bucket, prefix))
      continue;
    struct advisory_affected a = {
        .ecosystem = ecosystem_of(l, i, str_sub(bucket, prefix.len, bucket.len)),
        .name = name,
        .binary = system_buckets[i].binary,
        .status = status_of(number_of(member(value, "Status"))),
        .severity = severity_of(member(value, "Severity")),
    };
    set_fixed(l, &a, text_of(member(value, "FixedVersion")));
    add(l, bucket, key, &a, member(value, "VendorIDs"));
    note_entry(l, i, str_sub(bucket, prefix.len, bucket.len), &a, str_trim(key));
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
    struct events *events = arena_new(l->arena, struct events);
    for (uint32_t v = 0; v < vulnerable.len; v++)
      read_interval(version_ops_find(a.ecosystem), events, text_of(vulnerable.items[v]), patched);
    if (vulnerable.len == 0)
      read_patched(events, patched);
    set_range(l, &a, events->items, events->count);
    add(l, bucket, key, &a, (struct value){0});
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
             !read_language(l, bucket, name, key, value)) {
      l->left_out++;
      printf("trivy: not loaded: %.*s of %.*s: seawall has no packages of \"%.*s\"\n", STR_FMT(key),
             STR_FMT(name), STR_FMT(bucket));
    }
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
  struct yaml_reader *reader = yaml_reader_new(arena_copy(l->arena, buf_str(&text)), &options);
  if (yaml_reader_next(reader, l->arena, &document, &err) < 0)
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

/* The pairs of the bucket of this name. */
static struct value pairs_of(struct value buckets, const char *name)
{
  for (uint32_t i = 0; value_is(buckets, VALUE_ARRAY) && i < buckets.len; i++)
    if (str_eq(text_of(member(buckets.items[i], "bucket")), str_from(name)))
      return member(buckets.items[i], "pairs");
  return (struct value){0};
}

static void load_fixture(void *ctx, const char *name)
{
  static const char *const others[] = {"cpe.yaml", "vulnerability.yaml", "data-source.yaml"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    if (strcmp(name, others[i]) == 0)
      return;
  load_file(ctx, name);
}

void trivy_load(struct advisory_writer *w, struct arena *arena, struct trivy_entries *ret)
{
  struct loading l = {.arena = arena, .entries = ret, .sink = advisory_writer_sink(w)};
  struct error err;
  l.cpes = pairs_of(pairs_of(read_yaml(&l, "cpe.yaml"), "Red Hat CPE"), "cpe");
  l.vulnerabilities = pairs_of(read_yaml(&l, "vulnerability.yaml"), "vulnerability");
  l.sources = pairs_of(read_yaml(&l, "data-source.yaml"), "data-source");
  advisory_writer_source(w, &(struct advisory_source_info){.name = STR("fixtures")}, &err);
  each_file("images/trivy/fixtures/db", ".yaml", load_fixture, &l);
  advisory_writer_source(w, &(struct advisory_source_info){.name = STR("nvd")}, &err);
  add_nvd(&l);
  printf("trivy: %u entries loaded, %u of other kinds; %u CVEs rated\n", l.loaded, l.left_out,
         l.vulnerabilities.len);
}
