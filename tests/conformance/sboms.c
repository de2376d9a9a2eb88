/*
 * Bills of materials, VEX documents and licences as Trivy's fixtures have them and its reports judge them:
 *
 * - each fixture is read, and has the packages that the report about it names, in name, version and package URL;
 * - each report that is a bill of materials itself is read, and has every component with a package URL;
 * - all of them are written in both formats and read again, and have the same packages then;
 * - the categories of licences are those of the report;
 * - a VEX document dismisses what is in the report without it and not in the report with it, and nothing else.
 *
 * What is not read is listed in sboms.known, a line each: fixture, name, version.
 *
 *     conformance_sboms                   compares all that is there, and prints counts
 *     conformance_sboms FILE...           prints the packages of documents
 */
#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "data/json.h"
#include "scan/license.h"
#include "scan/sbom/sbom.h"
#include "scan/vex.h"

#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED = 77, FILE_MAX = 64 << 20 };

struct run {
  struct arena arena;
  const char *shared, *root;
  struct map known; /* line → times met */
  unsigned done, failed;
};

struct counts {
  unsigned expected, same, known;
};

static bool read_file(struct run *run, struct str *ret, const char *folder, const char *name)
{
  _cleanup_(buf_free) struct buf bytes = {0};
  char path[512];
  snprintf(path, sizeof path, "%s/conformance/images/trivy/%s/%s", run->shared, folder, name);
  if (file_read(path, FILE_MAX, &bytes, NULL) < 0)
    return false;
  *ret = arena_copy(&run->arena, buf_str(&bytes));
  return true;
}

static bool read_json(struct run *run, struct value *ret, const char *folder, const char *name)
{
  struct str text;
  return read_file(run, &text, folder, name) && json_parse(&run->arena, text, NULL, ret, NULL) == 0;
}

static struct value get(struct value v, const char *name)
{
  return value_get(v, value_from(name));
}

static struct str text_of(struct value v, const char *name)
{
  return value_str_or_empty(get(v, name));
}

static uint32_t length(struct value v)
{
  return v.type == VALUE_ARRAY ? v.len : 0;
}

/* ---- what is known to be missing */

static void read_known(struct run *run)
{
  _cleanup_(buf_free) struct buf bytes = {0};
  char path[512];
  snprintf(path, sizeof path, "%s/tests/conformance/sboms.known", run->root);
  if (file_read(path, FILE_MAX, &bytes, NULL) < 0)
    return;
  for (struct str rest = buf_str(&bytes); rest.data;) {
    struct str line = str_trim(str_cut(rest, '\n', &rest));
    if (line.len && line.data[0] != '#')
      map_put(&run->known, line, NULL);
  }
}

static void miss(struct run *run, struct counts *counts, const char *fixture, struct str name,
                 struct str version)
{
  struct str line =
      arena_printf(&run->arena, "%s %.*s %.*s", fixture, STR_FMT(name), STR_FMT(version));
  union map_value *value = map_get(&run->known, line);
  if (value) {
    value->number++;
    counts->known++;
    return;
  }
  printf("%.*s: missing\n", STR_FMT(line));
  run->failed++;
}

static void tell_mended(struct run *run)
{
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&run->known, &at));)
    if (e->value.number == 0) {
      printf("%.*s: is read now, take it out of sboms.known\n", STR_FMT(e->key));
      run->failed++;
    }
}

/* ---- reading and writing */

static const struct package *find(const struct sbom *sbom, struct str name, struct str version)
{
  for (size_t i = 0; i < sbom->package_count; i++)
    if (str_eq(sbom->packages[i].name, name) && str_eq(sbom->packages[i].version.text, version))
      return &sbom->packages[i];
  return NULL;
}

static bool same_package(const struct package *a, const struct package *b)
{
  return a->type == b->type && str_eq(a->name, b->name) &&
         str_eq(a->version.text, b->version.text) && str_eq(a->source, b->source) &&
         str_eq(a->source_version.text, b->source_version.text) && str_eq(a->purl, b->purl) &&
         str_eq(a->license, b->license) && str_eq(a->path, b->path) &&
         str_eq(a->digest, b->digest) && a->layer == b->layer;
}

static bool same_sbom(const struct sbom *a, const struct sbom *b)
{
  if (a->package_count != b->package_count || !str_eq(a->os.id, b->os.id) ||
      !str_eq(a->os.version, b->os.version) || a->subject.layer_count != b->subject.layer_count)
    return false;
  for (size_t i = 0; i < a->package_count; i++)
    if (!same_package(&a->packages[i], &b->packages[i]))
      return false;
  return true;
}

static void write_and_read(struct run *run, const struct sbom *sbom, const char *name)
{
  static const char *const formats[] = {"cyclonedx", "spdx-json"};
  for (size_t i = 0; i < 2; i++) {
    struct sink out;
    struct sbom back;
    struct error err;
    sink_to_memory(&out, 0);
    if (sbom_write(sbom, sbom_format_named(str_from(formats[i])), &out, &err) < 0 ||
        sink_finish(&out, &err) < 0 ||
        sbom_read(buf_str(&out.buf), NULL, &run->arena, &back, &err) < 0) {
      printf("%s as %s: %s\n", name, formats[i], err.message);
      run->failed++;
    } else if (!same_sbom(sbom, &back)) {
      printf("%s as %s: other packages come back\n", name, formats[i]);
      run->failed++;
    }
    sink_free(&out);
  }
}

static bool read_sbom(struct run *run, struct str text, const char *name, struct sbom *ret)
{
  struct error err;
  if (sbom_read(text, NULL, &run->arena, ret, &err) < 0) {
    printf("%s: %s\n", name, err.message);
    run->failed++;
    return false;
  }
  write_and_read(run, ret, name);
  return true;
}

/* ---- fixtures beside reports */

static const struct {
  const char *fixture, *report;
} fixtures[] = {
    {"centos-7-cyclonedx.json", "centos-7.json.golden"},
    {"centos-7-cyclonedx.intoto.jsonl", "centos-7.json.golden"},
    {"centos-7-spdx.json", "centos-7.json.golden"},
    {"centos-7-spdx.txt", "centos-7.json.golden"},
    {"fluentd-multiple-lockfiles-cyclonedx.json", "fluentd-multiple-lockfiles.json.golden"},
    {"minikube-kbom.json", "minikube-kbom.json.golden"},
};

static bool same_os(const struct sbom *sbom, struct value report)
{
  struct value os = get(get(report, "Metadata"), "OS");
  return os.type == VALUE_ABSENT || (str_eq(sbom->os.id, text_of(os, "Family")) &&
                                     str_eq(sbom->os.version, text_of(os, "Name")));
}

static void test_fixture(struct run *run, const char *fixture, const char *name)
{
  struct counts counts = {0};
  struct value report, results;
  struct sbom sbom;
  struct str text;
  if (!read_file(run, &text, "fixtures/sbom", fixture) || !read_json(run, &report, "golden", name))
    return;
  run->done++;
  if (!read_sbom(run, text, fixture, &sbom))
    return;
  if (!same_os(&sbom, report)) {
    printf("%s: the distribution is %.*s %.*s\n", fixture, STR_FMT(sbom.os.id),
           STR_FMT(sbom.os.version));
    run->failed++;
  }
  results = get(report, "Results");
  for (uint32_t i = 0; i < length(results); i++) {
    struct value list = get(results.items[i], "Vulnerabilities");
    for (uint32_t j = 0; j < length(list); j++) {
      struct str package = text_of(list.items[j], "PkgName");
      struct str version = text_of(list.items[j], "InstalledVersion");
      const struct package *p = find(&sbom, package, version);
      counts.expected++;
      if (p && str_eq(p->purl, text_of(get(list.items[j], "PkgIdentifier"), "PURL")))
        counts.same++;
      else
        miss(run, &counts, fixture, package, version);
    }
  }
  printf("%s: %u packages of findings expected, %u the same, %u known to be missing\n", fixture,
         counts.expected, counts.same, counts.known);
}

/* ---- reports that are bills of materials */

static const char *const documents[] = {"conda-cyclonedx.json.golden",
                                        "conda-spdx.json.golden",
                                        "fluentd-multiple-lockfiles-short.cdx.json.golden",
                                        "fluentd-multiple-lockfiles.cdx.json.golden",
                                        "julia-spdx.json.golden",
                                        "npm-cyclonedx.json.golden",
                                        "pom-cyclonedx.json.golden"};

static struct str purl_of(struct value component)
{
  struct value refs = get(component, "externalRefs");
  for (uint32_t i = 0; i < length(refs); i++)
    if (value_eq_str(get(refs.items[i], "referenceType"), STR("purl")))
      return text_of(refs.items[i], "referenceLocator");
  return text_of(component, "purl");
}

static void test_document(struct run *run, const char *name)
{
  struct counts counts = {0};
  struct value json, list;
  struct sbom sbom;
  struct str text;
  if (!read_file(run, &text, "golden", name) ||
      json_parse(&run->arena, text, NULL, &json, NULL) < 0)
    return;
  run->done++;
  if (!read_sbom(run, text, name, &sbom))
    return;
  list = get(json, "components");
  if (list.type == VALUE_ABSENT)
    list = get(json, "packages");
  for (uint32_t i = 0; i < length(list); i++) {
    struct str purl = purl_of(list.items[i]);
    bool found = false;
    if (!purl.len)
      continue;
    counts.expected++;
    for (size_t j = 0; j < sbom.package_count && !found; j++)
      found = str_eq(sbom.packages[j].purl, purl);
    if (found)
      counts.same++;
    else
      miss(run, &counts, name, text_of(list.items[i], "name"), purl);
  }
  printf("%s: %u components expected, %u the same, %u known to be missing\n", name, counts.expected,
         counts.same, counts.known);
}

/* ---- licences */

static void test_licenses(struct run *run)
{
  struct value report, results;
  unsigned expected = 0, same = 0;
  if (!read_json(run, &report, "golden", "license-cyclonedx.json.golden"))
    return;
  run->done++;
  results = get(report, "Results");
  for (uint32_t i = 0; i < length(results); i++) {
    struct value list = get(results.items[i], "Licenses");
    for (uint32_t j = 0; j < length(list); j++) {
      struct license license;
      license_read(&run->arena, text_of(list.items[j], "Name"), &license);
      struct str is = license_category_name(license.category);
      expected++;
      if (str_eq(is, text_of(list.items[j], "Category"))) {
        same++;
        continue;
      }
      printf("%.*s: is %.*s\n", STR_FMT(text_of(list.items[j], "Name")), STR_FMT(is));
      run->failed++;
    }
  }
  printf("licences: %u categories expected, %u the same\n", expected, same);
}

/* ---- VEX */

static bool reports(struct value report, struct str target, struct str id, struct str package)
{
  struct value results = get(report, "Results");
  for (uint32_t i = 0; i < length(results); i++) {
    struct value list = get(results.items[i], "Vulnerabilities");
    if (!value_eq_str(get(results.items[i], "Target"), target))
      continue;
    for (uint32_t j = 0; j < length(list); j++)
      if (value_eq_str(get(list.items[j], "VulnerabilityID"), id) &&
          value_eq_str(get(list.items[j], "PkgName"), package))
        return true;
  }
  return false;
}

static void test_finding(struct run *run, const struct vex_set *set, struct str target,
                         struct value finding, struct value with, unsigned *io_same)
{
  static const struct str product = STR_INIT("pkg:golang/github.com/testdata/testdata");
  struct str id = text_of(finding, "VulnerabilityID"), package = text_of(finding, "PkgName");
  struct vex_question q = {.ids = &id,
                           .id_count = 1,
                           .package = text_of(get(finding, "PkgIdentifier"), "PURL"),
                           .products = &product,
                           .product_count = 1};
  struct vex_answer answer;
  bool dismissed = vex_ask(set, &q, &answer) && vex_dismisses(answer.status);
  if (dismissed != reports(with, target, id, package)) {
    (*io_same)++;
    return;
  }
  printf("%.*s in %.*s: %s\n", STR_FMT(id), STR_FMT(package),
         dismissed ? "dismissed, and should not be" : "not dismissed");
  run->failed++;
}

static void test_vex(struct run *run)
{
  struct str text;
  struct value without, with;
  struct error err;
  unsigned expected = 0, same = 0;
  if (!read_file(run, &text, "fixtures/vex/file", "openvex.json") ||
      !read_json(run, &without, "golden", "gomod.json.golden") ||
      !read_json(run, &with, "golden", "gomod-vex.json.golden"))
    return;
  run->done++;
  _cleanup_(vex_set_freep) struct vex_set *set = vex_set_new();
  if (vex_set_add(set, text, STR("openvex.json"), &err) < 0) {
    printf("openvex.json: %s\n", err.message);
    run->failed++;
    return;
  }
  struct value results = get(without, "Results");
  for (uint32_t i = 0; i < length(results); i++) {
    struct value list = get(results.items[i], "Vulnerabilities");
    for (uint32_t j = 0; j < length(list); j++, expected++)
      test_finding(run, set, text_of(results.items[i], "Target"), list.items[j], with, &same);
  }
  printf("VEX: %u findings, %u judged the same\n", expected, same);
}

/* ---- by hand */

static int print_files(struct run *run, char **paths)
{
  int result = 0;
  for (; *paths; paths++) {
    _cleanup_(buf_free) struct buf bytes = {0};
    struct sbom sbom;
    struct error err;
    if (file_read(*paths, FILE_MAX, &bytes, &err) < 0 ||
        sbom_read(buf_str(&bytes), NULL, &run->arena, &sbom, &err) < 0) {
      printf("%s: %s\n", *paths, err.message);
      result = 1;
      continue;
    }
    printf("%s: %s %.*s by %.*s, %.*s %.*s\n", *paths, sbom.format->name,
           STR_FMT(sbom.format_version), STR_FMT(sbom.tool), STR_FMT(sbom.os.id),
           STR_FMT(sbom.os.version));
    for (size_t i = 0; i < sbom.package_count; i++)
      printf("  %.*s %.*s (%.*s %.*s)\n", STR_FMT(sbom.packages[i].name),
             STR_FMT(sbom.packages[i].version.text), STR_FMT(sbom.packages[i].source),
             STR_FMT(sbom.packages[i].source_version.text));
    for (size_t i = 0; i < sbom.unmatched_count; i++)
      printf("  not matched: %.*s %.*s: %.*s\n", STR_FMT(sbom.unmatched[i].name),
             STR_FMT(sbom.unmatched[i].version), STR_FMT(sbom.unmatched[i].why));
  }
  return result;
}

int main(int argc, char **argv)
{
  struct run run = {.shared = getenv("SEAWALL_SHARED"), .root = getenv("SEAWALL_SOURCE_ROOT")};
  if (!run.shared)
    run.shared = "../shared";
  if (!run.root)
    run.root = ".";
  arena_init(&run.arena, 0);
  map_init(&run.known, &run.arena);
  if (argc > 1) {
    int result = print_files(&run, argv + 1);
    map_free(&run.known);
    arena_free(&run.arena);
    return result;
  }
  read_known(&run);
  for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++)
    test_fixture(&run, fixtures[i].fixture, fixtures[i].report);
  for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++)
    test_document(&run, documents[i]);
  test_licenses(&run);
  test_vex(&run);
  if (run.done)
    tell_mended(&run);
  else
    printf("skipped: %s/conformance/images/trivy is absent\n", run.shared);
  printf("%u documents and suites, %u failures\n", run.done, run.failed);
  int result = run.failed ? 1 : run.done ? 0 : SKIPPED;
  map_free(&run.known);
  arena_free(&run.arena);
  return result;
}
