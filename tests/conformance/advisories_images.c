/*
 * Root file systems with the packages that Trivy's reports about images name: databases of dpkg, apk and rpm, and what
 * package managers of languages leave behind. They are read by the same scan as images are, so that readers, distributions
 * and matching are judged together.
 */
#include "../unit/scan/rpm_make.h"
#include "../unit/scan/zip_make.h"
#include "advisories.h"

#include "base/file.h"
#include "base/mem.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

struct str source_of_report(struct str binary)
{
  for (size_t i = 0; i < sizeof builds / sizeof builds[0]; i++)
    if (str_eq(builds[i].binary, binary))
      return builds[i].source;
  return binary;
}

struct rooting {
  struct arena arena;
  struct str folder;
  const char *report;
  struct map seen; /* "type name version" */
  struct buf apk, dpkg;
  sqlite3 *rpm;
  unsigned packages;
};

/* ---- files */

static void write_file(struct rooting *r, const char *path, struct str bytes)
{
  struct str whole = arena_printf(&r->arena, "%.*s/%s", STR_FMT(r->folder), path);
  for (size_t i = r->folder.len + 1; i < whole.len; i++)
    if (whole.data[i] == '/') {
      struct str folder = arena_copy(&r->arena, str_sub(whole, 0, i));
      mkdir(folder.data, 0755);
    }
  FILE *file = fopen(whole.data, "w");
  if (!file || fwrite(bytes.data ? bytes.data : "", 1, bytes.len, file) != bytes.len ||
      fclose(file) != 0)
    die(whole.data);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
  (void)st, (void)flag, (void)ftw;
  return remove(path);
}

/* ---- package managers of systems */

static void add_deb(struct rooting *r, struct str name, struct str version)
{
  struct str source = source_of_report(name);
  bool distroless = strstr(r->report, "distroless");
  buf_printf(&r->dpkg, "Package: %.*s\nStatus: install ok installed\nArchitecture: amd64\n",
             STR_FMT(name));
  if (!str_eq(source, name))
    buf_printf(&r->dpkg, "Source: %.*s\n", STR_FMT(source));
  buf_printf(&r->dpkg, "Version: %.*s\nMaintainer: none\n\n", STR_FMT(version));
  if (!distroless)
    return;
  write_file(r, arena_printf(&r->arena, "var/lib/dpkg/status.d/%.*s", STR_FMT(name)).data,
             buf_str(&r->dpkg));
  buf_clear(&r->dpkg);
}

static void add_apk(struct rooting *r, struct str name, struct str version)
{
  buf_printf(&r->apk, "P:%.*s\nV:%.*s\nA:x86_64\no:%.*s\n\n", STR_FMT(name), STR_FMT(version),
             STR_FMT(source_of_report(name)));
}

static void add_rpm(struct rooting *r, struct str name, struct str text)
{
  struct package_version v = package_version_split(PACKAGE_RPM, text);
  struct make_header h = {0};
  struct buf blob = {0};
  unsigned long long epoch = 0;
  sqlite3_stmt *statement = NULL;
  struct arena *a = &r->arena;
  make_text(&h, 1000, arena_copy(a, name).data);
  make_text(&h, 1001, arena_copy(a, v.upstream).data);
  make_text(&h, 1002, arena_copy(a, v.release).data);
  if (str_to_u64(v.epoch, UINT32_MAX, &epoch))
    make_numbers(&h, 1003, MAKE_INT32, 1, &(uint32_t){(uint32_t)epoch});
  make_text(&h, 1022, "x86_64");
  make_text(&h, 1044,
            arena_printf(a, "%.*s-%.*s-%.*s.src.rpm", STR_FMT(source_of_report(name)),
                         STR_FMT(v.upstream), STR_FMT(v.release))
                .data);
  make_blob(&h, &blob);
  if (sqlite3_prepare_v2(r->rpm, "INSERT INTO Packages VALUES(NULL, ?)", -1, &statement, NULL) !=
          SQLITE_OK ||
      sqlite3_bind_blob(statement, 1, blob.data, (int)blob.len, SQLITE_STATIC) != SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_DONE)
    die("the database of rpm cannot be made");
  sqlite3_finalize(statement);
  buf_free(&blob);
}

static void write_rpms(struct rooting *r)
{
  sqlite3_int64 len = 0;
  unsigned char *bytes = sqlite3_serialize(r->rpm, "main", &len, 0);
  write_file(r, "var/lib/rpm/rpmdb.sqlite", str_make((const char *)bytes, (size_t)len));
  sqlite3_free(bytes);
}

/* ---- what languages leave behind */

static void add_gem(struct rooting *r, struct str name, struct str version)
{
  write_file(r,
             arena_printf(&r->arena, "var/lib/gems/2.5.0/specifications/%.*s-%.*s.gemspec",
                          STR_FMT(name), STR_FMT(version))
                 .data,
             arena_printf(&r->arena,
                          "Gem::Specification.new do |s|\n  s.name = \"%.*s\".freeze\n"
                          "  s.version = \"%.*s\"\nend\n",
                          STR_FMT(name), STR_FMT(version)));
}

static void add_python(struct rooting *r, struct str name, struct str version)
{
  write_file(r,
             arena_printf(&r->arena, "usr/lib/python3/dist-packages/%.*s-%.*s.dist-info/METADATA",
                          STR_FMT(name), STR_FMT(version))
                 .data,
             arena_printf(&r->arena, "Metadata-Version: 2.1\nName: %.*s\nVersion: %.*s\n\n",
                          STR_FMT(name), STR_FMT(version)));
}

static void add_jar(struct rooting *r, struct str name, struct str version)
{
  struct zip_made zip = {0};
  struct str artifact, group = str_cut(name, ':', &artifact);
  zip_add(&zip,
          arena_printf(&r->arena, "META-INF/maven/%.*s/%.*s/pom.properties", STR_FMT(group),
                       STR_FMT(artifact))
              .data,
          arena_printf(&r->arena, "groupId=%.*s\nartifactId=%.*s\nversion=%.*s\n", STR_FMT(group),
                       STR_FMT(artifact), STR_FMT(version)),
          ZIP_DEFLATED);
  zip_end(&zip);
  write_file(r, arena_printf(&r->arena, "app/lib/%.*s.jar", STR_FMT(artifact)).data,
             buf_str(&zip.bytes));
  zip_made_free(&zip);
}

static void add_crate(struct rooting *r, struct str name, struct str version)
{
  write_file(r, "app/Cargo.lock",
             arena_printf(&r->arena,
                          "version = 3\n\n[[package]]\nname = \"%.*s\"\nversion = \"%.*s\"\n"
                          "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
                          STR_FMT(name), STR_FMT(version)));
}

static const struct {
  const char *type; /* in reports */
  void (*add)(struct rooting *r, struct str name, struct str version);
  const char *id; /* of os-release, for systems */
} kinds[] = {
    {"alma", add_rpm, "almalinux"}, {"alpine", add_apk, "alpine"},
    {"amazon", add_rpm, "amzn"},    {"cbl-mariner", add_rpm, "mariner"},
    {"centos", add_rpm, "centos"},  {"debian", add_deb, "debian"},
    {"oracle", add_rpm, "ol"},      {"photon", add_rpm, "photon"},
    {"redhat", add_rpm, "rhel"},    {"rocky", add_rpm, "rocky"},
    {"slem", add_rpm, "sl-micro"},  {"ubuntu", add_deb, "ubuntu"},
    {"cargo", add_crate, NULL},     {"gemspec", add_gem, NULL},
    {"jar", add_jar, NULL},         {"python-pkg", add_python, NULL},
};

const char *system_of_report(struct value root, struct arena *arena, struct str *ret_version)
{
  struct value os = member(member(root, "Metadata"), "OS");
  struct str name = member_text(os, "Name"), family = member_text(os, "Family"), rest;
  /* "AMI release 2018.03", "2 (Karoo)" */
  ptrdiff_t space = str_find_last_byte(name, ' ');
  struct str version = str_starts(name, STR("AMI")) ? str_sub(name, (size_t)space + 1, name.len)
                                                    : str_cut(name, ' ', &rest);
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].id && str_eq(family, str_from(kinds[i].type))) {
      *ret_version = arena_copy(arena, version);
      return kinds[i].id;
    }
  return NULL;
}

/* ---- a report */

static void add_package(struct rooting *r, struct str type, struct str name, struct str version)
{
  bool added;
  if (name.len == 0 || version.len == 0)
    return;
  map_put(&r->seen,
          arena_printf(&r->arena, "%.*s %.*s %.*s", STR_FMT(type), STR_FMT(name), STR_FMT(version)),
          &added);
  for (size_t i = 0; added && i < sizeof kinds / sizeof kinds[0]; i++)
    if (str_eq(type, str_from(kinds[i].type))) {
      kinds[i].add(r, name, version);
      r->packages++;
      return;
    }
  if (added)
    die("a report names a type of package that no root file system is made of");
}

static void add_result(struct rooting *r, struct value result)
{
  struct value wrong = member(result, "Vulnerabilities"), listed = member(result, "Packages");
  struct str type = member_text(result, "Type");
  for (uint32_t i = 0; value_is(listed, VALUE_ARRAY) && i < listed.len; i++)
    add_package(r, type, member_text(listed.items[i], "Name"),
                member_text(listed.items[i], "Version"));
  for (uint32_t i = 0; value_is(wrong, VALUE_ARRAY) && i < wrong.len; i++)
    add_package(r, type, member_text(wrong.items[i], "PkgName"),
                member_text(wrong.items[i], "InstalledVersion"));
}

static void fill(struct rooting *r, struct value root)
{
  struct value results = member(root, "Results");
  struct str version;
  const char *id = system_of_report(root, &r->arena, &version);
  if (id)
    write_file(r, "etc/os-release",
               arena_printf(&r->arena, "ID=%s\nVERSION_ID=\"%.*s\"\n", id, STR_FMT(version)));
  if (sqlite3_open(":memory:", &r->rpm) != SQLITE_OK ||
      sqlite3_exec(
          r->rpm,
          "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)",
          NULL, NULL, NULL) != SQLITE_OK)
    die("there is no database in memory");
  for (uint32_t i = 0; value_is(results, VALUE_ARRAY) && i < results.len; i++)
    add_result(r, results.items[i]);
  if (r->apk.len)
    write_file(r, "lib/apk/db/installed", buf_str(&r->apk));
  if (r->dpkg.len)
    write_file(r, "var/lib/dpkg/status", buf_str(&r->dpkg));
  write_rpms(r);
}

unsigned image_of_report(struct value root, const char *report, struct image_facts *facts)
{
  struct rooting r = {.report = report};
  char folder[] = "/tmp/seawall-root-XXXXXX";
  const struct image_scan_options options = {.flags = PACKAGE_LIST_FILES | PACKAGE_LIST_LOCK_FILES,
                                             .kind = OCI_SOURCE_DIRECTORY};
  struct error err;
  if (!mkdtemp(folder))
    die("there is no room in /tmp");
  arena_init(&r.arena, 0);
  map_init(&r.seen, &r.arena);
  r.folder = str_from(folder);
  fill(&r, root);
  if (image_scan_path(folder, &options, facts, &err) < 0)
    die(err.message);
  nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  sqlite3_close(r.rpm);
  buf_free(&r.apk);
  buf_free(&r.dpkg);
  map_free(&r.seen);
  arena_free(&r.arena);
  return r.packages;
}
