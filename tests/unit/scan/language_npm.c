#include "language_test.h"

#include "scan/language/npm.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    bool installed, locked;
  } paths[] = {
      {"usr/lib/node_modules/npm/package.json", true, true},
      {"node_modules/a/package.json", true, true},
      {"node_modules/@a/b/package.json", true, true},
      {"x/node_modules/a/node_modules/b/package.json", true, true},
      {"node_modules/.pnpm/a@1/node_modules/a/package.json", true, true},
      {"node_modules/a/lib/package.json", false, false},
      {"node_modules/@a/package.json", false, false},
      {"node_modules/package.json", false, false},
      {"opt/yarn-v1.22.19/package.json", true, true},
      {"opt/yarn-v1.22.19/lib/package.json", false, true},
      {"my_node_modules/a/package.json", false, true},
      {"app/package.json", false, true},
      {"package.json", false, true},
      {"package-lock.json", false, true},
      {"app/npm-shrinkwrap.json", false, true},
      {"yarn.lock", false, true},
      {"pnpm-lock.yaml", false, true},
      {"bun.lock", false, true},
      {"node_modules/a/yarn.lock", false, false},
      {"node_modules/.package-lock.json", false, false},
      {"package.jsonx", false, false},
      {"", false, false},
  };
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    assert_int_equal(npm_wants(str_from(paths[i].path), 0), paths[i].installed);
    assert_int_equal(npm_wants(str_from(paths[i].path), LOCKED), paths[i].locked);
  }
  language_refuse(npm_read, "yarn.lock", STR(""), INSTALLED, SW_EUSAGE, "not one of npm's", 0);
}

static void reads_installed_packages(void **state)
{
  (void)state;
  static const char path[] = "node_modules/@a/b/package.json";
  static const struct {
    struct str text;
    const char *expected;
  } texts[] = {
      {STR_INIT("{\"name\":\"@a/b\",\"version\":\"1.0.0\",\"license\":\"MIT\"}"),
       "@a/b@1.0.0 (MIT)\n"},
      {STR_INIT("\xEF\xBB\xBF{\"name\":\"a\",\"version\":\"1\",\"license\":{\"type\":\"ISC\"}}"),
       "a@1 (ISC)\n"},
      {STR_INIT("{\"name\":\"a\",\"version\":\"1\",\"licenses\":[{\"type\":\"MIT\"},\"BSD\",7]}"),
       "a@1 (MIT OR BSD)\n"},
      {STR_INIT("{\"name\":\"a\",\"version\":\"1\",\"license\":[]}"), "a@1\n"},
      {STR_INIT("{\"name\":\"a\",\"main\":\"x.js\"}"), ""},
      {STR_INIT("{\"type\":\"module\"}"), ""},
      {STR_INIT("[]"), ""},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    language_check(npm_read, path, texts[i].text, INSTALLED, texts[i].expected);
  language_check_purl(npm_read, path, texts[0].text, INSTALLED, "pkg:npm/%40a/b@1.0.0");
  language_refuse(npm_read, path, STR("{\"name\":"), INSTALLED, SW_EINVAL, "the text ends", 0);
  language_refuse(npm_read, path, STR("{\"name\":\"a\\n\",\"version\":\"1\"}"), INSTALLED,
                  SW_EINVAL, "the name of the package holds the byte 0x0a", 0);
}

static void reads_package_lock_1(void **state)
{
  (void)state;
  static const char text[] =
      "{\"lockfileVersion\":1,\"dependencies\":{"
      "\"a\":{\"version\":\"1.0.0\",\"dependencies\":{\"b\":{\"version\":\"0.9.0\"}}},"
      "\"b\":{\"version\":\"2.0.0\",\"dev\":true},"
      "\"c\":{\"version\":\"npm:@x/real@3.0.0\"},"
      "\"d\":{\"version\":\"1.0.0\",\"dev\":true,\"dependencies\":{\"b\":{\"version\":\"0.9.0\",\"dev\":true}}}}}";
  language_check(npm_read, "package-lock.json", str_from(text), LOCKED,
                 "a@1.0.0\nb@0.9.0\n@x/real@3.0.0\n");
  language_check(npm_read, "package-lock.json", str_from(text), ALL,
                 "a@1.0.0\nb@0.9.0\nb@2.0.0 development\n@x/real@3.0.0\nd@1.0.0 development\n");
}

static void reads_package_lock_3(void **state)
{
  (void)state;
  static const char text[] =
      "{\"lockfileVersion\":3,\"packages\":{"
      "\"\":{\"name\":\"me\",\"version\":\"9.9.9\",\"dependencies\":{\"a\":\"^1\",\"alias\":\"npm:real@1\"},"
      "\"devDependencies\":{\"t\":\"1\"}},"
      "\"node_modules/a\":{\"version\":\"1.0.0\",\"license\":\"MIT\"},"
      "\"node_modules/a/node_modules/b\":{\"version\":\"2.0.0\"},"
      "\"node_modules/b\":{\"version\":\"3.0.0\",\"dev\":true},"
      "\"node_modules/@s/c\":{\"version\":\"1.0.0\"},"
      "\"node_modules/@s/c/node_modules/a\":{\"version\":\"1.0.0\",\"dev\":true},"
      "\"node_modules/alias\":{\"name\":\"real\",\"version\":\"1.2.3\"},"
      "\"node_modules/t\":{\"version\":\"1.0.0\",\"dev\":true},"
      "\"node_modules/ws\":{\"resolved\":\"packages/ws\",\"link\":true},"
      "\"packages/ws\":{\"version\":\"0.1.0\"},"
      "\"packages/ws/node_modules/a\":{\"version\":\"0.5.0\"},"
      "\"packages/unlinked\":{\"version\":\"0.1.0\"}}}";
  language_check(
      npm_read, "package-lock.json", str_from(text), ALL,
      "a@1.0.0 (MIT)\nb@2.0.0 indirect\nb@3.0.0 indirect development\n@s/c@1.0.0 indirect\n"
      "real@1.2.3\nt@1.0.0 development\nws@0.1.0\na@0.5.0 indirect\n");
  language_check(npm_read, "npm-shrinkwrap.json", str_from(text), LOCKED,
                 "a@1.0.0 (MIT)\nb@2.0.0 indirect\n@s/c@1.0.0 indirect\nreal@1.2.3\nws@0.1.0\n"
                 "a@0.5.0 indirect\n");
  language_check(npm_read, "package-lock.json", STR("{\"packages\":{\"\":{}}}"), LOCKED, "");
  language_check(npm_read, "package-lock.json", STR("{}"), LOCKED, "");
  language_refuse(npm_read, "package-lock.json",
                  STR("{\"packages\":{\"node_modules/a\":{\"version\":\"1\\u0001\"},"
                      "\"node_modules/b\":{\"version\":\"1\"}}}"),
                  LOCKED, SW_EINVAL, "a: the version of the package holds", 1);
}

static void reads_yarn(void **state)
{
  (void)state;
  static const char classic[] = "# yarn lockfile v1\n\n\n"
                                "\"@a/b@^1.0.0\", \"@a/b@^1.1.0\":\n"
                                "  version \"1.1.0\"\n"
                                "  resolved \"https://registry.example/b.tgz\"\n"
                                "  dependencies:\n"
                                "    c \"^2.0.0\"\n"
                                "\n"
                                "c@^2.0.0, c@^2.1.0:\n"
                                "  version \"2.1.0\"\n"
                                "\n"
                                "alias@npm:real@^3:\n"
                                "  version \"3.0.0\"\n"
                                "\n"
                                "bare@npm:@s/real:\n"
                                "  version \"4.0.0\"\n"
                                "\n"
                                "\"local@file:../local\":\n"
                                "  version \"0.0.0\"\n"
                                "\n"
                                "\"q@^1\":\n"
                                "  \"version\" \"1.5.0\"\n";
  static const char berry[] = "__metadata:\n  version: 6\n\n"
                              "\"@a/b@npm:^1.0.0, @a/b@npm:^1.1.0\":\r\n"
                              "  version: 1.1.0\r\n"
                              "  resolution: \"@a/b@npm:1.1.0\"\r\n"
                              "  dependencies:\r\n"
                              "    c: \"npm:^2.0.0\"\r\n"
                              "  checksum: 00\r\n"
                              "\r\n"
                              "\"alias@npm:real@^3\":\n"
                              "  version: 3.0.0\n"
                              "  resolution: \"real@npm:3.0.0\"\n"
                              "\n"
                              "\"c@npm:^2.0.0\":\n"
                              "  version: 2.1.0\n"
                              "  resolution: \"c@npm:2.1.0\"\n"
                              "\n"
                              "\"c@patch:c@npm%3A^2.0.0#~builtin<c>\":\n"
                              "  version: 2.1.0\n"
                              "  resolution: \"c@patch:c@npm%3A2.1.0#~builtin<c>::version=2.1.0\"\n"
                              "\n"
                              "\"me@workspace:.\":\n"
                              "  version: 0.0.0-use.local\n"
                              "  resolution: \"me@workspace:.\"\n";
  language_check(npm_read, "yarn.lock", str_from(classic), LOCKED,
                 "@a/b@1.1.0\nc@2.1.0\nreal@3.0.0\n@s/real@4.0.0\nq@1.5.0\n");
  language_check(npm_read, "yarn.lock", str_from(berry), LOCKED,
                 "@a/b@1.1.0\nreal@3.0.0\nc@2.1.0\n");
  language_check(npm_read, "yarn.lock", STR(""), LOCKED, "");
  language_refuse(npm_read, "yarn.lock",
                  STR("a@^1:\n  resolved \"x\"\n\nb@^1:\n  version \"1.0.0\"\n"), LOCKED, SW_EINVAL,
                  "the entry has no version", 1);
  language_refuse(npm_read, "yarn.lock", STR("a:\n  version \"1\"\n"), LOCKED, SW_EINVAL,
                  "no entry of a package", 0);
}

static void reads_pnpm(void **state)
{
  (void)state;
  language_check(npm_read, "pnpm-lock.yaml",
                 STR("lockfileVersion: 5.4\n"
                     "dependencies:\n  a: 1.0.0\n  '@s/b': 2.0.0_a@1.0.0\n"
                     "packages:\n"
                     "  /a/1.0.0:\n    dev: false\n"
                     "  /@s/b/2.0.0_a@1.0.0:\n    dev: false\n"
                     "  registry.example/c/3.0.0:\n    dev: true\n"
                     "  github.com/x/d/0123:\n    name: d\n    version: 4.0.0\n    dev: false\n"
                     "  /e/not-a-version:\n    dev: false\n"),
                 ALL, "a@1.0.0\n@s/b@2.0.0\nc@3.0.0 indirect development\nd@4.0.0 indirect\n");
  language_check(npm_read, "pnpm-lock.yaml",
                 STR("lockfileVersion: '6.0'\n"
                     "importers:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n"
                     "        version: 1.0.0(p@2.0.0)\n      f:\n        specifier: file:f.tgz\n"
                     "        version: file:f.tgz\n"
                     "packages:\n"
                     "  /a@1.0.0(p@2.0.0):\n    dev: false\n"
                     "  /@s/b@2.0.0:\n    dev: true\n"
                     "  file:f.tgz:\n    name: f\n    version: 0.1.0\n    dev: false\n"),
                 ALL, "a@1.0.0\n@s/b@2.0.0 indirect development\nf@0.1.0\n");
  static const char nine[] =
      "---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    configDependencies: {}\n"
      "---\nlockfileVersion: '9.0'\n"
      "importers:\n"
      "  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(p@2.0.0)\n"
      "    devDependencies:\n      t:\n        specifier: ^1\n        version: 1.0.0\n"
      "      alias:\n        specifier: npm:r@1\n        version: r@1.0.0\n"
      "packages:\n"
      "  a@1.0.0:\n    resolution: {integrity: x}\n"
      "  g@https://codeload.example/g/tar.gz/01:\n    version: 5.0.0\n"
      "snapshots:\n"
      "  a@1.0.0(p@2.0.0):\n    dependencies:\n      p: 2.0.0\n"
      "      g: https://codeload.example/g/tar.gz/01\n"
      "  p@2.0.0: {}\n"
      "  t@1.0.0:\n    dependencies:\n      p: 2.0.0\n      u: 3.0.0\n"
      "  u@3.0.0: {}\n"
      "  r@1.0.0: {}\n"
      "  g@https://codeload.example/g/tar.gz/01: {}\n";
  language_check(npm_read, "pnpm-lock.yaml", str_from(nine), ALL,
                 "a@1.0.0\np@2.0.0 indirect\nt@1.0.0 development\nu@3.0.0 indirect development\n"
                 "r@1.0.0 development\ng@5.0.0 indirect\n");
  language_check(npm_read, "pnpm-lock.yaml", str_from(nine), LOCKED,
                 "a@1.0.0\np@2.0.0 indirect\ng@5.0.0 indirect\n");
  language_check(npm_read, "pnpm-lock.yaml", STR(""), LOCKED, "");
  language_refuse(npm_read, "pnpm-lock.yaml", STR("packages: {}\n"), LOCKED, SW_EINVAL,
                  "no lockfileVersion", 0);
  language_refuse(npm_read, "pnpm-lock.yaml", STR("a: [\n"), LOCKED, SW_EINVAL, "", 0);
}

static void reads_bun(void **state)
{
  (void)state;
  static const char text[] =
      "{\n  \"lockfileVersion\": 1,\n  \"workspaces\": {\n"
      "    \"\": { \"name\": \"me\", \"dependencies\": { \"a\": \"^1\", }, \"devDependencies\": { \"t\": \"1\" },},\n"
      "    \"packages/w\": { \"name\": \"w\", \"version\": \"0.1.0\", \"dependencies\": { \"c\": \"2\" } },\n"
      "  },\n  \"packages\": {\n"
      "    \"a\": [\"a@1.0.0\", \"\", { \"dependencies\": { \"c\": \"^1\" } }, \"sha512-x\"],\n"
      "    \"a/c\": [\"c@1.0.0\", \"\", {}, \"sha512-x\"],\n"
      "    \"c\": [\"c@2.0.0\", \"\", {}, \"sha512-x\"],\n"
      "    \"t\": [\"t@1.0.0\", \"\", { \"dependencies\": { \"@s/u\": \"1\" } }, \"sha512-x\"],\n"
      "    \"@s/u\": [\"@s/u@1.0.0\", \"\", {}, \"sha512-x\"],\n"
      "    \"l\": [\"l@link:../l\"],\n"
      "    \"w\": [\"w@workspace:packages/w\"],\n"
      "  }\n}\n";
  language_check(npm_read, "bun.lock", str_from(text), ALL,
                 "a@1.0.0\nc@1.0.0 indirect\nc@2.0.0\nt@1.0.0 development\n"
                 "@s/u@1.0.0 indirect development\nw@0.1.0\n");
  language_check(npm_read, "bun.lock", str_from(text), LOCKED,
                 "a@1.0.0\nc@1.0.0 indirect\nc@2.0.0\nw@0.1.0\n");
  language_check(npm_read, "bun.lock", STR("{}"), LOCKED, "");
}

/* package.json of a project is no package; what it asks for is kept for later. */
static void keeps_what_a_project_asks_for(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  arena_init(&arena, 0);
  package_list_init(&list, &arena, LOCKED);
  assert_int_equal(language_read_text(
                       npm_read, "app/package.json",
                       STR("{\"name\":\"me\",\"version\":\"1.0.0\",\"license\":\"MIT\","
                           "\"dependencies\":{\"a\":\"^1\",\"x\":\"npm:real@^2\",\"n\":\"npm:^3\"},"
                           "\"devDependencies\":{\"t\":\"\"},\"workspaces\":[\"packages/*\"]}"),
                       &list, NULL),
                   0);
  assert_int_equal(list.count, 0);
  assert_int_equal(list.notes.count, 1);
  const struct package_note *note = &list.notes.items[0];
  static const char *const expected[] = {"+a@^1", "+real@^2",    "+n@^3",
                                         "-t@*",  "*packages/*", "=me@1.0.0"};
  assert_int_equal(note->kind, PACKAGE_NOTE_PROJECT);
  assert_str(note->path, "app/package.json");
  assert_str(note->license, "MIT");
  assert_int_equal(note->file_count, 6);
  for (size_t i = 0; i < 6; i++)
    assert_str(note->files[i], expected[i]);
  package_list_free(&list);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants),
      cmocka_unit_test(reads_installed_packages),
      cmocka_unit_test(reads_package_lock_1),
      cmocka_unit_test(reads_package_lock_3),
      cmocka_unit_test(reads_yarn),
      cmocka_unit_test(reads_pnpm),
      cmocka_unit_test(reads_bun),
      cmocka_unit_test(keeps_what_a_project_asks_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
