#include "../test.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"
#include "scan/advisory/mirror.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- where apt gets fixes from */

static void reads_lines(void **state)
{
  (void)state;
  struct mirror_pocket p[4];
  size_t count = mirror_pockets_parse(
      &arena,
      STR("# deb http://a.example/x stable-security main\n"
          "deb http://deb.example/debian bookworm main\n"
          "deb [arch=amd64 signed-by=/k.gpg] http://deb.example/debian-security/ bookworm-security main contrib # x\n"
          "deb-src http://deb.example/debian-security bookworm-security main\n"
          "deb cdrom:[x]/ bookworm-security main\n"
          "deb\thttps://old.example/debian-security buster/updates main\n"
          "nonsense\ndeb"),
      false, p, 4);
  assert_int_equal(count, 3);
  assert_str(p[0].suite, "bookworm");
  assert_true(p[0].releases);
  assert_str(p[1].url, "http://deb.example/debian-security");
  assert_str(p[1].suite, "bookworm-security");
  assert_str(p[1].components, "main contrib");
  assert_str(p[1].keyring, "/k.gpg");
  assert_false(p[1].releases);
  assert_str(p[2].suite, "buster/updates");
  assert_false(p[2].releases);
}

static void reads_paragraphs(void **state)
{
  (void)state;
  struct mirror_pocket p[4];
  struct str text = STR(
      "Types: deb\nURIs: http://a.example/u http://b.example/u\nSuites: noble-security folder/ noble\n"
      "# a comment\nComponents: main\n universe\nSigned-By: /k.gpg\n\n"
      "Types: deb\nEnabled: no\nURIs: http://c.example\nSuites: x-security\n\n\n"
      "URIs: http://d.example\nSuites: y-security\n");
  assert_int_equal(mirror_pockets_parse(&arena, text, true, p, 3), 3);
  assert_int_equal(mirror_pockets_parse(&arena, text, true, p, 4), 4);
  assert_str(p[0].url, "http://a.example/u");
  assert_str(p[0].suite, "noble-security");
  assert_str(p[0].components, "main\n universe");
  assert_str(p[1].url, "http://a.example/u");
  assert_str(p[1].suite, "noble");
  assert_str(p[2].url, "http://b.example/u");
}

static void write_sources(const char *path, const char *text)
{
  struct error err;
  struct sink sink;
  assert_int_equal(sink_to_file(&sink, path, &err), 0);
  sink_add(&sink, str_from(text));
  assert_int_equal(sink_finish(&sink, &err), 0);
  sink_free(&sink);
}

static void a_system_has_suites_of_fixes_and_their_releases(void **state)
{
  (void)state;
  char root[] = "/tmp/seawall-mirror.XXXXXX", path[256];
  struct mirror_pocket *p;
  struct error err;
  size_t count;
  assert_non_null(mkdtemp(root));
  assert_int_equal(mirror_pockets_of_host(root, &arena, &p, &count, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "is not set up with a suite of security fixes");
  snprintf(path, sizeof path, "%s/etc", root);
  mkdir(path, 0755);
  snprintf(path, sizeof path, "%s/etc/apt", root);
  mkdir(path, 0755);
  snprintf(path, sizeof path, "%s/etc/apt/sources.list", root);
  write_sources(path, "deb http://a.example/s z main\n");
  assert_int_equal(mirror_pockets_of_host(root, &arena, &p, &count, &err), SW_ENOENT);
  /* Other releases, other keys and other pockets are none of this security suite's. */
  write_sources(path, "deb http://a.example/d z main\n"
                      "deb http://a.example/s z-security main\n"
                      "deb http://a.example/d z-updates main\n"
                      "deb http://a.example/d z-backports main\n"
                      "deb http://a.example/d y main\n"
                      "deb [signed-by=/other.gpg] http://other.example/d z main\n");
  assert_int_equal(mirror_pockets_of_host(root, &arena, &p, &count, &err), 0);
  assert_int_equal(count, 3);
  assert_str(p[0].suite, "z-security");
  assert_false(p[0].releases);
  assert_str(p[1].suite, "z");
  assert_str(p[1].url, "http://a.example/d");
  assert_true(p[1].releases);
  assert_str(p[2].suite, "z-updates");
  unlink(path);
  snprintf(path, sizeof path, "%s/etc/apt", root);
  rmdir(path);
  snprintf(path, sizeof path, "%s/etc", root);
  rmdir(path);
  rmdir(root);
}

/* ---- index */

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void reads_an_index(void **state)
{
  (void)state;
  struct mirror_index index;
  struct error err;
  struct str text =
      STR("Origin: Debian\nSuite: oldstable-security\nCodename: bookworm-security\n"
          "Date: Fri, 20 Nov 2026 00:12:41 UTC\nValid-Until: Fri, 27 Nov 2026 00:12:41 UTC\n"
          "Acquire-By-Hash: yes\nComponents: updates/main updates/contrib\nMD5Sum:\n 0 1 x\n"
          "SHA256:\n " SUM "  298944 main/source/Sources.xz\n broken line\n " SUM
          " 7 main/source/Release\n");
  if (mirror_index_parse(&arena, text, &index, &err) < 0)
    fail_msg("%s", err.message);
  assert_str(index.codename, "bookworm-security");
  assert_str(index.date_text, "2026-11-20T00:12:41Z");
  assert_int_equal(index.valid_until - index.date, 7 * 86400);
  assert_true(index.by_hash);
  assert_int_equal(index.file_count, 2);
  assert_str(index.files[0].path, "main/source/Sources.xz");
  assert_int_equal(index.files[0].size, 298944);
  assert_str(mirror_ecosystem(&arena, &index), "Debian:12");
  index.origin = STR("Ubuntu");
  index.version = STR("22.04");
  assert_str(mirror_ecosystem(&arena, &index), "Ubuntu:22.04:LTS");
  index.version = STR("25.04");
  assert_str(mirror_ecosystem(&arena, &index), "Ubuntu:25.04");
  index.origin = STR("Somebody");
  assert_str(mirror_ecosystem(&arena, &index), "");
  assert_int_equal(mirror_index_parse(&arena, STR("Origin: x\nCodename: y\n"), &index, &err),
                   SW_EINVAL);
  assert_error(err, SW_EINVAL, "no SHA256 digests");
}

static void keeps_the_highest_version(void **state)
{
  (void)state;
  struct mirror_list list;
  struct error err;
  size_t count;
  mirror_list_init(&list, &arena);
  assert_int_equal(
      mirror_list_add_sources(
          &list,
          STR("Package: b\nVersion: 1.9-1\nDirectory: pool/b\nChecksums-Sha256:\n " SUM
              " 5 b_1.9-1.dsc\n " SUM " 9 b_1.9.orig.tar.xz\n " SUM
              " 3 b_1.9-1.debian.tar.xz\n " SUM " 1 b.orig.tar.xz.asc\n\n"
              "Package: b\nVersion: 1.10-1\nDirectory: pool/b\nChecksums-Sha256:\n " SUM
              " 4 b_1.10-1.debian.tar.xz\n\n"
              "Package: a\nVersion: 2\nDirectory: ../etc\nChecksums-Sha256:\n " SUM
              " 4 a_2.tar.xz\n\n"
              "Version: 3\n\nPackage: c\nVersion: not a version\n"),
          &err),
      0);
  assert_int_equal(
      mirror_list_add_binaries(
          &list,
          STR("Package: libb\nSource: b (1.10-1)\nVersion: 1.10-1+b1\nFilename: pool/libb.deb\nSize: 9000\nSHA256: " SUM
              "\n\n"
              "Package: b-common\nSource: b\nVersion: 1.10-1\nFilename: pool/b-common_1.deb\nSize: 40000\nSHA256: " SUM
              "\n\n"
              "Package: b\nVersion: 1.9-1\nFilename: pool/b.deb\nSize: 1\nSHA256: " SUM "\n\n"
              "Package: a\nVersion: 2\nFilename: pool/a.deb\nSize: 1\nSHA256: short\n"),
          &err),
      0);
  const struct mirror_package *p = mirror_list_packages(&list, &count);
  assert_int_equal(count, 2);
  assert_str(p[0].source, "a");
  assert_str(p[0].parts[0].path, "");
  assert_str(p[0].parts[1].path, "");
  assert_str(p[1].version, "1.10-1");
  assert_str(p[1].parts[0].path, "pool/b/b_1.10-1.debian.tar.xz");
  assert_str(p[1].parts[1].path, "pool/b-common_1.deb");
  assert_str(p[1].parts[2].path, "pool/libb.deb");
  assert_str(p[1].parts[3].path, "");
  mirror_list_free(&list);
}

static void a_version_tells_that_it_came_later(void **state)
{
  (void)state;
  static const char *const later[] = {"7.88.1-10+deb12u5", "252.39-1~deb12u2", "1.0+deb8u1",
                                      "2.0+debian+deb12u1", "1:9.2p1-2+deb12u10+b1"};
  static const char *const others[] = {
      "",           "1.0-1",       "1.0-1+b1",   "1.0+debian1-1", "1.0+debu1",    "1.0+deb12",
      "1.0+deb12u", "1.0+deb12ux", "1.0deb12u1", "1.0+deb12~bpo", "1.0+deb12.u1", "6.1.153-1"};
  for (size_t i = 0; i < sizeof later / sizeof *later; i++)
    if (!mirror_is_update(str_from(later[i])))
      fail_msg("%s", later[i]);
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (mirror_is_update(str_from(others[i])))
      fail_msg("%s", others[i]);
}

static void keeps_of_a_release_what_came_later(void **state)
{
  (void)state;
  struct buf kept = {0};
  mirror_list_keep_updates(
      STR("Package: a\nVersion: 1-1\nDirectory: pool/a\n\n"
          "Package: b\nFormat: 3.0\nVersion: 1-1+deb12u1\nChecksums-Sha256:\n " SUM " 4 b\n " SUM
          " 5 c\nHomepage: x\n\n\n"
          "Package: libc\nSource: c (2~deb12u1)\nVersion: 1:3\nSize: 7\n\n"
          "Package: d\nDescription: 1+deb12u1\n\n"
          "Package: e\nVersion: 3+deb12u3"),
      &kept);
  assert_str(buf_str(&kept),
             "Package: b\nVersion: 1-1+deb12u1\nChecksums-Sha256:\n " SUM " 4 b\n " SUM " 5 c\n\n"
             "Package: libc\nSource: c (2~deb12u1)\nVersion: 1:3\nSize: 7\n\n"
             "Package: e\nVersion: 3+deb12u3\n\n");
  buf_free(&kept);
}

/* ---- signatures */

static void what_is_not_signed_is_refused(void **state)
{
  (void)state;
  static const char *const none[] = {NULL}, *const missing[] = {"/tmp/no-such-keyring.gpg", NULL};
  struct buf text = {0};
  struct error err;
  assert_int_equal(mirror_verify(STR("Origin: x\n"), none, "/tmp", &text, &err), SW_ENOENT);
  assert_error(err, SW_ENOENT, "there is no keyring");
  if (access("/usr/bin/gpgv", X_OK) < 0) {
    print_message("gpgv is not here: signatures are not looked at; install gpgv\n");
    return;
  }
  assert_int_equal(mirror_verify(STR("Origin: x\n"), missing, "/tmp", &text, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "cannot be relied on: it is not signed");
  assert_int_equal(mirror_verify(STR("Origin: x\n"), missing, "/no/such/folder", &text, &err),
                   SW_ENOENT);
  assert_int_equal(text.len, 0);
}

/* ---- changelogs */

static const char changelog[] =
    "b (1.10-1) bookworm-security; urgency=high\n\n"
    "  * Fix again CVE-2024-0002.\n"
    "  * CVE-2024-0003: overflow\n    of something\n"
    "  * CVE-2024-0009 does not affect us: not affected\n\n"
    " -- A <a@b.example>  Fri, 20 Nov 2026 00:00:00 +0000 CVE-2024-0008\n\n"
    "b (1.9-2) bookworm-security; urgency=medium\n\n  * Non-maintainer upload.\n  * Mend a hole.\n\n -- A <a@b.example>  x\n\n"
    "b (1.9-1) unstable; urgency=low\n\n  [ A ]\n"
    "  * New upstream (CVE-2024-0001, CVE-2024-0002)\n\n"
    "b (broken unstable\n\nwords\n";

static void reads_a_changelog(void **state)
{
  (void)state;
  struct mirror_fix *f;
  struct error err;
  size_t count;
  assert_int_equal(mirror_changelog_parse(&arena, str_from(changelog), &f, &count, &err), 0);
  assert_int_equal(count, 4);
  assert_str(f[0].cve, "CVE-2024-0002");
  assert_str(f[0].version, "1.9-1");
  assert_false(f[0].security);
  assert_str(f[1].cve, "CVE-2024-0003");
  assert_str(f[1].version, "1.10-1");
  assert_str(f[1].title, "CVE-2024-0003: overflow of something");
  assert_true(f[1].security);
  assert_str(f[2].cve, "");
  assert_str(f[2].version, "1.9-2");
  assert_str(f[2].title, "Mend a hole.");
  assert_str(f[3].cve, "CVE-2024-0001");
  assert_str(f[3].title, "New upstream (CVE-2024-0001, CVE-2024-0002)");
}

static void takes_the_words_of_the_item(void **state)
{
  (void)state;
  struct mirror_fix *f;
  struct error err;
  size_t count;
  struct str text = STR(
      "b (1-1ubuntu0.1) jammy-security; urgency=medium\n\n"
      "  * SECURITY UPDATE: overflow in\n    a parser\n    - debian/patches/CVE-2024-0001.patch: check\n"
      "    - CVE-2024-0002\n    - CVE-2024-0003\n\n -- A <a@b.example>  x\n");
  assert_int_equal(mirror_changelog_parse(&arena, text, &f, &count, &err), 0);
  assert_int_equal(count, 3);
  assert_str(f[0].title, "debian/patches/CVE-2024-0001.patch: check");
  assert_str(f[1].title, "SECURITY UPDATE: overflow in a parser");
  assert_str(f[2].cve, "CVE-2024-0003");
  assert_str(f[2].title, "SECURITY UPDATE: overflow in a parser");
}

/* A backport stands above what it was made of, and has all that is below it. */
static void a_backport_has_what_is_below_it(void **state)
{
  (void)state;
  struct mirror_fix *f;
  struct error err;
  size_t count;
  struct str text =
      STR("b (1.3~deb12u2) bookworm-security; urgency=medium\n\n  * CVE-2024-0003\n\n"
          " -- A <a@b.example>  x\n\n"
          "b (1.3~deb12u1) bookworm; urgency=medium\n\n  * Backport.\n\n -- A <a@b.example>  x\n\n"
          "b (1.3) unstable; urgency=medium\n\n  * CVE-2024-0002\n\n -- A <a@b.example>  x\n\n"
          "b (1.2) unstable; urgency=medium\n\n  * CVE-2024-0001\n\n -- A <a@b.example>  x\n");
  assert_int_equal(mirror_changelog_parse(&arena, text, &f, &count, &err), 0);
  assert_int_equal(count, 3);
  assert_str(f[0].cve, "CVE-2024-0003");
  assert_str(f[0].version, "1.3~deb12u2");
  assert_str(f[1].cve, "CVE-2024-0002");
  assert_str(f[1].version, "1.3~deb12u1");
  assert_str(f[2].cve, "CVE-2024-0001");
  assert_str(f[2].version, "1.2");
}

/* A tar of one file, packed by a filter of libarchive. */
static struct str tar_of(const char *path, struct str content, int filter)
{
  static char room[65536];
  size_t used = 0;
  struct archive *a = archive_write_new();
  struct archive_entry *e = archive_entry_new();
  archive_write_set_format_ustar(a);
  archive_write_add_filter(a, filter);
  assert_int_equal(archive_write_open_memory(a, room, sizeof room, &used), ARCHIVE_OK);
  archive_entry_set_pathname(e, path);
  archive_entry_set_size(e, (la_int64_t)content.len);
  archive_entry_set_filetype(e, AE_IFREG);
  archive_entry_set_perm(e, 0644);
  assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
  archive_write_data(a, content.data, content.len);
  archive_entry_free(e);
  archive_write_free(a);
  return arena_copy(&arena, str_make(room, used));
}

static void finds(const char *name, struct str bytes, const char *expected)
{
  struct buf text = {0};
  struct error err;
  if (mirror_changelog_find(str_from(name), bytes, &text, &err) < 0)
    fail_msg("%s: %s", name, err.message);
  assert_str(buf_str(&text), expected);
  buf_free(&text);
}

static struct str deb_of(struct str data, const char *member)
{
  struct buf ar = {0};
  buf_add(&ar, STR("!<arch>\n"));
  buf_printf(&ar, "%-16s%-12s%-6s%-6s%-8s%-10d`\n2.0\n", "debian-binary", "0", "0", "0", "100644",
             4);
  buf_printf(&ar, "%-16s%-12s%-6s%-6s%-8s%-10zu`\n", member, "0", "0", "0", "100644", data.len);
  buf_add(&ar, data);
  struct str bytes = arena_copy(&arena, buf_str(&ar));
  buf_free(&ar);
  return bytes;
}

static void finds_the_changelog_of_a_package(void **state)
{
  (void)state;
  struct str c = STR("c (1) x; urgency=low\n"), packed;
  finds("c.debian.tar.xz", tar_of("debian/changelog", c, ARCHIVE_FILTER_XZ), c.data);
  finds("c.debian.tar.gz", tar_of("debian/changelog", c, ARCHIVE_FILTER_GZIP), c.data);
  finds("c.tar.zst", tar_of("c-1/debian/changelog", c, ARCHIVE_FILTER_ZSTD), c.data);
  packed = tar_of("./usr/share/doc/c/changelog.Debian.gz", c, ARCHIVE_FILTER_XZ);
  finds("c.deb", deb_of(packed, "data.tar.xz"), c.data);
  struct archive *a = archive_write_new();
  char room[8192];
  size_t used;
  struct str diff = STR(
      "--- c/x\n+++ c/x\n+no\n--- c/debian/changelog\n+++ c-1/debian/changelog\n@@ -0,0 +1 @@\n+c (1) x; urgency=low\n--- z\n");
  archive_write_set_format_raw(a);
  archive_write_add_filter_gzip(a);
  archive_write_open_memory(a, room, sizeof room, &used);
  struct archive_entry *e = archive_entry_new();
  archive_entry_set_filetype(e, AE_IFREG);
  archive_write_header(a, e);
  archive_write_data(a, diff.data, diff.len);
  archive_entry_free(e);
  archive_write_free(a);
  finds("c.diff.gz", str_make(room, used), c.data);
}

static void finds_nothing(const char *name, struct str bytes, int code, const char *message)
{
  struct buf text = {0};
  struct error err;
  assert_int_equal(mirror_changelog_find(str_from(name), bytes, &text, &err), code);
  assert_error(err, code, message);
  assert_int_equal(text.len, 0);
  buf_free(&text);
}

static void says_what_a_package_lacks(void **state)
{
  (void)state;
  struct str other = tar_of("debian/control", STR("x"), ARCHIVE_FILTER_XZ);
  finds_nothing("c.tar.xz", other, SW_ENOENT, "no changelog in it");
  finds_nothing("c.tar.xz", str_sub(other, 0, other.len / 2), SW_EINVAL, "xz");
  finds_nothing("c.deb", STR("!<arch>\nshort"), SW_EINVAL, "no data.tar");
  finds_nothing("c.deb", deb_of(STR("x"), "control.tar"), SW_EINVAL, "no data.tar");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_lines, start, stop),
      cmocka_unit_test_setup_teardown(reads_paragraphs, start, stop),
      cmocka_unit_test_setup_teardown(a_system_has_suites_of_fixes_and_their_releases, start, stop),
      cmocka_unit_test_setup_teardown(reads_an_index, start, stop),
      cmocka_unit_test_setup_teardown(keeps_the_highest_version, start, stop),
      cmocka_unit_test_setup_teardown(a_version_tells_that_it_came_later, start, stop),
      cmocka_unit_test_setup_teardown(keeps_of_a_release_what_came_later, start, stop),
      cmocka_unit_test_setup_teardown(what_is_not_signed_is_refused, start, stop),
      cmocka_unit_test_setup_teardown(reads_a_changelog, start, stop),
      cmocka_unit_test_setup_teardown(takes_the_words_of_the_item, start, stop),
      cmocka_unit_test_setup_teardown(a_backport_has_what_is_below_it, start, stop),
      cmocka_unit_test_setup_teardown(finds_the_changelog_of_a_package, start, stop),
      cmocka_unit_test_setup_teardown(says_what_a_package_lacks, start, stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
