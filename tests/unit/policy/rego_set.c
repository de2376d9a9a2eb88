#include "../test.h"

#include "base/buf.h"
#include "data/json_write.h"
#include "policy/rego_set.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test works in a directory of its own. */
static char directory[64];

static int setup(void **state)
{
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/seawall-set-XXXXXX");
  assert_non_null(mkdtemp(directory));
  return chdir(directory);
}

static int teardown(void **state)
{
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -r %s", directory);
  return chdir("/") == 0 && system(command) == 0 ? 0 : 1;
}

/* Makes the directories that are missing, too. */
static void put(const char *path, const char *text)
{
  char part[512];
  for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    mkdir(part, 0755);
  }
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static struct rego_set *load(const struct rego_set_options *options, enum rego_set_kind kind,
                             const char *const *paths)
{
  struct rego_set *set = rego_set_new(options);
  for (size_t i = 0; paths[i]; i++)
    rego_set_add(set, paths[i], kind, NULL);
  return set;
}

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_data(struct rego_set *set, const char *expected)
{
  struct error err = {0};
  if (rego_set_finish(set, &err) < 0)
    fail_msg("%s", err.message);
  struct buf text = {0};
  json_write(&text, rego_set_data(set), 0);
  assert_str(buf_str(&text), expected);
  buf_free(&text);
}

static void assert_modules(struct rego_set *set, const char *expected)
{
  struct buf text = {0};
  uint32_t count;
  const struct rego_module *const *modules = rego_set_modules(set, &count);
  for (uint32_t i = 0; i < count; i++)
    buf_printf(&text, "%s%.*s", i ? " " : "", STR_FMT(modules[i]->name));
  assert_str(buf_str(&text), expected);
  buf_free(&text);
}

static void assert_problem(struct rego_set *set, size_t i, const char *part)
{
  const struct rego_set_problem *p = rego_set_problem(set, i);
  assert_non_null(p);
  if (str_find(p->message, 0, str_from(part)) < 0)
    fail_msg("problem \"%.*s\" lacks \"%s\"", STR_FMT(p->message), part);
}

/* ---- files and directories */

static void mounts_documents_by_directories(void **state)
{
  (void)state;
  put("d/a.rego", "package a");
  put("d/any.json", "{\"top\": 1}");
  put("d/shop/prices/x.json", "{\"a\": 1}");
  put("d/shop/prices/y.yaml", "b: 2\n");
  put("d/shop/list.yml", "names: [x]\n");
  put("d/shop/README.md", "passed over");
  put("d/deep/z.json", "[1]");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("d"));
  assert_data(set, "{\"top\":1,\"deep\":[1],\"shop\":{\"names\":[\"x\"],"
                   "\"prices\":{\"a\":1,\"b\":2}}}");
  assert_modules(set, "d/a.rego");
  rego_set_free(set);
}

static void mounts_documents_by_prefix(void **state)
{
  (void)state;
  put("x.json", "{\"a\": 1}");
  put("d/e/y.json", "2");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("k.l:x.json", "k:d", "file://x.json"));
  assert_data(set, "{\"k\":{\"l\":{\"a\":1},\"e\":2},\"a\":1}");
  rego_set_free(set);
}

static void loads_a_module_once_and_in_order_of_names(void **state)
{
  (void)state;
  put("d/b.rego", "package b");
  put("d/a/a.rego", "package a");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("d/b.rego", "./d", "d"));
  assert_data(set, "{}");
  assert_modules(set, "d/a/a.rego d/b.rego");
  rego_set_free(set);
}

static void recognises_files_that_were_named(void **state)
{
  (void)state;
  put("policy", "package p\nq := 1");
  put("values", "a: 1\n");
  put("text", "just: [words");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("policy", "values"));
  assert_data(set, "{\"a\":1}");
  assert_modules(set, "policy");
  rego_set_free(set);
  set = load(NULL, REGO_SET_FILES, PATHS("text"));
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "text: is neither a Rego module nor JSON nor YAML");
  rego_set_free(set);
}

static void leaves_out_what_is_ignored(void **state)
{
  (void)state;
  put("d/a.rego", "package a");
  put("d/a_test.rego", "package a_test");
  put("d/.git/x.rego", "package broken broken");
  put("d/x/y.json", "{\"a\": 1}");
  const char *const patterns[] = {".*", "?"};
  const struct rego_set_options options = {
      .ignore = patterns, .ignore_count = 2, .without_tests = true};
  struct rego_set *set = load(&options, REGO_SET_FILES, PATHS("d"));
  assert_data(set, "{}");
  assert_modules(set, "d/a.rego");
  rego_set_free(set);
  const struct rego_set_options with_tests = {.ignore = patterns, .ignore_count = 1};
  set = load(&with_tests, REGO_SET_FILES, PATHS("d"));
  assert_data(set, "{\"x\":{\"a\":1}}");
  assert_modules(set, "d/a.rego d/a_test.rego");
  rego_set_free(set);
}

static void passes_documents_over_if_modules_are_meant(void **state)
{
  (void)state;
  put("d/a.rego", "package a");
  put("d/b.json", "not JSON");
  const struct rego_set_options options = {.modules_only = true};
  struct rego_set *set = load(&options, REGO_SET_FILES, PATHS("d", "d/b.json"));
  assert_data(set, "{}");
  assert_modules(set, "d/a.rego");
  rego_set_free(set);
}

static void parses_the_version_that_was_asked_for(void **state)
{
  (void)state;
  put("v0.rego", "package a\np { true }");
  const struct rego_set_options v0 = {.version = REGO_V0};
  struct rego_set *set = load(&v0, REGO_SET_FILES, PATHS("v0.rego"));
  assert_data(set, "{}");
  rego_set_free(set);
  set = load(NULL, REGO_SET_FILES, PATHS("v0.rego"));
  assert_int_equal(rego_set_finish(set, NULL), SW_EINVAL);
  assert_true(rego_set_problem(set, 0)->syntax);
  assert_int_equal(rego_set_problem(set, 0)->rego.place.line, 2);
  assert_str(rego_set_problem(set, 0)->rego.file, "v0.rego");
  rego_set_free(set);
}

/* ---- what may be wrong */

static void keeps_all_problems(void **state)
{
  (void)state;
  put("d/a.rego", "package a\np := }\n");
  put("d/b.rego", "p := 1\n");
  put("d/c.json", "{\"a\": }");
  put("d/d.yaml", "a: 1\n---\nb: 1\n");
  put("d/good.rego", "package good");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("d", "nowhere"));
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "d/a.rego:2: rego_parse_error: ");
  assert_int_equal(err.line, 2);
  assert_int_equal(rego_set_problem_count(set), 5);
  assert_problem(set, 1, "package");
  assert_problem(set, 2, "d/c.json:1:7: ");
  assert_problem(set, 3, "d/d.yaml:3:1: a second YAML document");
  assert_problem(set, 4, "nowhere: ");
  assert_int_equal(rego_set_problem(set, 4)->code, SW_ENOENT);
  assert_false(rego_set_problem(set, 4)->syntax);
  assert_null(rego_set_problem(set, 5));
  uint32_t count;
  rego_set_modules(set, &count);
  assert_int_equal(count, 0);
  assert_int_equal(rego_set_data(set).type, VALUE_ABSENT);
  rego_set_free(set);
}

static void tells_both_places_of_a_conflict(void **state)
{
  (void)state;
  put("a.json", "{\"x\": {\"y z\": {\"k\": 1},\n \"same\": {\"a\": 1}}}");
  put("b.yaml", "x:\n  same: {b: 2}\n  y z: 5\n");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("a.json", "b.yaml"));
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EINVAL);
  assert_int_equal(rego_set_problem_count(set), 1);
  assert_error(err, SW_EINVAL, "a.json:1:15 and b.yaml:3:8 both give data.x[\"y z\"] a value");
  rego_set_free(set);
}

static void asks_for_an_object_at_the_root(void **state)
{
  (void)state;
  put("list.json", "[1]");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("list.json"));
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "list.json: is an array");
  rego_set_free(set);
}

static void tells_a_pattern_that_is_none(void **state)
{
  (void)state;
  const char *const patterns[] = {"[a"};
  const struct rego_set_options options = {.ignore = patterns, .ignore_count = 1};
  struct rego_set *set = rego_set_new(&options);
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EUSAGE);
  assert_error(err, SW_EUSAGE, "--ignore \"[a\"");
  rego_set_free(set);
}

static void takes_modules_from_memory(void **state)
{
  (void)state;
  struct rego_set *set = rego_set_new(NULL);
  char name[] = "memory.rego", text[] = "package m\np := 1";
  assert_int_equal(rego_set_add_module(set, str_from(name), str_from(text), NULL), 0);
  memset(name, 'x', sizeof name - 1);
  memset(text, 'x', sizeof text - 1);
  struct error err;
  assert_int_equal(rego_set_add_module(set, STR("bad"), STR("package"), &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "bad:1: rego_parse_error");
  rego_set_free(set);
  set = rego_set_new(NULL);
  assert_int_equal(rego_set_add_module(set, STR("m.rego"), STR("package m"), NULL), 0);
  assert_data(set, "{}");
  assert_modules(set, "m.rego");
  rego_set_free(set);
}

/* ---- bundles */

static void loads_directories_as_bundles(void **state)
{
  (void)state;
  put("b/p.rego", "package shop.p");
  put("b/shop/data.json", "{\"x\": 1}");
  put("b/shop/other.json", "passed over");
  put("b/.manifest", "{\"revision\": \"r\", \"roots\": [\"shop\"], \"metadata\": {\"m\": 1}}");
  struct rego_set *set = load(NULL, REGO_SET_BUNDLE, PATHS("b"));
  assert_data(set, "{\"shop\":{\"x\":1},\"system\":{\"bundles\":{\"b\":{\"manifest\":{\"revision\":"
                   "\"r\",\"roots\":[\"shop\"],\"metadata\":{\"m\":1}}}}}}");
  assert_modules(set, "b/p.rego");
  assert_int_equal(rego_set_bundle_count(set), 1);
  assert_str(rego_set_bundle(set, 0)->revision, "r");
  assert_null(rego_set_bundle(set, 1));
  rego_set_free(set);
}

static void holds_bundles_to_their_roots(void **state)
{
  (void)state;
  put("b/.manifest", "{\"roots\": [\"shop/p\", \"x\"]}");
  put("b/p.rego", "package shop.q");
  put("b/shop/data.json", "{\"p\": {\"any\": 1}, \"z\": {}}");
  put("b/y/data.yaml", "5");
  put("b/data.json", "{\"x\": 1}");
  struct rego_set *set = load(NULL, REGO_SET_BUNDLE, PATHS("b"));
  assert_int_equal(rego_set_finish(set, NULL), SW_EINVAL);
  assert_int_equal(rego_set_problem_count(set), 3);
  assert_problem(set, 0,
                 "b/p.rego: package \"shop/q\" lies outside of the bundle's roots "
                 "(\"shop/p\", \"x\")");
  assert_problem(set, 1, "b/shop/data.json: data at \"shop/z\" lies outside");
  assert_problem(set, 2, "b/y/data.yaml: data at \"y\" lies outside");
  rego_set_free(set);
}

static void refuses_bundles_that_overlap(void **state)
{
  (void)state;
  put("a/p.rego", "package a");
  put("b/p.rego", "package b");
  struct rego_set *set = load(NULL, REGO_SET_BUNDLE, PATHS("a", "b"));
  struct error err;
  assert_int_equal(rego_set_finish(set, &err), SW_EINVAL);
  assert_error(err, SW_EINVAL, "the bundles a (root \"\") and b (root \"\") overlap");
  rego_set_free(set);
}

static void takes_versions_from_the_manifest(void **state)
{
  (void)state;
  put("b/.manifest", "{\"rego_version\": 0, \"file_rego_versions\": {\"/new.rego\": 1}}");
  put("b/old.rego", "package a\np { true }");
  put("b/new.rego", "package a\nq if true");
  struct rego_set *set = load(NULL, REGO_SET_BUNDLE, PATHS("b"));
  struct error err = {0};
  assert_int_equal(rego_set_finish(set, &err), 0);
  uint32_t count;
  const struct rego_module *const *modules = rego_set_modules(set, &count);
  assert_int_equal(count, 2);
  assert_int_equal(modules[0]->version, REGO_V1);
  assert_int_equal(modules[1]->version, REGO_V0);
  rego_set_free(set);
}

static void write_archive(const char *path, const char *name, const char *text)
{
  struct archive *a = archive_write_new();
  archive_write_add_filter_gzip(a);
  archive_write_set_format_ustar(a);
  assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
  struct archive_entry *entry = archive_entry_new();
  archive_entry_set_pathname(entry, name);
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_size(entry, (int64_t)strlen(text));
  archive_write_header(a, entry);
  archive_write_data(a, text, strlen(text));
  archive_entry_free(entry);
  archive_write_close(a);
  archive_write_free(a);
}

static void loads_archives_both_ways(void **state)
{
  (void)state;
  mkdir("d", 0755);
  mkdir("d/sub", 0755);
  write_archive("d/sub/b.tar.gz", "x/data.json", "{\"a\": 1}");
  struct rego_set *set = load(NULL, REGO_SET_FILES, PATHS("d"));
  assert_data(set, "{\"sub\":{\"x\":{\"a\":1}},\"system\":{\"bundle\":{\"manifest\":{\"revision\":"
                   "\"\",\"roots\":[\"\"]}}}}");
  rego_set_free(set);
  set = load(NULL, REGO_SET_BUNDLE, PATHS("d/sub/b.tar.gz"));
  assert_data(set, "{\"x\":{\"a\":1},\"system\":{\"bundles\":{\"d/sub/b.tar.gz\":{\"manifest\":{"
                   "\"revision\":\"\",\"roots\":[\"\"]}}}}}");
  rego_set_free(set);
  write_archive("w.tar.gz", "policy.wasm", "");
  set = load(NULL, REGO_SET_BUNDLE, PATHS("w.tar.gz"));
  assert_int_equal(rego_set_note_count(set), 1);
  assert_str(rego_set_note(set, 0), "w.tar.gz/policy.wasm: a policy compiled to wasm is not used; "
                                    "its Rego source is");
  rego_set_free(set);
}

static void tells_what_is_no_bundle(void **state)
{
  (void)state;
  put("p.rego", "package p");
  struct rego_set *set = load(NULL, REGO_SET_BUNDLE, PATHS("p.rego", "nowhere"));
  assert_int_equal(rego_set_finish(set, NULL), SW_EINVAL);
  assert_problem(set, 0, "p.rego: is no bundle");
  assert_problem(set, 1, "nowhere: ");
  rego_set_free(set);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(mounts_documents_by_directories),
      TEST(mounts_documents_by_prefix),
      TEST(loads_a_module_once_and_in_order_of_names),
      TEST(recognises_files_that_were_named),
      TEST(leaves_out_what_is_ignored),
      TEST(passes_documents_over_if_modules_are_meant),
      TEST(parses_the_version_that_was_asked_for),
      TEST(keeps_all_problems),
      TEST(tells_both_places_of_a_conflict),
      TEST(asks_for_an_object_at_the_root),
      TEST(tells_a_pattern_that_is_none),
      TEST(takes_modules_from_memory),
      TEST(loads_directories_as_bundles),
      TEST(holds_bundles_to_their_roots),
      TEST(refuses_bundles_that_overlap),
      TEST(takes_versions_from_the_manifest),
      TEST(loads_archives_both_ways),
      TEST(tells_what_is_no_bundle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
