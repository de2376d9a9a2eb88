#include "language_test.h"

#include "scan/analyser.h"
#include "scan/language/project.h"

/* Files of a project; a NULL path ends them. */
struct file {
  const char *path;
  struct str text;
};

/* All files are read, in this order or the other way round; what is found has these paths and lines. */
static void check_order(const struct file *files, unsigned flags, bool reverse,
                        const char *expected)
{
  struct arena arena;
  struct analysis a;
  struct buf lines = {0};
  struct error err;
  size_t count = 0;
  while (files[count].path)
    count++;
  arena_init(&arena, 0);
  analysis_init(&a, &arena, flags);
  for (size_t i = 0; i < count; i++) {
    const struct file *file = &files[reverse ? count - 1 - i : i];
    const struct analyser *analyser = analyser_find(str_from(file->path), flags);
    assert_non_null(analyser);
    if (analysis_read(&a, analyser, str_from(file->path), 0, file->text, &err) < 0)
      fail_msg("%s", err.message);
  }
  analysis_finish(&a);
  language_print(&lines, &a.packages);
  assert_str(buf_str(&lines), expected);
  assert_int_equal(a.packages.notes.count, 0);
  buf_free(&lines);
  analysis_free(&a);
  arena_free(&arena);
}

static void check(const struct file *files, unsigned flags, const char *expected)
{
  check_order(files, flags, false, expected);
  check_order(files, flags, true, expected);
}

static void knows_what_yarn_is_asked_for(void **state)
{
  (void)state;
  static const char lock[] = "a@^1.0.0:\n  version \"1.0.0\"\n  dependencies:\n    b \"^1\"\n\n"
                             "b@^1:\n  version \"1.1.0\"\n\n"
                             "b@^2:\n  version \"2.0.0\"\n\n"
                             "orphan@^1:\n  version \"1.0.0\"\n\n"
                             "t@^1:\n  version \"1.0.0\"\n  dependencies:\n    b \"^2\"\n\n"
                             "w@^1:\n  version \"1.0.0\"\n";
  static const char manifest[] =
      "{\"name\":\"me\",\"version\":\"0.1.0\",\"license\":\"MIT\",\"workspaces\":[\"packages/*\"],"
      "\"dependencies\":{\"a\":\"^1.0.0\"},\"devDependencies\":{\"t\":\"^1\"}}";
  static const char member[] = "{\"name\":\"member\",\"devDependencies\":{\"w\":\"^1\"}}";
  static const char other[] = "{\"name\":\"other\",\"dependencies\":{\"w\":\"^1\",\"t\":\"^1\"}}";
  const struct file files[] = {{"app/yarn.lock", str_from(lock)},
                               {"app/package.json", str_from(manifest)},
                               {"app/packages/w/package.json", str_from(member)},
                               {"app/examples/x/package.json", str_from(other)},
                               {"package.json", str_from(other)},
                               {0}};
  check(files, ALL,
        "a@1.0.0\nb@1.1.0 indirect\nb@2.0.0 indirect development\nme@0.1.0 (MIT)\n"
        "orphan@1.0.0 indirect\nt@1.0.0 development\nw@1.0.0 development\n");
  check(files, LOCKED, "a@1.0.0\nb@1.1.0 indirect\nme@0.1.0 (MIT)\norphan@1.0.0 indirect\n");
  const struct file alone[] = {{"app/yarn.lock", str_from(lock)}, {0}};
  check(alone, LOCKED, "a@1.0.0\nb@1.1.0\nb@2.0.0\norphan@1.0.0\nt@1.0.0\nw@1.0.0\n");
  /* a name that no entry has exactly: all entries of the package */
  const struct file differing[] = {
      {"yarn.lock", str_from(lock)},
      {"package.json", STR("{\"devDependencies\":{\"b\":\"1 || 2\",\"t\":\"^1\"}}")},
      {0}};
  check(differing, LOCKED, "a@1.0.0 indirect\norphan@1.0.0 indirect\nw@1.0.0 indirect\n");
}

static void knows_what_poetry_is_asked_for(void **state)
{
  (void)state;
  static const char lock[] =
      "[[package]]\nname = \"a\"\nversion = \"1\"\n[package.dependencies]\nB = \"*\"\n"
      "[[package]]\nname = \"b\"\nversion = \"1\"\n"
      "[[package]]\nname = \"b\"\nversion = \"2\"\n"
      "[[package]]\nname = \"t\"\nversion = \"1\"\n[package.dependencies]\nu = \"*\"\n"
      "[[package]]\nname = \"u\"\nversion = \"1\"\n";
  static const char manifest[] = "[tool.poetry.dependencies]\npython = \"*\"\nA = \"1\"\n"
                                 "[tool.poetry.group.dev.dependencies]\nt = \"1\"\n";
  const struct file files[] = {
      {"poetry.lock", str_from(lock)}, {"pyproject.toml", str_from(manifest)}, {0}};
  check(files, LOCKED, "a@1\nb@1 indirect\nb@2 indirect\n");
  check(files, ALL, "a@1\nb@1 indirect\nb@2 indirect\nt@1 development\nu@1 indirect development\n");
  /* what the lock file says of development stands */
  const struct file marked[] = {
      {"poetry.lock", STR("[[package]]\nname = \"t\"\nversion = \"1\"\ngroups = [\"main\"]\n")},
      {"pyproject.toml", str_from(manifest)},
      {0}};
  check(marked, LOCKED, "t@1\n");
}

static void knows_what_cargo_is_asked_for(void **state)
{
  (void)state;
  static const char lock[] =
      "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"r\"\ndependencies = [\"b\"]\n"
      "[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"r\"\n"
      "[[package]]\nname = \"cc\"\nversion = \"1.0.0\"\nsource = \"r\"\n"
      "[[package]]\nname = \"member\"\nversion = \"0.1.0\"\ndependencies = [\"t\", \"a\"]\n"
      "[[package]]\nname = \"me\"\nversion = \"0.1.0\"\ndependencies = [\"a\", \"cc\", \"t\"]\n"
      "[[package]]\nname = \"t\"\nversion = \"1.0.0\"\nsource = \"r\"\n";
  const struct file files[] = {
      {"Cargo.lock", str_from(lock)},
      {"Cargo.toml", STR("[package]\nname = \"me\"\n[dependencies]\na = \"1\"\n"
                         "[dev-dependencies]\nt = \"1\"\n[build-dependencies]\ncc = \"1\"\n")},
      {"member/Cargo.toml",
       STR("[package]\nname = \"member\"\n[dev-dependencies]\na = \"1\"\nt = \"1\"\n")},
      {0}};
  check(files, LOCKED, "a@1.0.0\nb@1.0.0 indirect\nme@0.1.0\nmember@0.1.0\n");
  check(files, ALL,
        "a@1.0.0\nb@1.0.0 indirect\ncc@1.0.0 development\nme@0.1.0\nmember@0.1.0\nt@1.0.0 "
        "development\n");
  const struct file alone[] = {{"Cargo.lock", str_from(lock)}, {0}};
  check(alone, LOCKED, "a@1.0.0\nb@1.0.0 indirect\ncc@1.0.0\nme@0.1.0\nmember@0.1.0\nt@1.0.0\n");
}

static void knows_what_composer_is_asked_for(void **state)
{
  (void)state;
  const struct file files[] = {
      {"composer.lock",
       STR("{\"packages\":[{\"name\":\"a/b\",\"version\":\"1\"},{\"name\":\"c/d\","
           "\"version\":\"1\"}],\"packages-dev\":[{\"name\":\"t/t\",\"version\":\"1\"}]}")},
      {"composer.json",
       STR("{\"require\":{\"php\":\">=8\",\"a/b\":\"^1\"},\"require-dev\":{\"t/t\":\"1\"}}")},
      {"vendor/composer/installed.json",
       STR("{\"packages\":[{\"name\":\"a/b\",\"version\":\"1\",\"license\":\"MIT\"}]}")},
      {0}};
  check(files, LOCKED, "a/b@1 (MIT)\nc/d@1 indirect\n");
  check(files, ALL, "a/b@1 (MIT)\nc/d@1 indirect\nt/t@1 development\n");
}

static void knows_what_julia_is_asked_for(void **state)
{
  (void)state;
  const struct file files[] = {
      {"Manifest.toml",
       STR("julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n"
           "[[deps.A]]\nuuid = \"01\"\nversion = \"0.5.0\"\ndeps = [\"C\"]\n"
           "[[deps.B]]\nuuid = \"02\"\n[[deps.C]]\nuuid = \"03\"\n[deps.C.deps]\nB = \"02\"\n"
           "[[deps.T]]\nuuid = \"04\"\nversion = \"1.0.0\"\n")},
      {"Project.toml", STR("[deps]\nA = \"01\"\n[extras]\nT = \"04\"\n")},
      {0}};
  check(files, LOCKED, "A@0.5.0\nB@1.9.0 indirect\nC@1.9.0 indirect\n");
  check(files, ALL, "A@0.5.0\nB@1.9.0 indirect\nC@1.9.0 indirect\nT@1.0.0 development\n");
}

static void drops_what_is_locked_and_installed(void **state)
{
  (void)state;
  static const char lock[] = "{\"packages\":{\"node_modules/a\":{\"version\":\"1\"}}}";
  const struct file files[] = {
      {"app/package-lock.json", str_from(lock)},
      {"app/node_modules/a/package.json",
       STR("{\"name\":\"a\",\"version\":\"1\",\"license\":\"MIT\"}")},
      {"app/node_modules/extra/package.json", STR("{\"name\":\"extra\",\"version\":\"1\"}")},
      {"app/sub/node_modules/b/package.json", STR("{\"name\":\"b\",\"version\":\"1\"}")},
      {"other/node_modules/c/package.json", STR("{\"name\":\"c\",\"version\":\"1\"}")},
      {0}};
  check(files, LOCKED, "a@1 indirect (MIT)\nc@1\n");
  /* in an image, what is installed counts and nothing else */
  const struct file image[] = {
      {"app/node_modules/a/package.json",
       STR("{\"name\":\"a\",\"version\":\"1\",\"license\":\"MIT\"}")},
      {"app/vendor/composer/installed.json", STR("[{\"name\":\"a/b\",\"version\":\"1\"}]")},
      {0}};
  check(image, INSTALLED, "a@1 (MIT)\na/b@1\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_what_yarn_is_asked_for),
      cmocka_unit_test(knows_what_poetry_is_asked_for),
      cmocka_unit_test(knows_what_cargo_is_asked_for),
      cmocka_unit_test(knows_what_composer_is_asked_for),
      cmocka_unit_test(knows_what_julia_is_asked_for),
      cmocka_unit_test(drops_what_is_locked_and_installed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
