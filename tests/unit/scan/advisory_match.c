#include "advisory_make.h"

#include "base/buf.h"
#include "scan/advisory/match.h"

struct fixture {
  struct arena arena;
  struct made_place place;
  struct advisory_writer *writer;
  struct advisory_database *db;
  struct os_release os;
  struct vulnerability_list found;
};

static int setup(void **state)
{
  struct fixture *f = mem_zalloc(1, sizeof *f);
  arena_init(&f->arena, 0);
  made_place_begin(&f->place);
  f->writer = made_writer(&f->place, NULL);
  made_source(f->writer, "Test source");
  *state = f;
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  advisory_writer_free(f->writer);
  advisory_database_free(f->db);
  arena_free(&f->arena);
  made_place_end(&f->place);
  mem_free(f);
  return 0;
}

static void add(struct fixture *f, const struct made *made, size_t count)
{
  for (size_t i = 0; i < count; i++)
    made_add(f->writer, &made[i]);
}

#define ADD(f, ...)                                                                                \
  add((f), (const struct made[]){__VA_ARGS__},                                                     \
      sizeof((const struct made[]){__VA_ARGS__}) / sizeof(struct made))

static void system_is(struct fixture *f, const char *id, const char *version)
{
  char text[128];
  struct error err;
  snprintf(text, sizeof text, "ID=%s\nVERSION_ID=%s\n", id, version);
  if (os_release_read(&f->arena, STR("etc/os-release"), arena_copy(&f->arena, str_from(text)),
                      &f->os, &err) < 0)
    fail_msg("%s", err.message);
}

static struct package package(enum package_type type, const char *name, const char *version)
{
  return (struct package){
      .type = type,
      .name = str_from(name),
      .version = package_version_split(type, str_from(version)),
      .source = str_from(name),
      .source_version = package_version_split(type, str_from(version)),
  };
}

static struct package built_of(struct package p, const char *source, const char *version)
{
  p.source = str_from(source);
  p.source_version = package_version_split(p.type, str_from(version));
  return p;
}

static void match(struct fixture *f, const struct package *packages, size_t count)
{
  struct error err;
  if (f->writer) {
    made_finish(f->writer);
    f->writer = NULL;
    f->db = made_open(&f->place);
  }
  struct package *kept = arena_array(&f->arena, struct package, count);
  memcpy(kept, packages, count * sizeof *kept);
  if (advisory_match(f->db, f->os.family ? &f->os : NULL, kept, count, &f->arena, &f->found, &err) <
      0)
    fail_msg("%s", err.message);
}

/* "CVE-1 1.2, CVE-2 -": ids and fixes of what was found. */
static void assert_found(const struct fixture *f, const char *expected, int line)
{
  struct buf text = {0};
  for (size_t i = 0; i < f->found.count; i++) {
    const struct vulnerability *v = &f->found.items[i];
    buf_printf(&text, "%s%.*s %.*s", i ? ", " : "", STR_FMT(v->id),
               STR_FMT(v->fixed.len ? v->fixed : STR("-")));
  }
  test_assert_str(buf_str(&text), str_from(expected), "found", __FILE__, line);
  buf_free(&text);
}

static void match_one(struct fixture *f, struct package p, const char *expected, int line)
{
  match(f, &p, 1);
  assert_found(f, expected, line);
}

#define MATCH(f, p, expected) match_one((f), (p), (expected), __LINE__)

/* ---- systems */

static void asks_by_source_and_release(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-1001",
       .ecosystem = "Debian:12",
       .name = "openssl",
       .events = "introduced 0 fixed 3.0.11-1~deb12u2"},
      {.id = "CVE-2024-1001",
       .ecosystem = "Debian:11",
       .name = "openssl",
       .events = "introduced 0 fixed 1.1.1w-0+deb11u2"},
      {.id = "CVE-2024-1002",
       .ecosystem = "Debian:12",
       .name = "libssl3",
       .events = "introduced 0"});
  system_is(f, "debian", "12");
  struct package p = built_of(package(PACKAGE_DEB, "libssl3", "3.0.11-1~deb12u1+b1"), "openssl",
                              "3.0.11-1~deb12u1");
  MATCH(f, p, "CVE-2024-1001 3.0.11-1~deb12u2");
  assert_int_equal(f->found.covered, 1);
  assert_str(f->found.items[0].source, "Test source");
  assert_str(f->found.items[0].fixed_all, "3.0.11-1~deb12u2");
  p = built_of(p, "openssl", "3.0.11-1~deb12u2");
  MATCH(f, p, "");
  /* A rebuild alone changes the binary's version, which is not the one that counts. */
  p = built_of(package(PACKAGE_DEB, "libssl3", "1.0"), "openssl", "3.0.11-1~deb12u2");
  MATCH(f, p, "");
  system_is(f, "debian", "10");
  MATCH(f, p, "");
  assert_int_equal(f->found.covered, 0);
  assert_int_equal(f->found.uncovered, 1);
}

static void asks_by_binary_where_advisories_do(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-2001",
       .ecosystem = "AlmaLinux:9",
       .name = "bind-libs",
       .binary = true,
       .related = "ALSA-2024:1",
       .events = "introduced 0 fixed 32:9.16.23-15.el9"},
      {.id = "CVE-2024-2002",
       .ecosystem = "AlmaLinux:9",
       .name = "bind",
       .binary = true,
       .events = "introduced 0 fixed 32:9.16.23-15.el9"});
  system_is(f, "almalinux", "9.3");
  struct package p =
      built_of(package(PACKAGE_RPM, "bind-libs", "32:9.16.23-14.el9"), "bind", "9.16.23-14.el9");
  MATCH(f, p, "CVE-2024-2001 32:9.16.23-15.el9");
  assert_int_equal(f->found.items[0].alias_count, 1);
  assert_str(f->found.items[0].aliases[0], "ALSA-2024:1");
}

static void takes_the_epoch_of_the_package(void **state)
{
  struct fixture *f = *state;
  ADD(f, {.id = "CVE-2024-2003",
          .ecosystem = "Rocky Linux:9",
          .name = "bind",
          .events = "introduced 0 fixed 32:9.16.23-15.el9"});
  system_is(f, "rocky", "9.3");
  MATCH(f,
        built_of(package(PACKAGE_RPM, "bind-libs", "32:9.16.23-15.el9"), "bind", "9.16.23-15.el9"),
        "");
  MATCH(f,
        built_of(package(PACKAGE_RPM, "bind-libs", "32:9.16.23-14.el9"), "bind", "9.16.23-14.el9"),
        "CVE-2024-2003 32:9.16.23-15.el9");
  MATCH(f, package(PACKAGE_RPM, "bind", "32:9.16.23-15.el9"), "");
}

static void a_source_has_an_epoch_of_its_own(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-2004",
       .ecosystem = "Rocky Linux:9",
       .name = "perl",
       .events = "introduced 0 fixed 4:5.32.1-480.el9"},
      {.id = "CVE-2024-2005",
       .ecosystem = "Rocky Linux:9",
       .name = "perl",
       .events = "introduced 0 fixed 5.32.1-479.el9"});
  system_is(f, "rocky", "9.3");
  MATCH(f, built_of(package(PACKAGE_RPM, "perl-Errno", "1.30-480.el9"), "perl", "5.32.1-480.el9"),
        "");
  MATCH(f, built_of(package(PACKAGE_RPM, "perl-Errno", "1.30-479.el9"), "perl", "5.32.1-479.el9"),
        "CVE-2024-2004 4:5.32.1-480.el9");
  MATCH(f, built_of(package(PACKAGE_RPM, "perl-x", "9:1-1.el9"), "perl", "9:5.32.1-478.el9"),
        "CVE-2024-2004 4:5.32.1-480.el9, CVE-2024-2005 5.32.1-479.el9");
}

static void modules_and_architectures_apart(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-3001",
       .ecosystem = "Red Hat:enterprise_linux:8::appstream",
       .name = "nodejs",
       .binary = true,
       .module = "nodejs:18",
       .events = "introduced 0 fixed 1:18.20.4-1.module+el8.10.0"},
      {.id = "CVE-2024-3002",
       .ecosystem = "Red Hat:enterprise_linux:8::appstream",
       .name = "nodejs",
       .binary = true,
       .module = "nodejs:20",
       .events = "introduced 0 fixed 1:20.16.0-1.module+el8.10.0"},
      {.id = "CVE-2024-3003",
       .ecosystem = "Red Hat:enterprise_linux:8::baseos",
       .name = "nodejs",
       .binary = true,
       .events = "introduced 0 fixed 1:30-1.el8"},
      {.id = "CVE-2024-3004",
       .ecosystem = "Red Hat:enterprise_linux:8::baseos",
       .name = "nodejs",
       .binary = true,
       .architecture = "s390x",
       .events = "introduced 0"},
      {.id = "CVE-2024-3005",
       .ecosystem = "Red Hat:enterprise_linux:9::baseos",
       .name = "nodejs",
       .binary = true,
       .events = "introduced 0"});
  system_is(f, "rhel", "8.9");
  struct package p = package(PACKAGE_RPM, "nodejs", "1:18.19.0-1.module+el8.9.0+20822");
  p.module = STR("nodejs:18:8090020231207:a75119d5");
  p.architecture = STR("x86_64");
  MATCH(f, p, "CVE-2024-3001 1:18.20.4-1.module+el8.10.0");
  p.architecture = STR("s390x");
  MATCH(f, p, "CVE-2024-3001 1:18.20.4-1.module+el8.10.0, CVE-2024-3004 -");
  /* Without a label, the version of the source says of which stream it is. */
  p = built_of(package(PACKAGE_RPM, "nodejs", "1:18.19.0-1.module+el8.9.0+20822"), "nodejs",
               "1:18.19.0-1.module+el8.9.0+20822");
  p.architecture = STR("x86_64");
  MATCH(f, p, "CVE-2024-3001 1:18.20.4-1.module+el8.10.0");
  p = package(PACKAGE_RPM, "nodejs", "1:10.2-1.el8");
  MATCH(f, p, "CVE-2024-3003 1:30-1.el8, CVE-2024-3004 -");
}

static void passes_over_packages_of_others(void **state)
{
  struct fixture *f = *state;
  ADD(f, {.id = "CVE-2024-3101",
          .ecosystem = "AlmaLinux:9",
          .name = "php",
          .binary = true,
          .events = "introduced 0"});
  system_is(f, "almalinux", "9.3");
  struct package p = package(PACKAGE_RPM, "php", "8.2-1.el9");
  p.vendor = STR("AlmaLinux");
  MATCH(f, p, "CVE-2024-3101 -");
  p.vendor = STR("Some Builder Ltd");
  MATCH(f, p, "");
  assert_int_equal(f->found.uncovered, 1);
  MATCH(f, package(PACKAGE_RPM, "php", "8.2-1.el9.remi"), "");
}

static void distribution_denies(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-4001",
       .ecosystem = "Debian:12",
       .name = "curl",
       .status = ADVISORY_NOT_AFFECTED},
      {.id = "DSA-1-1",
       .aliases = "CVE-2024-4001",
       .ecosystem = "Debian:12",
       .name = "curl",
       .events = "introduced 0 fixed 9"},
      {.id = "DSA-2-1",
       .aliases = "CVE-2024-4002",
       .ecosystem = "Debian:12",
       .name = "curl",
       .events = "introduced 0 fixed 9"},
      {.id = "TEMP-1", .ecosystem = "Debian:12", .name = "curl", .status = ADVISORY_NOT_AFFECTED},
      {.id = "OTHER-1",
       .aliases = "TEMP-1",
       .ecosystem = "Debian:12",
       .name = "curl",
       .events = "introduced 0"});
  system_is(f, "debian", "12");
  MATCH(f, package(PACKAGE_DEB, "curl", "8"), "CVE-2024-4002 9");
}

static void statuses_come_through(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-4101",
       .ecosystem = "Debian:12",
       .name = "tar",
       .events = "introduced 0",
       .status = ADVISORY_WILL_NOT_FIX,
       .severity = SEVERITY_LOW},
      /* No version is named: all are meant. */
      {.id = "CVE-2024-4102",
       .ecosystem = "Debian:12",
       .name = "tar",
       .status = ADVISORY_UNDER_INVESTIGATION},
      /* Where the status is plain, that would be a guess. */
      {.id = "CVE-2024-4103", .ecosystem = "Debian:12", .name = "tar"});
  system_is(f, "debian", "12");
  MATCH(f, package(PACKAGE_DEB, "tar", "1.34"), "CVE-2024-4101 -, CVE-2024-4102 -");
  assert_int_equal(f->found.items[0].status, ADVISORY_WILL_NOT_FIX);
  assert_int_equal(f->found.items[0].severity, SEVERITY_LOW);
  assert_str(f->found.items[0].severity_source, "debian");
  assert_int_equal(f->found.items[1].status, ADVISORY_UNDER_INVESTIGATION);
}

static void paid_fixes_fill_what_is_left(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "UBUNTU-CVE-2024-5001",
       .ecosystem = "Ubuntu:22.04:LTS",
       .name = "vim",
       .events = "introduced 0"},
      {.id = "UBUNTU-CVE-2024-5001",
       .ecosystem = "Ubuntu:Pro:22.04:LTS",
       .name = "vim",
       .events = "introduced 0 fixed 2:8.2+esm1"},
      {.id = "UBUNTU-CVE-2024-5002",
       .ecosystem = "Ubuntu:22.04:LTS",
       .name = "vim",
       .events = "introduced 0 fixed 2:8.0"},
      {.id = "UBUNTU-CVE-2024-5002",
       .ecosystem = "Ubuntu:Pro:22.04:LTS",
       .name = "vim",
       .events = "introduced 0 fixed 2:8.2+esm1"},
      {.id = "UBUNTU-CVE-2024-5003",
       .ecosystem = "Ubuntu:Pro:22.04:LTS",
       .name = "vim",
       .events = "introduced 0 fixed 2:8.2+esm2"});
  system_is(f, "ubuntu", "22.04");
  MATCH(f, package(PACKAGE_DEB, "vim", "2:8.2"),
        "CVE-2024-5001 2:8.2+esm1, CVE-2024-5003 2:8.2+esm2");
  assert_str(f->found.items[0].aliases[0], "UBUNTU-CVE-2024-5001");
}

static void kernels_go_by_their_own_name(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-6001",
       .ecosystem = "Debian:12",
       .name = "linux",
       .events = "introduced 0 fixed 6.1.76-2"},
      {.id = "CVE-2024-6002",
       .ecosystem = "Debian:12",
       .name = "linux",
       .events = "introduced 0 fixed 6.1.76-1"},
      {.id = "CVE-2024-6003",
       .ecosystem = "Ubuntu:22.04:LTS",
       .name = "linux-aws",
       .events = "introduced 0 fixed 5.15.0-1050.55"});
  system_is(f, "debian", "12");
  MATCH(f,
        built_of(package(PACKAGE_DEB, "linux-image-6.1.0-18-amd64", "6.1.76-1"),
                 "linux-signed-amd64", "6.1.76+1"),
        "CVE-2024-6001 6.1.76-2");
  MATCH(f, built_of(package(PACKAGE_DEB, "linux-libc-dev", "6.1.76-1"), "linux", "6.1.76-1"),
        "CVE-2024-6001 6.1.76-2");
  system_is(f, "ubuntu", "22.04");
  MATCH(f,
        built_of(package(PACKAGE_DEB, "linux-image-5.15.0-1040-aws", "5.15.0-1040.45"),
                 "linux-signed-aws", "5.15.0-1040.45"),
        "CVE-2024-6003 5.15.0-1050.55");
}

static void alpine_by_origin(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-6101",
       .ecosystem = "Alpine:v3.19",
       .name = "openssl",
       .events = "introduced 0 fixed 3.1.4-r5"},
      {.id = "CVE-2024-6102",
       .ecosystem = "Alpine:v3.19",
       .name = "openssl",
       .status = ADVISORY_NOT_AFFECTED},
      {.id = "CVE-2024-6103",
       .ecosystem = "Alpine:edge",
       .name = "openssl",
       .events = "introduced 0 fixed 3.3.0-r0"});
  system_is(f, "alpine", "3.19.1");
  struct package p =
      built_of(package(PACKAGE_APK, "libcrypto3", "3.1.4-r4"), "openssl", "3.1.4-r4");
  MATCH(f, p, "CVE-2024-6101 3.1.4-r5");
  system_is(f, "alpine", "3.20_alpha20240329");
  MATCH(f, p, "CVE-2024-6103 3.3.0-r0");
}

/* ---- languages */

static void branches_have_fixes_of_their_own(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GHSA-1111-2222-3333",
       .aliases = "CVE-2024-7001",
       .ecosystem = "npm",
       .name = "@a/b",
       .events = "introduced 1.0.0 fixed 1.2.9 | introduced 1.3.0 fixed 1.3.4 | introduced 2.0.0"});
  MATCH(f, package(PACKAGE_NPM, "@a/b", "1.3.0"), "CVE-2024-7001 1.3.4");
  assert_str(f->found.items[0].fixed_all, "1.2.9, 1.3.4");
  MATCH(f, package(PACKAGE_NPM, "@a/b", "1.2.0"), "CVE-2024-7001 1.2.9");
  MATCH(f, package(PACKAGE_NPM, "@a/b", "1.2.9"), "");
  MATCH(f, package(PACKAGE_NPM, "@a/b", "2.1.0"), "CVE-2024-7001 -");
  MATCH(f, package(PACKAGE_NPM, "b", "1.3.0"), "");
}

/* The fix of one range is a version that another of the same advisory affects. */
static void a_fix_is_free_of_all_ranges(void **state)
{
  struct fixture *f = *state;
  ADD(f, {.id = "GHSA-1111-2222-4444",
          .ecosystem = "npm",
          .name = "a",
          .events = "introduced 1.0.0 fixed 1.2.0 | introduced 1.2.0 fixed 1.2.5"});
  MATCH(f, package(PACKAGE_NPM, "a", "1.1.0"), "GHSA-1111-2222-4444 1.2.5");
  assert_str(f->found.items[0].fixed_all, "1.2.5");
}

static void a_fix_of_a_later_branch_is_one(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GHSA-1111-2222-5555",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0 last_affected 1.2.0 | introduced 2.0.0 fixed 2.1.0"},
      {.id = "GHSA-1111-2222-6666",
       .ecosystem = "npm",
       .name = "b",
       .events = "introduced 0 fixed 1.2.0 introduced 2.0.0 fixed 2.1.0",
       .versions = "1.2.0"});
  MATCH(f, package(PACKAGE_NPM, "a", "1.1.0"), "GHSA-1111-2222-5555 2.1.0");
  MATCH(f, package(PACKAGE_NPM, "a", "2.0.1"), "GHSA-1111-2222-5555 2.1.0");
  /* What is listed as affected mends nothing. */
  MATCH(f, package(PACKAGE_NPM, "b", "1.1.0"), "GHSA-1111-2222-6666 2.1.0");
  MATCH(f, package(PACKAGE_NPM, "b", "1.2.0"), "GHSA-1111-2222-6666 2.1.0");
}

static void aliases_become_one(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "PYSEC-2024-1",
       .aliases = "CVE-2024-7101 GHSA-aaaa-bbbb-cccc",
       .ecosystem = "PyPI",
       .name = "My_Package",
       .versions = "1.0",
       .title = "From PyPA"},
      {.id = "GHSA-aaaa-bbbb-cccc",
       .aliases = "CVE-2024-7101",
       .ecosystem = "PyPI",
       .name = "my.package",
       .events = "introduced 0 fixed 1.1",
       .title = "From GitHub",
       .advisory_severity = SEVERITY_CRITICAL,
       .cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
      {.id = "PYSEC-2024-2",
       .aliases = "GHSA-aaaa-bbbb-dddd",
       .ecosystem = "PyPI",
       .name = "my-package",
       .events = "introduced 0 fixed 1.2"},
      {.id = "CVE-2024-7102",
       .aliases = "GHSA-aaaa-bbbb-dddd",
       .ecosystem = "PyPI",
       .name = "my-package",
       .events = "introduced 0 fixed 1.2"});
  MATCH(f, package(PACKAGE_PYPI, "my-Package", "1.0"), "CVE-2024-7101 1.1, CVE-2024-7102 1.2");
  const struct vulnerability *v = &f->found.items[0];
  assert_int_equal(v->alias_count, 2);
  assert_str(v->aliases[0], "GHSA-aaaa-bbbb-cccc");
  assert_str(v->aliases[1], "PYSEC-2024-1");
  assert_str(v->title, "From GitHub");
  assert_int_equal(v->severity, SEVERITY_CRITICAL);
  assert_str(v->severity_source, "ghsa");
  assert_int_equal(v->cvss_tenths, 98);
  assert_int_equal(f->found.items[1].alias_count, 2);
}

/* A bulletin about two vulnerabilities does not make them one, and is no third. */
static void bulletins_do_not_join(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-7201",
       .aliases = "B-1",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"},
      {.id = "CVE-2024-7202",
       .aliases = "B-1",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"},
      {.id = "GHSA-aaaa-aaaa-aaaa",
       .aliases = "CVE-2024-7201 CVE-2024-7202",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"});
  ADD(f, {.id = "GHSA-bbbb-bbbb-bbbb",
          .aliases = "CVE-2024-7202 CVE-2024-7203",
          .ecosystem = "npm",
          .name = "a",
          .events = "introduced 2.0.0"});
  MATCH(f, package(PACKAGE_NPM, "a", "1.0.0"), "CVE-2024-7201 -, CVE-2024-7202 -");
  /* One of the second bulletin's is told nowhere else. */
  MATCH(f, package(PACKAGE_NPM, "a", "2.0.0"),
        "CVE-2024-7201 -, CVE-2024-7202 -, GHSA-bbbb-bbbb-bbbb -");
}

/* A CVE that another one names as its alias is still one vulnerability, with all that is about it. */
static void one_vulnerability_for_a_cve(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-7221",
       .aliases = "CVE-2024-7222",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"},
      {.id = "GHSA-dddd-dddd-0001",
       .aliases = "CVE-2024-7222",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"},
      {.id = "GHSA-dddd-dddd-0002",
       .aliases = "CVE-2024-7222",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0"});
  MATCH(f, package(PACKAGE_NPM, "a", "1.0.0"), "CVE-2024-7221 -, CVE-2024-7222 -");
  assert_int_equal(f->found.items[1].alias_count, 2);
}

/* Whoever dismisses one vulnerability dismisses no other. */
static void names_of_others_are_no_aliases(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GO-2024-0009",
       .aliases = "CVE-2024-7211 CVE-2024-7212 GHSA-cccc-cccc-0001 GHSA-cccc-cccc-0002",
       .ecosystem = "Go",
       .name = "m",
       .events = "introduced 0"},
      {.id = "GHSA-cccc-cccc-0001",
       .aliases = "CVE-2024-7211",
       .ecosystem = "Go",
       .name = "m",
       .events = "introduced 0"},
      {.id = "GHSA-cccc-cccc-0002",
       .aliases = "CVE-2024-7212",
       .ecosystem = "Go",
       .name = "m",
       .events = "introduced 0"});
  MATCH(f, package(PACKAGE_GOLANG, "m", "v1.0.0"), "CVE-2024-7211 -, CVE-2024-7212 -");
  assert_int_equal(f->found.items[0].alias_count, 2);
  assert_str(f->found.items[0].aliases[0], "GHSA-cccc-cccc-0001");
  assert_str(f->found.items[0].aliases[1], "GO-2024-0009");
  assert_int_equal(f->found.items[1].alias_count, 1);
  assert_str(f->found.items[1].aliases[0], "GHSA-cccc-cccc-0002");
}

static void names_as_their_registries_compare_them(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GHSA-0000-0000-0001",
       .ecosystem = "NuGet",
       .name = "Newtonsoft.Json",
       .events = "introduced 0 fixed 13.0.1"},
      {.id = "GHSA-0000-0000-0002",
       .ecosystem = "Packagist",
       .name = "Symfony/Http-Kernel",
       .events = "introduced 0 fixed 4.4.1"},
      {.id = "GHSA-0000-0000-0003",
       .ecosystem = "Maven",
       .name = "org.a:b",
       .events = "introduced 0 fixed 2"},
      {.id = "GHSA-0000-0000-0004",
       .ecosystem = "SwiftURL",
       .name = "https://github.com/Apple/swift-nio.git",
       .events = "introduced 0 fixed 2.0.0"});
  MATCH(f, package(PACKAGE_NUGET, "newtonsoft.json", "12.0.3"), "GHSA-0000-0000-0001 13.0.1");
  MATCH(f, package(PACKAGE_COMPOSER, "symfony/http-kernel", "v4.4.0"), "GHSA-0000-0000-0002 4.4.1");
  MATCH(f, package(PACKAGE_MAVEN, "org.a:b", "1.9"), "GHSA-0000-0000-0003 2");
  MATCH(f, package(PACKAGE_MAVEN, "org.a:B", "1.9"), "");
  MATCH(f, package(PACKAGE_SWIFT, "github.com/apple/swift-nio", "1.0.0"),
        "GHSA-0000-0000-0004 2.0.0");
}

static void builds_of_a_version_are_that_version(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GHSA-0000-0000-0011",
       .ecosystem = "PyPI",
       .name = "torch",
       .events = "introduced 0 last_affected 2.0.1"},
      {.id = "GHSA-0000-0000-0012", .ecosystem = "PyPI", .name = "torch", .versions = "2.0.1"},
      /* Somebody's own build is what mends it. */
      {.id = "GHSA-0000-0000-0014",
       .ecosystem = "PyPI",
       .name = "forked",
       .events = "introduced 0 fixed 2.0.1+safe.2"},
      {.id = "GHSA-0000-0000-0013",
       .ecosystem = "RubyGems",
       .name = "nokogiri",
       .events = "introduced 0 fixed 1.13.0"});
  MATCH(f, package(PACKAGE_PYPI, "torch", "2.0.1+cu118"),
        "GHSA-0000-0000-0011 -, GHSA-0000-0000-0012 -");
  MATCH(f, package(PACKAGE_PYPI, "torch", "2.0.2+cu118"), "");
  MATCH(f, package(PACKAGE_PYPI, "forked", "2.0.1+safe.1"), "GHSA-0000-0000-0014 2.0.1+safe.2");
  MATCH(f, package(PACKAGE_PYPI, "forked", "2.0.1+safe.2"), "");
  MATCH(f, package(PACKAGE_GEM, "nokogiri", "1.13.0-x86_64-linux"), "");
  MATCH(f, package(PACKAGE_GEM, "nokogiri", "1.12.9-java"), "GHSA-0000-0000-0013 1.13.0");
}

static void go_modules(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "GO-2024-0001",
       .aliases = "CVE-2024-7301",
       .ecosystem = "Go",
       .name = "stdlib",
       .events = "introduced 0 fixed 1.20.8 introduced 1.21.0-0 fixed 1.21.1"},
      {.id = "GO-2024-0002",
       .ecosystem = "Go",
       .name = "example.com/m",
       .events = "introduced 0 fixed 1.5.0 | introduced 2.0.0 fixed 2.3.0"},
      {.id = "GO-2024-0003", .ecosystem = "Go", .name = "example.com/m", .events = "introduced 0"},
      {.id = "GO-2024-0004",
       .ecosystem = "Go",
       .name = "example.com/m/v2",
       .events = "introduced 0 fixed 2.2.0"},
      {.id = "GO-2024-0005",
       .ecosystem = "Go",
       .name = "example.com/n",
       .events =
           "introduced 0 fixed 1.5.0 introduced 2.0.0 fixed 2.3.0 introduced 3.0.0 fixed 3.1.0"});
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "v1.21.0"), "CVE-2024-7301 1.21.1");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "1.20.8"), "");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "v1.20.8-fips"), "");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "v1.20.7-fips"), "CVE-2024-7301 1.20.8");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "v1.21.0-rc.2"), "CVE-2024-7301 1.21.1");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "1.21rc2"), "CVE-2024-7301 1.21.1");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "go1.20.7"), "CVE-2024-7301 1.20.8");
  MATCH(f, package(PACKAGE_GOLANG, "stdlib", "(devel)"), "");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/m/v2", "v2.1.0"),
        "GO-2024-0002 2.3.0, GO-2024-0004 2.2.0");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/m", "v1.6.0"), "GO-2024-0003 -");
  /* One range with several branches is as good as several ranges. */
  MATCH(f, package(PACKAGE_GOLANG, "example.com/n/v2", "v2.1.0"), "GO-2024-0005 2.3.0");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/n/v2", "v2.3.0"), "");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/n/v3", "v3.0.9"), "GO-2024-0005 3.1.0");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/n/v3", "v2.0.1"), "");
  MATCH(f, package(PACKAGE_GOLANG, "example.com/n", "v1.4.0"), "GO-2024-0005 1.5.0");
}

static void leaves_the_systems_files_to_it(void **state)
{
  struct fixture *f = *state;
  ADD(f, {.id = "CVE-2024-7501", .ecosystem = "PyPI", .name = "urllib3", .events = "introduced 0"},
      {.id = "CVE-2024-7502", .ecosystem = "Debian:12", .name = "other", .events = "introduced 0"});
  struct package p = package(PACKAGE_PYPI, "urllib3", "1.24.2");
  p.owner = STR("python3-urllib3");
  system_is(f, "debian", "12");
  MATCH(f, p, "");
  assert_int_equal(f->found.covered, 1);
  /* Nobody speaks for the packages of this one. */
  system_is(f, "debian", "10");
  MATCH(f, p, "CVE-2024-7501 -");
  /* And nobody for a package from elsewhere. */
  system_is(f, "debian", "12");
  const struct package both[] = {p, package(PACKAGE_DEB, "python3-urllib3", "1.24-1nodesource1")};
  match(f, both, 2);
  assert_found(f, "CVE-2024-7501 -", __LINE__);
}

static void requirements_and_lists(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-7401",
       .ecosystem = "RubyGems",
       .name = "rails",
       .requirement = ">= 5.0, < 5.2.4"},
      {.id = "CVE-2024-7402", .ecosystem = "PyPI", .name = "odd", .versions = "2004-final 1.0"});
  MATCH(f, package(PACKAGE_GEM, "rails", "5.2.3"), "CVE-2024-7401 -");
  MATCH(f, package(PACKAGE_GEM, "rails", "5.2.4"), "");
  MATCH(f, package(PACKAGE_PYPI, "odd", "1"), "CVE-2024-7402 -");
  /* A version that is none is told, and still compared as it is written. */
  MATCH(f, package(PACKAGE_PYPI, "odd", "2004-final"), "CVE-2024-7402 -");
  assert_int_equal(f->found.unreadable_count, 1);
  MATCH(f, package(PACKAGE_PYPI, "odd", "what-ever"), "");
  assert_int_equal(f->found.unreadable_count, 1);
  assert_ptr_equal(f->found.unreadable[0].package->version.text.data, "what-ever");
  /* Nothing is known about this one, so nothing need be compared. */
  MATCH(f, package(PACKAGE_PYPI, "even", "what-ever"), "");
  assert_int_equal(f->found.unreadable_count, 0);
}

/* ---- how bad */

static void severities_in_their_order(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-8001",
       .ecosystem = "Debian:12",
       .name = "a",
       .events = "introduced 0",
       .severity = SEVERITY_LOW},
      {.id = "CVE-2024-8002", .ecosystem = "Debian:12", .name = "a", .events = "introduced 0"},
      {.id = "CVE-2024-8003", .ecosystem = "Debian:12", .name = "a", .events = "introduced 0"},
      {.id = "CVE-2024-8004", .ecosystem = "Debian:12", .name = "a", .events = "introduced 0"});
  made_source(f->writer, "nvd");
  ADD(f,
      {.id = "CVE-2024-8001",
       .cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
       .description = "A text"},
      {.id = "CVE-2024-8002", .cvss = "AV:N/AC:L/Au:N/C:P/I:P/A:P"},
      {.id = "CVE-2024-8003", .cvss = "AV:N/AC:L/Au:N/C:P/I:P/A:P"},
      {.id = "GHSA-cccc-cccc-cccc",
       .aliases = "CVE-2024-8003",
       .ecosystem = "npm",
       .name = "a",
       .events = "introduced 0",
       .advisory_severity = SEVERITY_CRITICAL},
      /* Another distribution's word is about its own packages. */
      {.id = "CVE-2024-8004",
       .ecosystem = "AlmaLinux:9",
       .name = "a",
       .events = "introduced 0",
       .severity = SEVERITY_HIGH,
       .title = "Update of a"});
  system_is(f, "debian", "12");
  MATCH(f, package(PACKAGE_DEB, "a", "1"),
        "CVE-2024-8003 -, CVE-2024-8002 -, CVE-2024-8001 -, CVE-2024-8004 -");
  const struct vulnerability *v = f->found.items;
  assert_str(v[0].severity_source, "ghsa");
  assert_str(v[1].severity_source, "nvd");
  assert_int_equal(v[1].severity, SEVERITY_HIGH);
  assert_int_equal(v[1].cvss_tenths, 75);
  assert_str(v[2].severity_source, "debian");
  assert_str(v[2].description, "A text");
  assert_int_equal(v[2].cvss_tenths, 98);
  assert_int_equal(v[3].severity, SEVERITY_UNKNOWN);
  assert_str(v[3].title, "");
}

static void exploited_and_likely(void **state)
{
  struct fixture *f = *state;
  struct error err;
  struct advisory_sink sink = advisory_writer_sink(f->writer);
  ADD(f, {.id = "CVE-2024-8101", .ecosystem = "Debian:12", .name = "a", .events = "introduced 0"},
      {.id = "CVE-2024-8102", .ecosystem = "Debian:12", .name = "a", .events = "introduced 0"});
  assert_int_equal(sink.exploited(sink.ctx, STR("CVE-2024-8101"), STR("2024-07-01"), true, &err),
                   0);
  assert_int_equal(sink.epss(sink.ctx, STR("CVE-2024-8101"), 930000, 990000, &err), 0);
  assert_int_equal(sink.epss(sink.ctx, STR("CVE-2024-8101"), 940000, 990001, &err), 0);
  system_is(f, "debian", "12");
  MATCH(f, package(PACKAGE_DEB, "a", "1"), "CVE-2024-8101 -, CVE-2024-8102 -");
  const struct vulnerability *v = f->found.items;
  assert_true(v[0].exploited && v[0].ransomware && v[0].has_epss);
  assert_str(v[0].exploited_since, "2024-07-01");
  assert_int_equal(v[0].epss, 940000);
  assert_int_equal(v[0].epss_percentile, 990001);
  assert_false(v[1].exploited || v[1].has_epss);
}

static void keeps_the_order_of_packages(void **state)
{
  struct fixture *f = *state;
  ADD(f,
      {.id = "CVE-2024-9001",
       .ecosystem = "npm",
       .name = "z",
       .events = "introduced 0",
       .advisory_severity = SEVERITY_LOW},
      {.id = "CVE-2024-9002",
       .ecosystem = "npm",
       .name = "z",
       .events = "introduced 0",
       .advisory_severity = SEVERITY_HIGH},
      {.id = "CVE-2024-9003", .ecosystem = "npm", .name = "a", .events = "introduced 0"});
  const struct package packages[] = {package(PACKAGE_NPM, "z", "1.0.0"),
                                     package(PACKAGE_GENERIC, "z", "1.0.0"),
                                     package(PACKAGE_NPM, "a", "1.0.0")};
  match(f, packages, 3);
  assert_found(f, "CVE-2024-9002 -, CVE-2024-9001 -, CVE-2024-9003 -", __LINE__);
  assert_int_equal(f->found.covered, 2);
  assert_int_equal(f->found.uncovered, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(asks_by_source_and_release),
      TEST(asks_by_binary_where_advisories_do),
      TEST(takes_the_epoch_of_the_package),
      TEST(a_source_has_an_epoch_of_its_own),
      TEST(modules_and_architectures_apart),
      TEST(passes_over_packages_of_others),
      TEST(distribution_denies),
      TEST(statuses_come_through),
      TEST(paid_fixes_fill_what_is_left),
      TEST(kernels_go_by_their_own_name),
      TEST(alpine_by_origin),
      TEST(branches_have_fixes_of_their_own),
      TEST(a_fix_is_free_of_all_ranges),
      TEST(a_fix_of_a_later_branch_is_one),
      TEST(aliases_become_one),
      TEST(bulletins_do_not_join),
      TEST(one_vulnerability_for_a_cve),
      TEST(names_of_others_are_no_aliases),
      TEST(names_as_their_registries_compare_them),
      TEST(builds_of_a_version_are_that_version),
      TEST(go_modules),
      TEST(leaves_the_systems_files_to_it),
      TEST(requirements_and_lists),
      TEST(severities_in_their_order),
      TEST(exploited_and_likely),
      TEST(keeps_the_order_of_packages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
