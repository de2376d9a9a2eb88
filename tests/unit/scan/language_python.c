#include "language_test.h"

#include "scan/language/python.h"
#include "zip_make.h"

static void says_what_it_wants(void **state)
{
  (void)state;
  static const struct {
    const char *path;
    bool installed, locked;
  } paths[] = {
      {"usr/lib/python3/dist-packages/a-1.0.dist-info/METADATA", true, true},
      {"x/a.egg-info/PKG-INFO", true, true},
      {"x/a.egg-info/METADATA", true, true},
      {"x/a-1.0.egg-info", true, true},
      {"x/a.egg/EGG-INFO/PKG-INFO", true, true},
      {"x/a-1.0-py3.egg", true, true},
      {"x/METADATA", false, false},
      {"x/PKG-INFO", false, false},
      {"x/a.dist-info/RECORD", false, false},
      {"x/a.dist-info/licenses/METADATA", false, false},
      {"requirements.txt", false, true},
      {"app/requirements-dev.txt", false, true},
      {"Pipfile.lock", false, true},
      {"poetry.lock", false, true},
      {"pdm.lock", false, true},
      {"uv.lock", false, true},
      {"pylock.toml", false, true},
      {"pylock.web.toml", false, true},
      {"pylock.", false, false},
      {"pyproject.toml", false, true},
      {"requirements.in", false, false},
      {"", false, false},
  };
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    assert_int_equal(python_wants(str_from(paths[i].path), 0), paths[i].installed);
    assert_int_equal(python_wants(str_from(paths[i].path), LOCKED), paths[i].locked);
  }
  language_refuse(python_read, "uv.lock", STR(""), INSTALLED, SW_EUSAGE, "not one of Python's", 0);
}

static void reads_installed_packages(void **state)
{
  (void)state;
  static const char path[] = "lib/A_b.C-1.0.dist-info/METADATA";
  static const struct {
    struct str text;
    const char *expected;
  } texts[] = {
      {STR_INIT("Metadata-Version: 2.1\r\nName: A_b.C\r\nVersion: 1.0\r\n\r\nName: prose\r\n"),
       "A_b.C@1.0\n"},
      {STR_INIT("Name: a\nVersion: 1\nLicense: MIT\n"), "a@1 (MIT)\n"},
      {STR_INIT("name: a\nVERSION: 1\nLicense: UNKNOWN\n"), "a@1\n"},
      {STR_INIT(
           "Name: a\nVersion: 1\nLicense: Permission is\n        hereby granted\nSummary: x\n"),
       "a@1\n"},
      {STR_INIT("Name: a\nVersion: 1\nLicense: see file\n"
                "Classifier: License :: OSI Approved\n"
                "Classifier: License :: OSI Approved :: MIT License\n"
                "Classifier: License :: Public Domain\n"
                "Classifier: Topic :: Software\n"),
       "a@1 (MIT License, Public Domain)\n"},
      {STR_INIT("Name: a\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n"
                "License-Expression: MIT OR ISC\n"),
       "a@1 (MIT OR ISC)\n"},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    language_check(python_read, path, texts[i].text, INSTALLED, texts[i].expected);
  language_check_purl(python_read, path, texts[0].text, INSTALLED, "pkg:pypi/a-b.c@1.0");
  language_refuse(python_read, path, STR("Name: a\n\nVersion: 1\n"), INSTALLED, SW_EINVAL,
                  "no Version", 0);
  language_check(python_read, path, STR("Name: a\nVersion: 1\nLicense: \xFF\n"), INSTALLED,
                 "a@1\n");
  language_refuse(python_read, path, STR("Name: \xFF\nVersion: 1\n"), INSTALLED, SW_EINVAL,
                  "is not UTF-8", 0);
  language_refuse(python_read, path, STR(""), INSTALLED, SW_EINVAL, "no Name", 0);
}

static void reads_eggs(void **state)
{
  (void)state;
  struct zip_made zip = {0}, other = {0}, bad = {0};
  struct str metadata = STR("Name: a\nVersion: 1.0\nLicense: MIT\n");
  zip_add(&zip, "a/__init__.py", STR("x"), ZIP_STORED);
  zip_add(&zip, "EGG-INFO/PKG-INFO", metadata, ZIP_DEFLATED);
  zip_add(&zip, "EGG-INFO/SOURCES.txt", STR("y"), ZIP_STORED);
  zip_end(&zip);
  zip_add(&other, "a/EGG-INFO/PKG-INFO", metadata, ZIP_STORED);
  zip_end(&other);
  zip_add(&bad, "EGG-INFO/PKG-INFO", metadata, ZIP_DEFLATED | ZIP_WRONG_SUM);
  zip_end(&bad);
  language_check(python_read, "x/a-1.0-py3.egg", buf_str(&zip.bytes), INSTALLED, "a@1.0 (MIT)\n");
  language_check(python_read, "x/a-1.0-py3.egg", buf_str(&other.bytes), INSTALLED, "");
  language_check(python_read, "x/a-1.0-py3.egg", STR("not a zip file"), INSTALLED, "");
  language_refuse(python_read, "x/a-1.0-py3.egg", buf_str(&bad.bytes), INSTALLED, SW_EINVAL, "", 0);
  language_refuse(python_read, "x/a-1.0-py3.egg", STR("PK\3\4"), INSTALLED, SW_EINVAL, "", 0);
  zip_made_free(&zip);
  zip_made_free(&other);
  zip_made_free(&bad);
}

static void reads_requirements(void **state)
{
  (void)state;
  language_check(
      python_read, "requirements.txt",
      STR("# comment\n-r other.txt\n--index-url https://x\n"
          "a==1.0\n  B.c [x, y] == 2.0 ; python_version < '3'\r\n"
          "c>=1,==1.5,<2\nd===3.0\ne (==4.0)\nf==5.0 # why\ng==6.0#why\n"
          "h==7.0 --hash=sha256:00\ni==8.0 \\\n    --hash=sha256:00 \\\n  --hash=sha256:x==1\n"
          "j>=1\nk\nl==1.*\nm @ https://x/m.zip\n./local\nn==$VERSION\no==1!2.0\n"),
      LOCKED, "a@1.0\nB.c@2.0\nc@1.5\nd@3.0\ne@4.0\nf@5.0\ng@6.0\nh@7.0\ni@8.0\no@1!2.0\n");
  language_check(python_read, "requirements.txt",
                 STR("\xFF\xFE"
                     "a\0=\0=\0"
                     "1\0\r\0\n\0"
                     "b\0=\0=\0"
                     "2\0"),
                 LOCKED, "a@1\nb@2\n");
  language_check(python_read, "requirements.txt",
                 STR("\xFE\xFF"
                     "\0a\0=\0=\0"
                     "1"),
                 LOCKED, "a@1\n");
  language_check(python_read, "requirements.txt",
                 STR("\xEF\xBB\xBF"
                     "a==1"),
                 LOCKED, "a@1\n");
  language_check(python_read, "requirements-dev.txt", STR("a==1"), LOCKED, "");
  language_check(python_read, "requirements_test.txt", STR("a==1"), ALL, "a@1 development\n");
}

static void reads_pipfile_lock(void **state)
{
  (void)state;
  static const char text[] =
      "{\"_meta\":{},\"default\":{\"A_b\":{\"version\":\"==1.0\"},\"g\":{\"git\":\"x\",\"ref\":\"y\"}},"
      "\"develop\":{\"t\":{\"version\":\"==2.0\"},\"a-b\":{\"version\":\"==1.0\"}}}";
  language_check(python_read, "Pipfile.lock", str_from(text), LOCKED, "a-b@1.0\n");
  language_check(python_read, "Pipfile.lock", str_from(text), ALL, "a-b@1.0\nt@2.0 development\n");
  language_refuse(python_read, "Pipfile.lock", STR("{"), LOCKED, SW_EINVAL, "ends", 0);
}

static void reads_poetry_lock(void **state)
{
  (void)state;
  static const char text[] =
      "[[package]]\nname = \"a\"\nversion = \"1.0\"\ncategory = \"main\"\n"
      "[package.dependencies]\nB_c = \"*\"\n"
      "[[package]]\nname = \"b-c\"\nversion = \"1.0\"\ngroups = [\"main\", \"dev\"]\n"
      "[[package]]\nname = \"b-c\"\nversion = \"2.0\"\ngroups = [\"main\"]\n"
      "[[package]]\nname = \"d\"\nversion = \"1.0\"\ncategory = \"dev\"\n"
      "[[package]]\nname = \"e\"\nversion = \"1.0\"\ngroups = [\"dev\"]\n";
  language_check(python_read, "poetry.lock", str_from(text), LOCKED, "a@1.0\nb-c@1.0\nb-c@2.0\n");
  language_check(python_read, "poetry.lock", str_from(text), ALL,
                 "a@1.0\nb-c@1.0\nb-c@2.0\nd@1.0 development\ne@1.0 development\n");
  language_refuse(python_read, "poetry.lock", STR("[[package]]\nname = a\n"), LOCKED, SW_EINVAL,
                  "is no value", 0);
}

static void reads_pdm_lock(void **state)
{
  (void)state;
  static const char text[] =
      "[[package]]\nname = \"a\"\nversion = \"1.0\"\ngroups = [\"default\", \"dev\"]\n"
      "[[package]]\nname = \"b\"\nversion = \"1.0\"\ngroups = [\"dev-lint\", \"tests\"]\n"
      "[[package]]\nname = \"c\"\nversion = \"1.0\"\ngroups = [\"http\"]\n"
      "[[package]]\nname = \"d\"\nversion = \"1.0\"\n";
  language_check(python_read, "pdm.lock", str_from(text), LOCKED, "a@1.0\nc@1.0\nd@1.0\n");
  language_check(python_read, "pdm.lock", str_from(text), ALL,
                 "a@1.0\nb@1.0 development\nc@1.0\nd@1.0\n");
}

static void reads_uv_lock(void **state)
{
  (void)state;
  static const char text[] =
      "version = 1\n"
      "[[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = { registry = \"x\" }\n"
      "dependencies = [{ name = \"b\" }]\n"
      "[[package]]\nname = \"b\"\nversion = \"1.0\"\n"
      "[[package]]\nname = \"b\"\nversion = \"2.0\"\n"
      "[[package]]\nname = \"me\"\nversion = \"0.1\"\nsource = { editable = \".\" }\n"
      "dependencies = [{ name = \"a\" }]\n"
      "[package.optional-dependencies]\nextra = [{ name = \"o\" }]\n"
      "[package.dev-dependencies]\ndev = [{ name = \"t\" }, { name = \"b\" }]\n"
      "[[package]]\nname = \"o\"\nversion = \"1.0\"\n"
      "[[package]]\nname = \"t\"\nversion = \"1.0\"\ndependencies = [{ name = \"u\" }]\n"
      "[[package]]\nname = \"u\"\nversion = \"1.0\"\n"
      "[[package]]\nname = \"v\"\nsource = { virtual = \"v\" }\n";
  language_check(python_read, "uv.lock", str_from(text), ALL,
                 "a@1.0\nb@1.0\nb@2.0 indirect\nme@0.1\no@1.0\nt@1.0 development\n"
                 "u@1.0 indirect development\n");
  language_check(python_read, "uv.lock", str_from(text), LOCKED,
                 "a@1.0\nb@1.0\nb@2.0 indirect\nme@0.1\no@1.0\n");
}

static void reads_pylock(void **state)
{
  (void)state;
  language_check(python_read, "pylock.toml",
                 STR("lock-version = \"1.0\"\n[[packages]]\nname = \"A_b\"\nversion = \"1.0\"\n"
                     "[[packages]]\nname = \"vcs\"\n[packages.vcs]\nurl = \"x\"\n"),
                 LOCKED, "a-b@1.0\n");
  language_check(python_read, "pylock.toml", STR("packages = 1"), LOCKED, "");
}

static void keeps_what_a_project_asks_for(void **state)
{
  (void)state;
  struct arena arena;
  struct package_list list;
  static const char *const expected[] = {"+a-b", "+c", "+d", "-e", "-f", "-g"};
  arena_init(&arena, 0);
  package_list_init(&list, &arena, LOCKED);
  assert_int_equal(
      language_read_text(python_read, "pyproject.toml",
                         STR("[project]\ndependencies = [\"A_b[x]>=1\"]\n"
                             "[project.optional-dependencies]\nx = [\"c\"]\n"
                             "[tool.poetry.dependencies]\npython = \"^3\"\nd = \"1\"\n"
                             "[tool.poetry.dev-dependencies]\ne = \"1\"\n"
                             "[tool.poetry.group.test.dependencies]\nf = \"1\"\n"
                             "[dependency-groups]\ndev = [\"g>1\", {include-group = \"x\"}]\n"),
                         &list, NULL),
      0);
  assert_int_equal(list.count, 0);
  assert_int_equal(list.notes.count, 1);
  assert_int_equal(list.notes.items[0].file_count, 6);
  for (size_t i = 0; i < 6; i++)
    assert_str(list.notes.items[0].files[i], expected[i]);
  package_list_free(&list);
  arena_free(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(says_what_it_wants), cmocka_unit_test(reads_installed_packages),
      cmocka_unit_test(reads_eggs),         cmocka_unit_test(reads_requirements),
      cmocka_unit_test(reads_pipfile_lock), cmocka_unit_test(reads_poetry_lock),
      cmocka_unit_test(reads_pdm_lock),     cmocka_unit_test(reads_uv_lock),
      cmocka_unit_test(reads_pylock),       cmocka_unit_test(keeps_what_a_project_asks_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
