#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/advisory/ecosystem.h"

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

static struct os_release os_of(const char *id, const char *version)
{
  struct os_release os;
  struct error err;
  struct str text = arena_printf(&arena, "ID=%s\nVERSION_ID=%s\n", id, version);
  assert_int_equal(os_release_read(&arena, STR("etc/os-release"), text, &os, &err), 0);
  return os;
}

static void of_distributions(void **state)
{
  (void)state;
  static const char *const cases[][3] = {
      {"debian", "12.5", "Debian:12"},
      {"ubuntu", "22.04", "Ubuntu:22.04:LTS|Ubuntu:22.04|Ubuntu:Pro:22.04:LTS$|Ubuntu:Pro:22.04$"},
      {"alpine", "3.19.1", "Alpine:v3.19"},
      {"alpine", "3.21_alpha20240807", "Alpine:edge"},
      {"wolfi", "20230201", "Wolfi"},
      {"chainguard", "20230214", "Chainguard|Wolfi?"},
      {"rhel", "9.3", "Red Hat:enterprise_linux:9|Red Hat:enterprise_linux:9::*"},
      {"centos", "7", "CentOS:7|Red Hat:enterprise_linux:7|Red Hat:enterprise_linux:7::*"},
      {"almalinux", "8.10", "AlmaLinux:8"},
      {"rocky", "9.4", "Rocky Linux:9"},
      {"ol", "8.9", "Oracle Linux:8"},
      {"amzn", "2023", "Amazon Linux:2023"},
      {"amzn", "2018.03", "Amazon Linux:1"},
      {"fedora", "40", "Fedora:40"},
      {"sles", "15.5",
       "SUSE:Linux Enterprise 15 SP5|SUSE:Linux Enterprise Server 15 SP5|"
       "SUSE:Linux Enterprise Server 15 SP5-*|SUSE:Linux Enterprise Module for * 15 SP5"},
      {"sles", "15",
       "SUSE:Linux Enterprise 15|SUSE:Linux Enterprise Server 15|SUSE:Linux Enterprise Server 15-*|"
       "SUSE:Linux Enterprise Module for * 15"},
      {"sl-micro", "6.0", "SUSE:Linux Enterprise Micro 6.0|SUSE:Linux Micro 6.0"},
      {"opensuse-leap", "15.6", "openSUSE:Leap 15.6"},
      {"opensuse-tumbleweed", "20240101", "openSUSE:Tumbleweed"},
      {"azurelinux", "3.0.20240101", "Azure Linux:3|Azure Linux:3.0"},
      {"mariner", "2.0", "CBL-Mariner:2.0|Azure Linux:2"},
      {"photon", "5.0", "Photon OS:5.0"},
      {"plan9", "4", ""},
  };
  static const char *const marks[] = {[ADVISORY_ECOSYSTEM_OWN] = "",
                                      [ADVISORY_ECOSYSTEM_EXTENDED] = "$",
                                      [ADVISORY_ECOSYSTEM_FALLBACK] = "?"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct advisory_ecosystem found[ADVISORY_ECOSYSTEMS_MAX];
    struct os_release os = os_of(cases[i][0], cases[i][1]);
    struct buf text = {0};
    size_t count = advisory_ecosystems_of_os(&os, &arena, found);
    for (size_t e = 0; e < count; e++)
      buf_printf(&text, "%s%.*s%s", e ? "|" : "", STR_FMT(found[e].pattern), marks[found[e].rank]);
    assert_str(buf_str(&text), cases[i][2]);
    buf_free(&text);
  }
  struct advisory_ecosystem found[ADVISORY_ECOSYSTEMS_MAX];
  assert_int_equal(advisory_ecosystems_of_os(NULL, &arena, found), 0);
  /* A system without a release has no advisories, except where there is only one. */
  struct os_release os = os_of("debian", "");
  assert_int_equal(advisory_ecosystems_of_os(&os, &arena, found), 0);
}

static void patterns(void **state)
{
  (void)state;
  assert_true(advisory_ecosystem_matches(STR("Debian:12"), STR("Debian:12")));
  assert_false(advisory_ecosystem_matches(STR("Debian:1"), STR("Debian:12")));
  assert_true(advisory_ecosystem_matches(STR("a:*"), STR("a:b")));
  assert_true(advisory_ecosystem_matches(STR("a * 15"), STR("a module 15")));
  assert_false(advisory_ecosystem_matches(STR("a * 15"), STR("a module 15 SP1")));
  assert_false(advisory_ecosystem_matches(STR("ab*bc"), STR("abc")));
}

static void of_languages(void **state)
{
  (void)state;
  assert_str(advisory_ecosystem_of_type(PACKAGE_NPM), "npm");
  assert_str(advisory_ecosystem_of_type(PACKAGE_CARGO), "crates.io");
  assert_str(advisory_ecosystem_of_type(PACKAGE_COMPOSER), "Packagist");
  assert_str(advisory_ecosystem_of_type(PACKAGE_JULIA), "Julia");
  assert_str(advisory_ecosystem_of_type(PACKAGE_GENERIC), "");
  assert_str(advisory_ecosystem_of_type(PACKAGE_DEB), "");
}

static void names(void **state)
{
  (void)state;
  static const char *const cases[][3] = {
      {"PyPI", "Zope._-Interface", "zope-interface"},
      {"PyPI", "_a_", "-a-"},
      {"NuGet", "Newtonsoft.Json", "newtonsoft.json"},
      {"Packagist", "A/B", "a/b"},
      {"SwiftURL", "https://github.com/Apple/Swift-NIO.git", "github.com/apple/swift-nio"},
      {"npm", "@A/b", "@A/b"},
      {"Go", "github.com/A/b/v2", "github.com/A/b/v2"},
      {"Maven", "Org.a:B", "Org.a:B"},
      {"Debian:12", "libA", "libA"},
      {"PyPI", "", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_str(advisory_package_name(str_from(cases[i][0]), str_from(cases[i][1]), &arena),
               cases[i][2]);
  struct str same = STR("already-so");
  assert_ptr_equal(advisory_package_name(STR("PyPI"), same, &arena).data, same.data);
}

static void vendors(void **state)
{
  (void)state;
  assert_str(advisory_ecosystem_vendor(STR("Debian:12")), "debian");
  assert_str(advisory_ecosystem_vendor(STR("Red Hat:enterprise_linux:9::baseos")), "redhat");
  assert_str(advisory_ecosystem_vendor(STR("Wolfi")), "wolfi");
  assert_str(advisory_ecosystem_vendor(STR("npm")), "");
}

static bool foreign(const char *id, enum package_type type, const char *version, const char *vendor)
{
  struct os_release os = os_of(id, "9");
  struct package p = {.type = type,
                      .version = package_version_split(type, str_from(version)),
                      .vendor = str_from(vendor)};
  return advisory_package_is_foreign(&os, &p);
}

static void tells_whose_packages_are(void **state)
{
  (void)state;
  assert_false(foreign("rhel", PACKAGE_RPM, "1-1.el9", "Red Hat, Inc."));
  assert_false(foreign("rhel", PACKAGE_RPM, "1-1.el9", ""));
  assert_true(foreign("rhel", PACKAGE_RPM, "1-1.el9", "Fedora Project"));
  assert_true(foreign("rhel", PACKAGE_RPM, "1-1.el9.remi.8.1", "Red Hat, Inc."));
  assert_false(foreign("centos", PACKAGE_RPM, "1-1.el7", "CentOS"));
  assert_false(foreign("opensuse-leap", PACKAGE_RPM, "1-1", "SUSE LLC <https://www.suse.com/>"));
  assert_false(foreign("plan9", PACKAGE_RPM, "1-1", "Anybody"));
  assert_true(foreign("debian", PACKAGE_DEB, "18.19.0-1nodesource1", ""));
  assert_true(foreign("debian", PACKAGE_DEB, "15.3-1.pgdg120+1", ""));
  assert_false(foreign("debian", PACKAGE_DEB, "15.3-0+deb12u1", ""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(of_distributions, start, stop),
      cmocka_unit_test(patterns),
      cmocka_unit_test(of_languages),
      cmocka_unit_test_setup_teardown(names, start, stop),
      cmocka_unit_test(vendors),
      cmocka_unit_test_setup_teardown(tells_whose_packages_are, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
