#include "../test.h"

#include "base/mem.h"
#include "scan/dpkg.h"

static struct arena arena;
static struct package_list list;

static int start(void **state)
{
  (void)state;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, PACKAGE_LIST_FILES);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  package_list_free(&list);
  arena_free(&arena);
  return 0;
}

static void read_good(const char *path, const char *text)
{
  struct error err;
  if (dpkg_read(str_from(path), 3, str_from(text), &list, &err) < 0)
    fail_msg("%s: %s", path, err.message);
}

static void reads_the_status(void **state)
{
  (void)state;
  read_good(
      "var/lib/dpkg/status",
      "Package: libc6\nStatus: install ok installed\nPriority: optional\nMaintainer: GNU Libc <a@b>\n"
      "Architecture: amd64\nMulti-Arch: same\nSource: glibc\nVersion: 2.36-9+deb12u4\n"
      "Conffiles:\n /etc/ld.so.conf.d/x.conf d41d8\n Version: none\nDescription: text\n .\n more\n\n\n"
      "package: bash\nstatus: hold ok unpacked\nversion: 1:5.2-2+b1\narchitecture: amd64\n"
      "source: bash (1:5.2-2)\n\n"
      "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
      "Package: never\nStatus: unknown ok not-installed\n\n"
      "Package: last\nStatus: install ok triggers-pending\nVersion: 3");
  assert_int_equal(list.count, 3);
  assert_str(list.items[0].name, "libc6");
  assert_str(list.items[0].version.upstream, "2.36");
  assert_str(list.items[0].version.release, "9+deb12u4");
  assert_str(list.items[0].source, "glibc");
  assert_str(list.items[0].source_version.text, "2.36-9+deb12u4");
  assert_str(list.items[0].maintainer, "GNU Libc <a@b>");
  assert_str(list.items[0].path, "var/lib/dpkg/status");
  assert_int_equal(list.items[0].layer, 3);
  assert_str(list.items[1].source_version.text, "1:5.2-2");
  assert_str(list.items[1].source_version.epoch, "1");
  assert_str(list.items[2].source, "last");
}

static void reads_images_without_dpkg(void **state)
{
  (void)state;
  read_good("var/lib/dpkg/status.d/tzdata",
            "Package: tzdata\nVersion: 2024a-0\nArchitecture: all\n");
  read_good("var/lib/dpkg/status.d/tzdata.md5sums",
            "d41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\n"
            "d41d8cd98f00b204e9800998ecf8427e  usr/share/doc/tz data\n");
  package_list_join(&list);
  assert_int_equal(list.count, 1);
  assert_int_equal(list.items[0].file_count, 2);
  assert_str(list.items[0].files[0], "usr/share/zoneinfo/UTC");
  assert_str(list.items[0].files[1], "usr/share/doc/tz data");
}

static void reads_lists_of_files(void **state)
{
  (void)state;
  read_good("var/lib/dpkg/status", "Package: a\nVersion: 1\nArchitecture: amd64\n\n"
                                   "Package: a\nVersion: 1\nArchitecture: i386\n");
  read_good("var/lib/dpkg/info/a:i386.list",
            "/.\n/usr\n/usr/share\n/usr/share/doc\n/usr/share/doc-base\n"
            "/usr/share/doc/a\n/usr/share/doc/a/copyright\n");
  package_list_join(&list);
  assert_int_equal(list.items[0].file_count, 0);
  assert_int_equal(list.items[1].file_count, 2);
  assert_str(list.items[1].files[0], "usr/share/doc-base");
  assert_str(list.items[1].files[1], "usr/share/doc/a/copyright");
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  struct error err;
  assert_int_equal(
      dpkg_read(
          STR("var/lib/dpkg/status"), 0,
          STR("Package: a\nVersion: 1\n\nPackage: b\n\nVersion: 2\n\nPackage: c\nVersion: 1\n"),
          &list, &err),
      SW_EINVAL);
  assert_error(err, SW_EINVAL,
               "2 records are wrong, the first: the version of the package is missing");
  assert_int_equal(err.line, 4);
  assert_int_equal(list.count, 2);
  assert_str(list.items[1].name, "c");
  assert_int_equal(dpkg_read(STR("etc/passwd"), 0, STR(""), &list, &err), SW_EUSAGE);
  read_good("var/lib/dpkg/status", "");
}

static void says_what_it_wants(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    bool always, with_files;
  } cases[] = {
      {"var/lib/dpkg/status", true, true},
      {"var/lib/dpkg/status-old", false, false},
      {"var/lib/dpkg/status.d/base", true, true},
      {"var/lib/dpkg/status.d/", false, false},
      {"var/lib/dpkg/status.d/a/b", false, false},
      {"var/lib/dpkg/status.d/base.md5sums", false, true},
      {"var/lib/dpkg/info/a.list", false, true},
      {"var/lib/dpkg/info/.list", false, false},
      {"var/lib/dpkg/info/a.postinst", false, false},
      {"usr/share/doc/a/copyright", true, true},
      {"usr/share/doc/a/b/copyright", false, false},
      {"usr/share/doc/copyright", false, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(dpkg_wants(str_from(cases[i].path), 0), cases[i].always);
    assert_int_equal(dpkg_wants(str_from(cases[i].path), PACKAGE_LIST_FILES), cases[i].with_files);
  }
}

static void reads_licenses(void **state)
{
  (void)state;
  static const struct {
    const char *text, *expression;
  } cases[] = {
      {"Format: https://x/copyright-format/1.0/\nUpstream-Name: a\n\nFiles: *\nCopyright: me\nLicense: GPL-2+\n\n"
       "Files: debian/*\nLicense: GPL-2+ or Artistic\n\nLicense: Expat\n text\n",
       "GPL-2.0-or-later AND (GPL-2.0-or-later OR Artistic-1.0-Perl)"},
      {"Format: x\nLicense: Expat\n", "MIT"},
      {"Format: x\n\nFiles: *\nLicense: GPL-2+ with OpenSSL exception\n",
       "GPL-2.0-or-later WITH OpenSSL-exception"},
      {"Format: x\n\nFiles: *\nLicense: LGPL-2.1, and public domain\n",
       "LGPL-2.1-only AND public-domain"},
      {"Format: x\n\nFiles: a\nLicense: BSD-3-clause\n\nFiles: b\nLicense: BSD-3-clause\n",
       "BSD-3-Clause"},
      {"Format: x\n\nFiles: a\nLicense: GPL-x+ or \n", "GPL-x+"},
      {"This package was made by me.\nLicense: GPL-2\n", ""},
      {"Format: x\n", ""},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_str(dpkg_license(&arena, str_from(cases[i].text)), cases[i].expression);
  read_good("var/lib/dpkg/status", "Package: a\nVersion: 1\n");
  read_good("usr/share/doc/a/copyright", cases[1].text);
  read_good("usr/share/doc/b/copyright", "nothing");
  package_list_join(&list);
  assert_str(list.items[0].license, "MIT");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_the_status, start, stop),
      cmocka_unit_test_setup_teardown(reads_images_without_dpkg, start, stop),
      cmocka_unit_test_setup_teardown(reads_lists_of_files, start, stop),
      cmocka_unit_test_setup_teardown(tells_what_is_wrong, start, stop),
      cmocka_unit_test_setup_teardown(says_what_it_wants, start, stop),
      cmocka_unit_test_setup_teardown(reads_licenses, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
