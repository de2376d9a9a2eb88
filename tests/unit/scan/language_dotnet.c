#include "../test.h"

#include "base/buf.h"
#include "base/mem.h"
#include "scan/language/dotnet.h"

struct project {
  struct arena arena;
  struct package_list list;
  struct error err;
  int rc;
};

static void read_file(struct project *p, const char *path, const char *text, unsigned flags)
{
  arena_init(&p->arena, 0);
  package_list_init(&p->list, &p->arena, flags);
  p->rc = dotnet_read(str_from(path), 3, str_from(text), &p->list, &p->err);
}

static void end(struct project *p)
{
  package_list_free(&p->list);
  arena_free(&p->arena);
}

/* "name version" of each, "~" before indirect ones, "*" before those for development. */
static void assert_packages(struct project *p, const char *expected)
{
  struct buf out = {0};
  for (size_t i = 0; i < p->list.count; i++) {
    const struct package *one = &p->list.items[i];
    buf_printf(&out, "%s%s%s%.*s %.*s", i ? ", " : "", one->indirect ? "~" : "",
               one->development ? "*" : "", STR_FMT(one->name), STR_FMT(one->version.text));
  }
  assert_str(buf_str(&out), expected);
  buf_free(&out);
}

static const char deps[] =
    "\xef\xbb\xbf{\"runtimeTarget\":{\"name\":\".NETCoreApp,Version=v6.0/linux-x64\"},"
    "\"targets\":{\".NETCoreApp,Version=v6.0\":{},"
    "\".NETCoreApp,Version=v6.0/linux-x64\":{"
    "\"App/1.0.0\":{\"dependencies\":{\"Newtonsoft.Json\":\"13.0.1\",\"Lib\":\"1.0.0\"},\"runtime\":{\"App.dll\":{}}},"
    "\"Lib/1.0.0\":{\"dependencies\":{\"Deep\":\"2.0.0\"},\"runtime\":{\"Lib.dll\":{}}},"
    "\"Newtonsoft.Json/13.0.1\":{\"runtime\":{\"lib/Newtonsoft.Json.dll\":{}}},"
    "\"Deep/2.0.0\":{\"native\":{\"deep.so\":{}}},"
    "\"Compile/3.0.0\":{\"compile\":{\"x.dll\":{}}},"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.11\":{\"runtime\":{\"a.dll\":{}}}}},"
    "\"libraries\":{"
    "\"App/1.0.0\":{\"type\":\"project\"},"
    "\"Lib/1.0.0\":{\"type\":\"project\"},"
    "\"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.11\":{\"type\":\"runtimepack\"},"
    "\"Newtonsoft.Json/13.0.1\":{\"type\":\"package\"},"
    "\"Deep/2.0.0\":{\"type\":\"Package\"},"
    "\"Compile/3.0.0\":{\"type\":\"package\"},"
    "\"NotInTarget/4.0.0\":{\"type\":\"package\"},"
    "\"Reference/5.0.0\":{\"type\":\"reference\"},"
    "\"NoVersion\":{\"type\":\"package\"}}}";

static void reads_what_a_program_loads(void **state)
{
  (void)state;
  struct project p;
  read_file(&p, "app/App.deps.json", deps, 0);
  assert_int_equal(p.rc, 0);
  assert_packages(&p, "App 1.0.0, Lib 1.0.0, ~Microsoft.NETCore.App.Runtime.linux-x64 6.0.11, "
                      "Newtonsoft.Json 13.0.1, ~Deep 2.0.0, ~NotInTarget 4.0.0");
  assert_int_equal(p.list.items[3].type, PACKAGE_NUGET);
  assert_str(p.list.items[3].purl, "pkg:nuget/Newtonsoft.Json@13.0.1");
  assert_str(p.list.items[3].path, "app/App.deps.json");
  assert_int_equal(p.list.items[3].layer, 3);
  end(&p);
  /* Without a target, everything counts. */
  read_file(
      &p, "a.deps.json",
      "{\"libraries\":{\"A/1.0.0\":{\"type\":\"package\"},\"B/1.0.0\":{\"type\":\"project\"}}}", 0);
  assert_int_equal(p.rc, 0);
  assert_packages(&p, "A 1.0.0, B 1.0.0");
  end(&p);
}

static void reads_locked_packages(void **state)
{
  (void)state;
  struct project p;
  read_file(&p, "packages.lock.json",
            "{\"version\":1,\"dependencies\":{"
            "\"net5.0\":{\"A\":{\"type\":\"Transitive\",\"resolved\":\"1.0.0\"},"
            "\"B\":{\"type\":\"Direct\",\"resolved\":\"2.0.0\"},"
            "\"mine\":{\"type\":\"Project\"}},"
            "\"net6.0\":{\"A\":{\"type\":\"Direct\",\"resolved\":\"1.0.0\"},"
            "\"B\":{\"type\":\"CentralTransitive\",\"resolved\":\"2.1.0\"}}}}",
            PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(p.rc, 0);
  assert_packages(&p, "A 1.0.0, B 2.0.0, ~B 2.1.0");
  end(&p);
  read_file(
      &p, "packages.lock.json",
      "{\"dependencies\":{\"x\":{\n\"A\":{\"type\":\"Direct\"},\n\"B\":{\"type\":\"Direct\",\"resolved\":\"2.0.0\"}}}}",
      PACKAGE_LIST_LOCK_FILES);
  assert_error(p.err, SW_EINVAL, "the version of the package is missing");
  assert_int_equal(p.err.line, 2);
  assert_packages(&p, "B 2.0.0");
  end(&p);
}

static void reads_what_a_restore_found(void **state)
{
  (void)state;
  struct project p;
  read_file(&p, "obj/project.assets.json",
            "{\"libraries\":{\"A/1.0.0\":{\"type\":\"package\"},\"B/2.0.0\":{\"type\":\"package\"},"
            "\"mine/1.0.0\":{\"type\":\"project\"}},"
            "\"projectFileDependencyGroups\":{\"net6.0\":[\"A >= 1.0.0\"]}}",
            PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(p.rc, 0);
  assert_packages(&p, "A 1.0.0, ~B 2.0.0");
  end(&p);
}

static void reads_packages_config(void **state)
{
  (void)state;
  const char *text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<packages>\n"
                     "<package id=\"A\" version=\"1.0.0\" targetFramework=\"net45\" />\n"
                     "<package id=\"B\" version=\"2.0.0\" developmentDependency=\"true\" />\n"
                     "<package version=\"2.0.0\" />\n<package id=\"C\"/>\n</packages>";
  struct project p;
  read_file(&p, "packages.config", text, PACKAGE_LIST_LOCK_FILES);
  assert_error(p.err, SW_EINVAL, "the version of the package is missing");
  assert_int_equal(p.err.line, 6);
  assert_packages(&p, "A 1.0.0");
  end(&p);
  read_file(&p, "packages.config", text, PACKAGE_LIST_LOCK_FILES | PACKAGE_LIST_DEVELOPMENT);
  assert_packages(&p, "A 1.0.0, *B 2.0.0");
  end(&p);
}

static void reads_central_versions(void **state)
{
  (void)state;
  struct project p;
  read_file(&p, "Directory.Packages.props",
            "<Project><ItemGroup><PackageVersion Include=\"A\" Version=\" 1.0.0 \"/>"
            "<PackageReference Update=\"B\" Version=\"2.0.0\"/>"
            "<PackageVersion Include=\"C\"><Version>3.0.0</Version></PackageVersion>"
            "<PackageVersion Include=\"V\" Version=\"$(SomeVersion)\"/>"
            "<PackageVersion Include=\"A\" Version=\"1.0.0\"/>"
            "<PackageVersion Include=\"None\"/><Other Include=\"O\" Version=\"1\"/></ItemGroup>"
            "<PackageVersion Include=\"Outside\" Version=\"1\"/></Project>",
            PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(p.rc, 0);
  assert_packages(&p, "A 1.0.0, B 2.0.0, C 3.0.0");
  end(&p);
}

static void tells_what_is_wrong(void **state)
{
  (void)state;
  static const char *const paths[] = {"a.deps.json", "packages.lock.json", "project.assets.json",
                                      "packages.config", "a.Packages.props"};
  struct project p;
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    read_file(&p, paths[i], "{<", PACKAGE_LIST_LOCK_FILES);
    assert_int_equal(p.rc, SW_EINVAL);
    assert_int_equal(p.err.line, 1);
    end(&p);
    read_file(&p, paths[i], i < 3 ? "{}" : "<a/>", PACKAGE_LIST_LOCK_FILES);
    assert_int_equal(p.rc, 0);
    assert_int_equal(p.list.count, 0);
    end(&p);
  }
  for (size_t i = 0; i < 3; i++) {
    read_file(&p, paths[i], "[1]", PACKAGE_LIST_LOCK_FILES);
    assert_int_equal(p.list.count, 0);
    end(&p);
  }
  read_file(&p, "other.json", "{}", PACKAGE_LIST_LOCK_FILES);
  assert_int_equal(p.rc, SW_EUNSUPPORTED);
  end(&p);
}

static void says_what_it_wants(void **state)
{
  (void)state;
  unsigned locks = PACKAGE_LIST_LOCK_FILES;
  assert_true(dotnet_wants(STR("app/a.deps.json"), 0));
  assert_false(dotnet_wants(STR("packages.lock.json"), 0));
  assert_true(dotnet_wants(STR("packages.lock.json"), locks));
  assert_true(dotnet_wants(STR("x/Packages.config"), locks));
  assert_true(dotnet_wants(STR("x/Directory.Packages.props"), locks));
  assert_true(dotnet_wants(STR("obj/project.assets.json"), locks));
  assert_false(dotnet_wants(STR("obj/my.packages.lock.json"), locks));
  assert_false(dotnet_wants(STR("deps.json"), locks));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_a_program_loads), cmocka_unit_test(reads_locked_packages),
      cmocka_unit_test(reads_what_a_restore_found), cmocka_unit_test(reads_packages_config),
      cmocka_unit_test(reads_central_versions),     cmocka_unit_test(tells_what_is_wrong),
      cmocka_unit_test(says_what_it_wants),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
