#include "../test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "data/base64.h"
#include "data/json.h"
#include "scan/sbom/sbom.h"

static struct arena arena;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  arena_free(&arena);
  return 0;
}

static struct sbom read_text(const char *text)
{
  struct sbom sbom;
  struct error err;
  if (sbom_read(str_from(text), NULL, &arena, &sbom, &err) < 0)
    fail_msg("%s", err.message);
  return sbom;
}

static struct str write_text(const struct sbom *sbom, const char *format)
{
  struct sink out;
  struct error err;
  sink_to_memory(&out, 0);
  if (sbom_write(sbom, sbom_format_named(str_from(format)), &out, &err) < 0 ||
      sink_finish(&out, &err) < 0)
    fail_msg("%s", err.message);
  struct str text = arena_copy(&arena, buf_str(&out.buf));
  sink_free(&out);
  return text;
}

static const struct sbom_layer layers[] = {
    {STR_INIT("sha256:1111111111111111111111111111111111111111111111111111111111111111"),
     STR_INIT("sha256:2222222222222222222222222222222222222222222222222222222222222222")},
    {STR_INIT(""),
     STR_INIT("sha256:3333333333333333333333333333333333333333333333333333333333333333")},
};
static const struct str tags[] = {STR_INIT("registry.example/shop/web:1.4")};

/* Packages with everything that a purl does not say. */
static struct sbom example(struct package_list *list)
{
  static const struct package packages[] = {
      {.type = PACKAGE_APK,
       .name = STR_INIT("libssl3"),
       .version = {STR_INIT("3.1.4-r5")},
       .architecture = STR_INIT("x86_64"),
       .source = STR_INIT("openssl"),
       .license = STR_INIT("Apache-2.0"),
       .purl = STR_INIT("pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1&"
                        "upstream=openssl"),
       .path = STR_INIT("lib/apk/db/installed")},
      {.type = PACKAGE_NPM,
       .name = STR_INIT("@angular/core"),
       .version = {STR_INIT("17.0.1")},
       .license = STR_INIT("MIT OR Apache-2.0"),
       .purl = STR_INIT("pkg:npm/%40angular/core@17.0.1"),
       .indirect = true,
       .path = STR_INIT("app/node_modules/@angular/core/package.json"),
       .layer = 1},
      {.type = PACKAGE_NPM,
       .name = STR_INIT("@angular/core"),
       .version = {STR_INIT("17.0.1")},
       .purl = STR_INIT("pkg:npm/%40angular/core@17.0.1"),
       .development = true,
       .path = STR_INIT("other/package-lock.json"),
       .layer = 1},
      {.type = PACKAGE_PYPI,
       .name = STR_INIT("Foo_Bar"),
       .version = {STR_INIT("1.0")},
       .license = STR_INIT("Some Licence of Ours"),
       .purl = STR_INIT("pkg:pypi/foo-bar@1.0"),
       .path = STR_INIT("usr/lib/python3/foo_bar.dist-info/METADATA"),
       .layer = 1},
      {.type = PACKAGE_MAVEN,
       .name = STR_INIT("org.example:shop"),
       .version = {STR_INIT("2.0")},
       .purl = STR_INIT("pkg:maven/org.example/shop@2.0"),
       .digest = STR_INIT("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"),
       .path = STR_INIT("app/a.war!WEB-INF/lib/shop.jar"),
       .layer = 1},
      {.type = PACKAGE_GENERIC,
       .name = STR_INIT("thing"),
       .version = {STR_INIT("1 beta")},
       .path = STR_INIT("opt/thing"),
       .layer = 1},
      {.type = PACKAGE_RPM,
       .name = STR_INIT("openssl-libs"),
       .version = {STR_INIT("1:1.0.2k-16.el7")},
       .architecture = STR_INIT("x86_64"),
       .source = STR_INIT("openssl"),
       .source_version = {STR_INIT("1:1.0.2k-16.el7")},
       .license = STR_INIT("OpenSSL"),
       .maintainer = STR_INIT("The \"Builders\" <b@example.org>"),
       .vendor = STR_INIT("Example"),
       .module = STR_INIT("nodejs:12:8030020201124152102:229f0a1c"),
       .purl = STR_INIT("pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&epoch=1"),
       .path = STR_INIT("var/lib/rpm/Packages")},
  };
  static const struct sbom_dependency dependencies[] = {{0, 1}, {4, 5}, {4, 1}, {4, 1}};
  struct error err;
  package_list_init(list, &arena, 0);
  for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
    struct package p = packages[i];
    p.version = package_version_split(p.type, p.version.text);
    p.source_version = package_version_split(p.type, p.source_version.text);
    if (package_list_add(list, &p, &err) < 0)
      fail_msg("%s", err.message);
    list->items[list->count - 1].digest = p.digest;
  }
  package_list_sort(list);
  struct sbom sbom = {
      .subject = {.kind = SBOM_IMAGE,
                  .name = STR("registry.example/shop/web:1.4"),
                  .digest = STR("sha256:44444444444444444444444444444444"
                                "44444444444444444444444444444444"),
                  .image_id = STR("sha256:5555555555555555555555555555555"
                                  "555555555555555555555555555555555"),
                  .architecture = STR("amd64"),
                  .tags = tags,
                  .tag_count = 1,
                  .layers = layers,
                  .layer_count = 2},
      .packages = list->items,
      .package_count = list->count,
      .dependencies = dependencies,
      .dependency_count = 4,
      .tool_version = STR("0.1.0"),
      .created = 1700000000,
  };
  struct str os = STR("ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME=\"Alpine Linux v3.19\"\n");
  assert_int_equal(os_release_read(&arena, STR("etc/os-release"), os, &sbom.os, NULL), 0);
  return sbom;
}

static void assert_same_str(struct str a, struct str b)
{
  if (!str_eq(a, b))
    fail_msg("\"%.*s\" and \"%.*s\"", STR_FMT(a), STR_FMT(b));
}

static void assert_same_package(const struct package *a, const struct package *b)
{
  assert_int_equal(a->type, b->type);
  assert_same_str(a->name, b->name);
  assert_same_str(a->version.text, b->version.text);
  assert_same_str(a->version.epoch, b->version.epoch);
  assert_same_str(a->version.release, b->version.release);
  assert_same_str(a->architecture, b->architecture);
  assert_same_str(a->source, b->source);
  assert_same_str(a->source_version.text, b->source_version.text);
  assert_same_str(a->license, b->license);
  assert_same_str(a->maintainer, b->maintainer);
  assert_same_str(a->vendor, b->vendor);
  assert_same_str(a->module, b->module);
  assert_same_str(a->purl, b->purl);
  assert_same_str(a->digest, b->digest);
  assert_same_str(a->path, b->path);
  assert_int_equal(a->indirect, b->indirect);
  assert_int_equal(a->development, b->development);
  assert_int_equal(a->layer, b->layer);
}

static void comes_back(void **state)
{
  (void)state;
  static const char *const formats[] = {"cyclonedx", "spdx-json"};
  for (size_t f = 0; f < 2; f++) {
    struct package_list list;
    struct sbom sbom = example(&list);
    struct str text = write_text(&sbom, formats[f]);
    struct sbom back = read_text(text.data);
    assert_string_equal(back.format->name, formats[f]);
    assert_int_equal(back.package_count, sbom.package_count);
    for (size_t i = 0; i < sbom.package_count; i++)
      assert_same_package(&back.packages[i], &sbom.packages[i]);
    assert_int_equal(back.unmatched_total, 0);
    assert_int_equal(back.created, sbom.created);
    assert_false(back.wrapped);
    assert_int_equal(back.subject.kind, SBOM_IMAGE);
    assert_same_str(back.subject.name, sbom.subject.name);
    assert_same_str(back.subject.digest, sbom.subject.digest);
    assert_same_str(back.subject.image_id, sbom.subject.image_id);
    assert_same_str(back.subject.architecture, sbom.subject.architecture);
    assert_int_equal(back.subject.tag_count, 1);
    assert_same_str(back.subject.tags[0], tags[0]);
    assert_int_equal(back.subject.layer_count, 2);
    for (size_t i = 0; i < 2; i++) {
      assert_same_str(back.subject.layers[i].diff_id, layers[i].diff_id);
      assert_same_str(back.subject.layers[i].digest, layers[i].digest);
    }
    assert_same_str(back.os.id, sbom.os.id);
    assert_same_str(back.os.version, sbom.os.version);
    assert_same_str(back.os.release, sbom.os.release);
    assert_same_str(back.os.pretty, sbom.os.pretty);
    assert_ptr_equal(back.os.family, sbom.os.family);
    assert_int_equal(back.dependency_count, f == 0 ? 3 : 4); /* CycloneDX has sets */
    assert_int_equal(back.dependencies[0].package, 0);
    assert_int_equal(back.dependencies[0].needs, 1);
    package_list_free(&list);
  }
}

static void writes_the_same_twice(void **state)
{
  (void)state;
  static const char *const formats[] = {"cyclonedx-json", "spdx"};
  for (size_t f = 0; f < 2; f++) {
    struct package_list list;
    struct sbom sbom = example(&list);
    struct str first = write_text(&sbom, formats[f]), second = write_text(&sbom, formats[f]);
    assert_same_str(first, second);
    struct sbom one = read_text(first.data);
    list.items[0].license = STR("MIT");
    struct sbom other = read_text(write_text(&sbom, formats[f]).data);
    assert_false(str_eq(one.serial, other.serial));
    package_list_free(&list);
  }
}

/* References are unique, and everything that is referred to is there. */
static void refers_to_what_is_there(void **state)
{
  (void)state;
  struct package_list list;
  struct sbom sbom = example(&list);
  struct str text = write_text(&sbom, "cyclonedx");
  struct value root, components, dependencies;
  assert_int_equal(json_parse(&arena, text, NULL, &root, NULL), 0);
  components = value_get(root, value_from("components"));
  dependencies = value_get(root, value_from("dependencies"));
  assert_int_equal(components.len, sbom.package_count + 1);
  assert_int_equal(dependencies.len, sbom.package_count + 2);
  for (uint32_t i = 0; i < components.len; i++)
    for (uint32_t j = 0; j < i; j++)
      assert_false(
          str_eq(value_str_or_empty(value_get(components.items[i], value_from("bom-ref"))),
                 value_str_or_empty(value_get(components.items[j], value_from("bom-ref")))));
  struct value licenses = value_get(components.items[1], value_from("licenses"));
  struct value first = value_get(value_at(licenses, 0), value_from("license"));
  assert_str(value_str_or_empty(value_get(first, value_from("id"))), "Apache-2.0");
  package_list_free(&list);
}

static void writes_vulnerabilities(void **state)
{
  (void)state;
  static const struct str cwes[] = {STR_INIT("CWE-79"), STR_INIT("nonsense")};
  static const struct str references[] = {STR_INIT("https://example.org/1"), STR_INIT("no url")};
  struct package_list list;
  struct sbom sbom = example(&list);
  struct vulnerability vulnerability = {
      .package = &list.items[0],
      .id = STR("CVE-2024-0001"),
      .source = STR("Example tracker"),
      .title = STR("A fault"),
      .severity = SEVERITY_HIGH,
      .severity_source = STR("nvd"),
      .cvss = STR("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"),
      .cvss_tenths = 75,
      .fixed = STR("3.1.5"),
      .cwes = cwes,
      .cwe_count = 2,
      .references = references,
      .reference_count = 2,
      .published = STR("2024-01-02"),
      .modified = STR("2024-01-03T04:05:06.789Z"),
  };
  struct sbom_vulnerability entry = {&vulnerability, STR("not_affected"), STR("code_not_reachable"),
                                     STR("nobody calls it")};
  sbom.vulnerabilities = &entry;
  sbom.vulnerability_count = 1;
  struct value root;
  assert_int_equal(json_parse(&arena, write_text(&sbom, "cyclonedx"), NULL, &root, NULL), 0);
  struct value v = value_at(value_get(root, value_from("vulnerabilities")), 0);
  assert_str(value_str_or_empty(value_get(v, value_from("id"))), "CVE-2024-0001");
  assert_str(value_str_or_empty(value_get(v, value_from("published"))), "2024-01-02T00:00:00Z");
  assert_int_equal(value_get(v, value_from("cwes")).len, 1);
  assert_int_equal(value_get(v, value_from("advisories")).len, 1);
  struct value rating = value_at(value_get(v, value_from("ratings")), 0);
  assert_str(value_str_or_empty(value_get(rating, value_from("method"))), "CVSSv31");
  assert_str(value_str(value_get(rating, value_from("score"))), "7.5");
  struct value analysis = value_get(v, value_from("analysis"));
  assert_str(value_str_or_empty(value_get(analysis, value_from("state"))), "not_affected");

  struct error err;
  struct sink out;
  sink_to_memory(&out, 0);
  struct package elsewhere = list.items[0];
  vulnerability.package = &elsewhere;
  assert_int_equal(sbom_write(&sbom, sbom_format_named(STR("cyclonedx")), &out, &err), SW_EUSAGE);
  assert_int_equal(sbom_write(&sbom, sbom_format_named(STR("spdx-tag-value")), &out, &err),
                   SW_EUSAGE);
  assert_null(sbom_format_named(STR("xml")));
  sink_free(&out);
  package_list_free(&list);
}

static void reads_trivy(void **state)
{
  (void)state;
  struct sbom sbom = read_text(
      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"tools\":[{\"name\":"
      "\"trivy\",\"version\":\"0.50\"}],\"component\":{\"type\":\"container\",\"name\":\"web\","
      "\"properties\":[{\"name\":\"aquasecurity:trivy:ImageID\",\"value\":\"sha256:aa\"},"
      "{\"name\":\"aquasecurity:trivy:DiffID\",\"value\":\"sha256:bb\"}]}},\"components\":["
      "{\"type\":\"operating-system\",\"name\":\"redhat\",\"version\":\"8.3\"},"
      "{\"type\":\"library\",\"name\":\"openssl-libs\",\"version\":\"1.1.1g-11.el8\",\"purl\":"
      "\"pkg:rpm/redhat/openssl-libs@1.1.1g-11.el8?arch=x86_64&epoch=1&distro=redhat-8.3\","
      "\"licenses\":[{\"license\":{\"name\":\"OpenSSL\"}},{\"license\":{\"name\":\"A or B\"}}],"
      "\"properties\":[{\"name\":\"aquasecurity:trivy:SrcName\",\"value\":\"openssl\"},"
      "{\"name\":\"aquasecurity:trivy:SrcVersion\",\"value\":\"1.1.1g\"},"
      "{\"name\":\"aquasecurity:trivy:SrcRelease\",\"value\":\"11.el8\"},"
      "{\"name\":\"aquasecurity:trivy:SrcEpoch\",\"value\":\"1\"},"
      "{\"name\":\"aquasecurity:trivy:LayerDiffID\",\"value\":\"sha256:bb\"},"
      "{\"name\":\"aquasecurity:trivy:LayerDigest\",\"value\":\"sha256:cc\"}]},"
      "{\"type\":\"application\",\"name\":\"node-app\",\"components\":[{\"type\":\"library\","
      "\"group\":\"@a\",\"name\":\"B\",\"version\":\"2\",\"purl\":\"pkg:npm/%40a/b@2\"}]},"
      "{\"type\":\"library\",\"name\":\"nameless\"},"
      "{\"type\":\"library\",\"name\":\"strange\",\"purl\":\"pkg:hackage/x@1\"},"
      "{\"type\":\"library\",\"name\":\"broken\",\"purl\":\"pkg:\"}]}");
  assert_str(sbom.tool, "trivy 0.50");
  assert_string_equal(sbom.os.family->id, "rhel");
  assert_str(sbom.os.release, "8");
  assert_str(sbom.subject.image_id, "sha256:aa");
  assert_int_equal(sbom.package_count, 2);
  const struct package *p = &sbom.packages[0];
  assert_str(p->name, "openssl-libs");
  assert_str(p->version.text, "1:1.1.1g-11.el8");
  assert_str(p->source, "openssl");
  assert_str(p->source_version.text, "1:1.1.1g-11.el8");
  assert_str(p->architecture, "x86_64");
  assert_str(p->license, "OpenSSL AND A or B");
  assert_int_equal(p->layer, 0);
  assert_str(sbom.subject.layers[0].digest, "sha256:cc");
  assert_str(sbom.packages[1].name, "@a/B");
  assert_int_equal(sbom.unmatched_total, 3);
  assert_str(sbom.unmatched[0].name, "nameless");
  assert_str(sbom.unmatched[0].why, "it has no package URL");
  assert_non_null(strstr(sbom.unmatched[1].why.data, "\"hackage\""));
}

static void reads_syft(void **state)
{
  (void)state;
  struct sbom sbom = read_text(
      "\xef\xbb\xbf{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":"
      "{\"type\":\"container\",\"name\":\"web\",\"version\":\"sha256:dd\"}},\"components\":["
      "{\"bom-ref\":\"1\",\"type\":\"library\",\"name\":\"libssl1.1\",\"version\":\"1.1.1n-0\","
      "\"purl\":\"pkg:deb/debian/libssl1.1@1.1.1n-0?arch=amd64&distro=debian-11&upstream=openssl\","
      "\"properties\":[{\"name\":\"syft:location:0:path\",\"value\":\"/var/lib/dpkg/status\"},"
      "{\"name\":\"syft:location:0:layerID\",\"value\":\"sha256:ee\"}]},"
      "{\"bom-ref\":\"2\",\"type\":\"library\",\"name\":\"krb5-libs\",\"version\":\"1.1-1\","
      "\"purl\":\"pkg:rpm/rhel/krb5-libs@1.1-1?arch=amd64&distro=rhel-9.1&"
      "upstream=krb5-5-1.1-1.src.rpm\"},"
      "{\"type\":\"operating-system\",\"name\":\"debian\",\"version\":\"11\",\"properties\":["
      "{\"name\":\"syft:distro:id\",\"value\":\"debian\"},"
      "{\"name\":\"syft:distro:versionID\",\"value\":\"11\"}]}],"
      "\"dependencies\":[{\"ref\":\"2\",\"dependsOn\":[\"1\",\"9\"]}]}");
  assert_str(sbom.subject.digest, "sha256:dd");
  assert_string_equal(sbom.os.family->id, "debian");
  assert_str(sbom.packages[0].source, "openssl");
  assert_str(sbom.packages[0].source_version.text, "1.1.1n-0");
  assert_str(sbom.packages[0].path, "var/lib/dpkg/status");
  assert_str(sbom.packages[1].source, "krb5-5");
  assert_str(sbom.packages[1].source_version.text, "1.1-1");
  assert_int_equal(sbom.packages[1].layer, UINT32_MAX);
  assert_int_equal(sbom.dependency_count, 1);
  assert_int_equal(sbom.dependencies[0].package, 1);
  assert_int_equal(sbom.dependencies[0].needs, 0);
}

static void finds_the_distribution(void **state)
{
  (void)state;
  struct sbom sbom = read_text(
      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
      "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:apk/alpine/a@1?distro=alpine-3.18.4\"},"
      "{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:apk/alpine/b@1?distro=alpine-3.18.4\"},"
      "{\"type\":\"library\",\"name\":\"c\",\"purl\":\"pkg:apk/wolfi/c@1?distro=wolfi-2023\"}]}");
  assert_string_equal(sbom.os.family->id, "alpine");
  assert_str(sbom.os.release, "3.18");
  sbom = read_text("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
                   "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:deb/debian/a@1?os_name="
                   "debian&os_version=12\"}]}");
  assert_str(sbom.os.release, "12");
  sbom = read_text(
      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\",\"components\":["
      "{\"type\":\"library\",\"name\":\"a\",\"purl\":\"pkg:apk/alpine/a@1?distro=3.16.0\"}"
      "]}");
  assert_string_equal(sbom.os.family->id, "alpine");
  assert_str(sbom.os.release, "3.16");
}

static const char spdx_tags[] =
    "SPDXVersion: SPDX-2.2\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: web\n"
    "DocumentNamespace: https://example.org/web\nCreator: Tool: thing-1\n"
    "Created: 2022-09-13T13:24:58Z\n\n# packages\nPackageName: web\n"
    "SPDXID: SPDXRef-ContainerImage-1\nPackageAttributionText: ImageID: sha256:aa\n\n"
    "PackageName: centos\nSPDXID: SPDXRef-OperatingSystem-1\nPackageVersion: 7.6\n\n"
    "PackageName: openssl-libs\nSPDXID: SPDXRef-Package-1\nPackageVersion: 1.0\n"
    "PackageSourceInfo: <text>built package from: openssl 1:1.0-1.el7</text>\n"
    "PackageLicenseDeclared: NOASSERTION\nPackageLicenseConcluded: OpenSSL\n"
    "PackageChecksum: SHA1: da39a3ee5e6b4b0d3255bfef95601890afd80709\n"
    "PackageSupplier: Person: Somebody\n"
    "PackageComment: <text>PackageName: not one\n</text>\n"
    "ExternalRef: PACKAGE-MANAGER purl "
    "pkg:rpm/centos/openssl-libs@1.0-1.el7?arch=x86_64&epoch=1\n"
    "PackageAttributionText: LayerDiffID: sha256:bb\n\n"
    "FileName: ./opt/app/package.json\nSPDXID: SPDXRef-File-1\n\n"
    "PackageName: left-pad\nSPDXID: SPDXRef-Package-2\nPackageVersion: 1.3.0\n"
    "ExternalRef: PACKAGE_MANAGER purl pkg:npm/left-pad@1.3.0\n\n"
    "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-ContainerImage-1\n"
    "Relationship: SPDXRef-Package-2 CONTAINS SPDXRef-File-1\n"
    "Relationship: SPDXRef-Package-1 DEPENDENCY_OF SPDXRef-Package-2\n";

static void reads_tags(void **state)
{
  (void)state;
  struct sbom sbom = read_text(spdx_tags);
  assert_string_equal(sbom.format->name, "spdx-tag-value");
  assert_str(sbom.format_version, "SPDX-2.2");
  assert_str(sbom.tool, "thing-1");
  assert_true(sbom.created > 0);
  assert_str(sbom.subject.name, "web");
  assert_int_equal(sbom.subject.kind, SBOM_IMAGE);
  assert_str(sbom.subject.image_id, "sha256:aa");
  assert_str(sbom.os.release, "7");
  assert_int_equal(sbom.package_count, 2);
  const struct package *p = &sbom.packages[0];
  assert_str(p->version.text, "1:1.0-1.el7");
  assert_str(p->source, "openssl");
  assert_str(p->source_version.text, "1:1.0-1.el7");
  assert_str(p->license, "OpenSSL");
  assert_str(p->maintainer, "Somebody");
  assert_str(p->digest, "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709");
  assert_str(sbom.subject.layers[p->layer].diff_id, "sha256:bb");
  assert_str(sbom.packages[1].name, "left-pad");
  assert_str(sbom.packages[1].path, "./opt/app/package.json");
  assert_int_equal(sbom.dependency_count, 1);
  assert_int_equal(sbom.dependencies[0].package, 1);
}

static void takes_envelopes_off(void **state)
{
  (void)state;
  static const char statement[] =
      "{\"_type\":\"https://in-toto.io/Statement/v0.1\",\"predicateType\":"
      "\"https://cyclonedx.org/bom\",\"subject\":[{\"name\":\"web\",\"digest\":{\"sha256\":"
      "\"6666666666666666666666666666666666666666666666666666666666666666\"}}],\"predicate\":%s}";
  static const char *const predicates[] = {
      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}",
      "{\"Data\":{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}}",
      "{\"Data\":\"{\\\"bomFormat\\\":\\\"CycloneDX\\\",\\\"specVersion\\\":\\\"1.4\\\"}\"}",
  };
  for (size_t i = 0; i < 3; i++) {
    struct str inner = arena_printf(&arena, statement, predicates[i]);
    struct str payload = base64_encode(&arena, inner, BASE64_STANDARD);
    struct str envelope = arena_printf(
        &arena, "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\"%.*s\"}",
        STR_FMT(payload));
    struct str bundle = arena_printf(&arena, "{\"mediaType\":\"x\",\"dsseEnvelope\":%.*s}\n{}\n",
                                     STR_FMT(envelope));
    const struct str texts[] = {inner, envelope, bundle};
    for (size_t j = 0; j < 3; j++) {
      struct sbom sbom = read_text(texts[j].data);
      assert_true(sbom.wrapped);
      assert_str(sbom.subject.name, "web");
      assert_str(sbom.subject.digest,
                 "sha256:6666666666666666666666666666666666666666666666666666666666666666");
    }
  }
}

static void refuses(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int code;
    const char *message;
  } cases[] = {
      {"", SW_EINVAL, "neither"},
      {"{}", SW_EINVAL, "neither"},
      {"<bom/>", SW_EUNSUPPORTED, "XML"},
      {"{\"@context\":\"x\",\"@graph\":[]}", SW_EUNSUPPORTED, "SPDX 3"},
      {"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"9.9\"}", SW_EUNSUPPORTED, "9.9"},
      {"{\"spdxVersion\":\"SPDX-2.9\"}", SW_EUNSUPPORTED, "SPDX-2.9"},
      {"SPDXVersion: SPDX-1.0\n", SW_EUNSUPPORTED, "SPDX-1.0"},
      {"SPDXVersion: SPDX-2.3\nPackageName: \xff\n", SW_EINVAL, "not UTF-8 from byte 35"},
      {"{\"bomFormat\":", SW_EINVAL, ""},
      {"{\"payloadType\":\"x\",\"payload\":\"?\"}", SW_EINVAL, "payload"},
      {"{\"payloadType\":\"x\",\"payload\":\"e30\"}", SW_EINVAL, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct sbom sbom;
    struct error err;
    int rc = sbom_read(str_from(cases[i].text), NULL, &arena, &sbom, &err);
    if (rc != cases[i].code)
      fail_msg("%s: %d %s", cases[i].text, rc, rc < 0 ? err.message : "");
    assert_error(err, cases[i].code, cases[i].message);
  }
  struct sbom sbom;
  struct error err;
  assert_int_equal(sbom_read(STR("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"}"),
                             sbom_format_named(STR("spdx")), &arena, &sbom, &err),
                   SW_EINVAL);
}

static void keeps_limits(void **state)
{
  (void)state;
  _cleanup_(buf_free) struct buf text = {0};
  struct sbom sbom;
  struct error err;
  for (int extra = 0; extra < 2; extra++) {
    buf_clear(&text);
    buf_add_text(&text, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"");
    for (int i = 0; i < SBOM_DEPTH_MAX + extra; i++)
      buf_add_text(&text, ",\"components\":[{\"type\":\"library\",\"purl\":\"pkg:npm/a@1\"");
    for (int i = 0; i < SBOM_DEPTH_MAX + extra; i++)
      buf_add_text(&text, "}]");
    buf_add_text(&text, "}");
    int rc = sbom_read(buf_str(&text), NULL, &arena, &sbom, &err);
    assert_int_equal(rc, extra ? SW_ELIMIT : 0);
    if (!extra)
      assert_int_equal(sbom.package_count, SBOM_DEPTH_MAX);
  }
  buf_clear(&text);
  buf_add_text(&text, "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[");
  for (int i = 0; i <= SBOM_UNMATCHED_MAX; i++)
    buf_add_text(&text, i ? ",{\"type\":\"library\"}" : "{\"type\":\"library\"}");
  buf_add_text(&text, "]}");
  assert_int_equal(sbom_read(buf_str(&text), NULL, &arena, &sbom, &err), 0);
  assert_int_equal(sbom.unmatched_count, SBOM_UNMATCHED_MAX);
  assert_int_equal(sbom.unmatched_total, SBOM_UNMATCHED_MAX + 1);
  static char *huge;
  huge = mem_zalloc(SBOM_SIZE_MAX + 1, 1);
  assert_int_equal(sbom_read(str_make(huge, SBOM_SIZE_MAX + 1), NULL, &arena, &sbom, &err),
                   SW_ELIMIT);
  mem_free(huge);
}

static void knows_documents_by_their_beginning(void **state)
{
  (void)state;
  assert_true(sbom_detect(STR(" {\"$schema\":\"x\", \"bomFormat\": \"CycloneDX\", ")));
  assert_true(sbom_detect(STR("{\"spdxVersion\":\"SPDX-2.3\"")));
  assert_true(sbom_detect(STR("SPDXVersion: SPDX-2.3\n")));
  assert_true(sbom_detect(STR("{\"payloadType\":\"application/vnd.in-toto+json\"")));
  assert_false(sbom_detect(STR("{\"kind\":\"Pod\"}")));
  assert_false(sbom_detect(STR("bomFormat: CycloneDX")));
  assert_false(sbom_detect(STR_EMPTY));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comes_back),
      cmocka_unit_test(writes_the_same_twice),
      cmocka_unit_test(refers_to_what_is_there),
      cmocka_unit_test(writes_vulnerabilities),
      cmocka_unit_test(reads_trivy),
      cmocka_unit_test(reads_syft),
      cmocka_unit_test(finds_the_distribution),
      cmocka_unit_test(reads_tags),
      cmocka_unit_test(takes_envelopes_off),
      cmocka_unit_test(refuses),
      cmocka_unit_test(keeps_limits),
      cmocka_unit_test(knows_documents_by_their_beginning),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
