#include "language_test.h"

#include "scan/language/lock_files.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  static const char *const paths[] = {
      "pubspec.lock", "a/mix.lock",    "rebar.lock",          "Package.resolved",   "Podfile.lock",
      "conan.lock",   "Manifest.toml", "Manifest-v1.11.toml", "JuliaManifest.toml", "Project.toml"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    assert_true(lock_files_wants(str_from(paths[i]), LOCKED));
    assert_false(lock_files_wants(str_from(paths[i]), 0));
  }
  assert_false(lock_files_wants(STR("Manifest-v1.toml.old"), LOCKED));
  assert_false(lock_files_wants(STR("other.lock"), LOCKED));
  language_refuse(lock_files_read, "other.lock", STR(""), LOCKED, SW_EUSAGE, "no lock file", 0);
}

static void reads_pubspec(void **state)
{
  (void)state;
  static const char text[] =
      "packages:\n"
      "  a:\n    dependency: \"direct main\"\n    source: hosted\n    version: \"1.0.0\"\n"
      "  b:\n    dependency: transitive\n    source: hosted\n    version: \"2.0.0\"\n"
      "  c:\n    dependency: \"direct dev\"\n    source: hosted\n    version: \"3.0.0\"\n"
      "  flutter:\n    dependency: \"direct main\"\n    source: sdk\n    version: \"0.0.0\"\n";
  language_check(lock_files_read, "pubspec.lock", str_from(text), LOCKED,
                 "a@1.0.0\nb@2.0.0 indirect\n");
  language_check(lock_files_read, "pubspec.lock", str_from(text), ALL,
                 "a@1.0.0\nb@2.0.0 indirect\nc@3.0.0 development\n");
}

static void reads_mix_and_rebar(void **state)
{
  (void)state;
  language_check(
      lock_files_read, "mix.lock",
      STR("%{\n"
          "  \"a\": {:hex, :a, \"1.0.0\", \"01\", [:mix], [], \"hexpm\", \"02\"},\n"
          "  \"b\": {:hex, :real_b, \"2.0.0\", \"01\", [:mix], [{:a, \"~> 1.0\", [hex: :a]}], \"hexpm\"},\n"
          "  \"c\": {:git, \"https://x/c.git\", \"0123\", []},\n"
          "  d: [],\n"
          "}\n"),
      LOCKED, "a@1.0.0\nreal_b@2.0.0\n");
  language_check_purl(lock_files_read, "mix.lock", STR("\"A\": {:hex, :A, \"1.0.0\","), LOCKED,
                      "pkg:hex/a@1.0.0");
  language_refuse(lock_files_read, "mix.lock", STR("\n\"a\": {:hex, :a, nil},\n"), LOCKED,
                  SW_EINVAL, "a has no version", 0);
  language_check(lock_files_read, "rebar.lock",
                 STR("{\"1.2.0\",\n[{<<\"a\">>,{pkg,<<\"real_a\">>,<<\"1.0.0\">>},0},\n"
                     " {<<\"b\">>,{pkg,<<\"b\">>,<<\"2.0.0\">>},1},\n"
                     " {<<\"c\">>,{git,\"https://x\",{ref,\"01\"}},0}]}.\n"
                     "[\n{pkg_hash,[\n {<<\"a\">>, <<\"00\">>}]}\n].\n"),
                 LOCKED, "real_a@1.0.0\nb@2.0.0 indirect\n");
}

static void reads_swift(void **state)
{
  (void)state;
  language_check(
      lock_files_read, "Package.resolved",
      STR("{\"object\":{\"pins\":[{\"package\":\"b\",\"repositoryURL\":\"https://github.com/a/b.git\","
          "\"state\":{\"branch\":null,\"version\":\"1.0.0\"}}]},\"version\":1}"),
      LOCKED, "github.com/a/b@1.0.0\n");
  language_check(
      lock_files_read, "Package.resolved",
      STR("{\"pins\":[{\"location\":\"git@github.com:a/b.git\",\"state\":{\"version\":\"2.0.0\"}},"
          "{\"location\":\"ssh://git@host.example/c/d\",\"state\":{\"branch\":\"main\"}},"
          "{\"location\":\"https://github.com/e/f\",\"state\":{\"revision\":\"01\"}}],\"version\":2}"),
      LOCKED, "github.com/a/b@2.0.0\nhost.example/c/d@main\n");
  language_check_purl(
      lock_files_read, "Package.resolved",
      STR("{\"pins\":[{\"location\":\"https://github.com/a/b\",\"state\":{\"version\":\"2.0.0\"}}]}"),
      LOCKED, "pkg:swift/github.com/a/b@2.0.0");
}

static void reads_pods(void **state)
{
  (void)state;
  language_check(lock_files_read, "Podfile.lock",
                 STR("PODS:\n  - A (1.0.0):\n    - B/Core (~> 2.0)\n  - B/Core (2.0.1)\n  - C\n\n"
                     "DEPENDENCIES:\n  - A (~> 1.0)\n\nCOCOAPODS: 1.12.1\n"),
                 LOCKED, "A@1.0.0\nB/Core@2.0.1 indirect\n");
  language_check_purl(lock_files_read, "Podfile.lock", STR("PODS:\n  - B/Core (2.0.1)\n"), LOCKED,
                      "pkg:cocoapods/B@2.0.1#Core");
}

static void reads_conan(void **state)
{
  (void)state;
  language_check(
      lock_files_read, "conan.lock",
      STR("{\"graph_lock\":{\"nodes\":{\"0\":{\"requires\":[\"1\"]},"
          "\"1\":{\"ref\":\"a/1.0@user/stable#01\",\"requires\":[\"2\"]},\"2\":{\"ref\":\"b/2.0\"},"
          "\"3\":{\"ref\":\"broken\"}}}}"),
      LOCKED, "a@1.0\nb@2.0 indirect\n");
  static const char two[] =
      "{\"version\":\"0.5\",\"requires\":[\"a/1.0#01%1.2\",\"b/2.0\"],"
      "\"build_requires\":[\"cmake/3.0#00\",\"a/1.0#01\"],\"python_requires\":[]}";
  language_check(lock_files_read, "conan.lock", str_from(two), LOCKED, "a@1.0\nb@2.0\n");
  language_check(lock_files_read, "conan.lock", str_from(two), ALL,
                 "a@1.0\nb@2.0\ncmake@3.0 development\n");
}

static void reads_julia(void **state)
{
  (void)state;
  static const char text[] =
      "julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n"
      "[[deps.A]]\nuuid = \"01\"\nversion = \"0.5.0\"\n[[deps.B]]\nuuid = \"02\"\n"
      "[[deps.B]]\nuuid = \"03\"\n[[deps.C]]\npath = \"x\"\n";
  language_check(lock_files_read, "Manifest.toml", str_from(text), LOCKED,
                 "A@0.5.0\nB@1.9.0\nB@1.9.0\n");
  language_check(lock_files_read, "Manifest.toml", STR("[[A]]\nuuid = \"01\"\n"), LOCKED,
                 "A@unknown\n");
  language_check_purl(lock_files_read, "Manifest.toml",
                      STR("[[A]]\nuuid = \"01\"\nversion = \"1\"\n"), LOCKED,
                      "pkg:julia/A@1?uuid=01");
  language_refuse(lock_files_read, "Manifest.toml", STR("[[A]"), LOCKED, SW_EINVAL, "']]'", 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),  cmocka_unit_test(reads_pubspec),
      cmocka_unit_test(reads_mix_and_rebar), cmocka_unit_test(reads_swift),
      cmocka_unit_test(reads_pods),          cmocka_unit_test(reads_conan),
      cmocka_unit_test(reads_julia),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
