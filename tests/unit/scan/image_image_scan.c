/* Images from their layers to what is known about them, through the locked-up reader. */
#include "image_make.h"

#include "base/clock.h"

#include <fcntl.h>
#include <unistd.h>

static void test_packages_of_a_layer(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, "etc/os-release", os_release);
  tar_file(base, "var/lib/dpkg/status", status_two);
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  assert_str(facts.analysis.os.id, "debian");
  assert_str(facts.analysis.packages.items[0].purl,
             "pkg:deb/debian/alpha@1.0?arch=all&distro=debian-12");
  assert_str(facts.image.config.user, "app");
  assert_int_equal(facts.faults.count, 0);
  assert_int_equal(facts.layers[0].totals.files, 2);
  assert_int_equal(facts.report.end, SANDBOX_END_WELL);
}

static void test_later_layers_replace(void **state)
{
  (void)state;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  tar_file(layer(), "var/lib/dpkg/status", status_one);
  finish_image();
  scan();
  assert_packages("alpha 1.1");
  assert_int_equal(facts.analysis.packages.items[0].layer, 1);
}

static void test_whiteouts_hide(void **state)
{
  (void)state;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  tar_file(layer(), "var/lib/.wh.dpkg", "");
  finish_image();
  scan();
  assert_packages("");
}

/* What is no directory any more has nothing in it, although no whiteout says so. */
static void test_a_file_in_place_of_a_directory(void **state)
{
  (void)state;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  tar_file(layer(), "var/lib/dpkg", "no directory");
  finish_image();
  scan();
  assert_packages("");
}

static void test_links_lead_to_the_database(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_add(base, '2', "var", "data", STR_EMPTY);
  tar_file(base, "data/x", "");
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
}

static void test_secrets_stay_in_lower_layers(void **state)
{
  (void)state;
  struct str token = arena_printf(&making.arena, "GITHUB_TOKEN=%s%s\n", "gh",
                                  "p_"
                                  "x7Kd92LmQzRt5VbNc8Wf3HjPy6Gs1AeUoBq4");
  tar_add(layer(), '0', "app/settings", "", token);
  tar_file(layer(), "app/.wh.settings", "");
  finish_image();
  scan();
  assert_int_equal(facts.secrets.count, 1);
  const struct image_secret *s = &facts.secrets.items[0];
  assert_true(s->hidden);
  assert_str(s->secret.path, "app/settings");
  assert_int_equal(s->secret.line, 1);
  assert_int_equal(s->secret.layer, 0);
  assert_true(str_find(s->secret.excerpt, 0, STR("LmQzRt5V")) < 0);
}

static void test_secrets_only_if_asked(void **state)
{
  (void)state;
  struct str token = arena_printf(&making.arena, "GITHUB_TOKEN=%s%s\n", "gh",
                                  "p_"
                                  "x7Kd92LmQzRt5VbNc8Wf3HjPy6Gs1AeUoBq4");
  tar_add(layer(), '0', "app/settings", "", token);
  finish_image();
  options.secrets = false;
  scan();
  assert_int_equal(facts.secrets.count, 0);
}

static void test_files_and_accounts(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_add_sized(base, '0', "bin/su", "", 04755, 2, STR("su"));
  tar_file(base, "etc/passwd", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n");
  tar_file(layer(), ".wh.bin", "");
  finish_image();
  scan();
  assert_int_equal(facts.accounts.count, 1);
  assert_int_equal(facts.accounts.items[0].kind, ACCOUNT_SECOND_ROOT);
  assert_str(facts.accounts.items[0].name, "toor");
  assert_false(facts.accounts.items[0].hidden);
  bool found = false;
  for (size_t i = 0; i < facts.files.count; i++) {
    const struct file_fact *f = &facts.files.items[i];
    if (str_eq(f->path, STR("bin/su"))) {
      assert_true(f->kinds & 1 << FILE_FACT_SETUID);
      assert_true(f->hidden);
      found = true;
    }
  }
  assert_true(found);
}

/* A Python package that a package of the system brought is that package. */
static void test_owned_packages_are_the_systems(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, "var/lib/dpkg/status", status_one);
  tar_file(base, "var/lib/dpkg/info/alpha.list",
           "/.\n/usr/lib/python3/dist-packages/six-1.16.dist-info/METADATA\n");
  tar_file(base, "usr/lib/python3/dist-packages/six-1.16.dist-info/METADATA",
           "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n");
  tar_file(base, "opt/app/lib/idna-3.4.dist-info/METADATA",
           "Metadata-Version: 2.1\nName: idna\nVersion: 3.4\n");
  finish_image();
  scan();
  assert_packages("alpha 1.1, idna 3.4");
  assert_int_equal(facts.owned, 1);
}

static void test_broken_files_are_told(void **state)
{
  (void)state;
  tar_file(layer(), "var/lib/dpkg/status",
           "Package: alpha\nStatus: install ok installed\n\nPackage: beta\n"
           "Status: install ok installed\nVersion: 1\n\n");
  finish_image();
  scan();
  assert_packages("beta 1");
  assert_int_equal(facts.faults.count, 1);
  assert_true(str_starts(facts.faults.items[0].message, STR("var/lib/dpkg/status: ")));
}

static void test_damaged_layers_are_errors(void **state)
{
  (void)state;
  struct error err;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  finish_image();
  struct str bytes = arena_copy(&making.arena, buf_str(&making.tars[0]));
  ((char *)bytes.data)[600] ^= 1;
  write_file(layer_path(0), bytes);
  assert_int_equal(image_scan_path("image", &options, &facts, &err), SW_EINVAL);
  assert_non_null(strstr(err.message, "image: "));
  assert_non_null(strstr(err.message, "layer 1 of 1"));
  assert_int_equal(facts.analysis.packages.count, 0);
}

static void test_what_is_no_image(void **state)
{
  (void)state;
  struct error err;
  write_file("text", STR("hello"));
  assert_int_equal(image_scan_path("text", &options, &facts, &err), SW_EINVAL);
  assert_int_equal(image_scan_path("absent", &options, &facts, &err), SW_ENOENT);
}

static void test_memory_is_limited(void **state)
{
  (void)state;
#ifdef SW_SANDBOX_SANITIZED
  print_message("memory is not limited in a build with sanitizers\n");
  skip();
#endif
  struct error err;
  struct buf *base = layer();
  /* A database that is wanted whole, and larger than the memory. */
  struct buf status = {0};
  buf_add_repeat(&status, ' ', 100 << 20);
  tar_add(base, '0', "var/lib/dpkg/status", "", buf_str(&status));
  buf_free(&status);
  finish_image();
  options.memory = 80 << 20;
  options.secrets = false;
  assert_int_equal(image_scan_path("image", &options, &facts, &err), SW_ELIMIT);
  assert_int_equal(facts.report.end, SANDBOX_END_MEMORY);
}

/* ---- a directory */

static void make_root(void)
{
  scratch_dir("root");
  scratch_dir("root/etc");
  scratch_dir("root/var");
  scratch_dir("root/var/lib");
  scratch_dir("root/var/lib/dpkg");
  scratch_file("root/etc/os-release", os_release);
  scratch_file("root/var/lib/dpkg/status", status_two);
}

static void test_a_root_file_system(void **state)
{
  (void)state;
  struct error err;
  make_root();
  if (image_scan_path("root", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.image.layer_count, 1);
  assert_str(facts.image.id, "");
}

/* Whoever may write somewhere can make a directory too deep to be read; the rest of the machine is. */
static void test_a_directory_that_is_too_deep(void **state)
{
  (void)state;
  struct error err;
  make_root();
  int at = open("root", O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < OCI_TREE_DEPTH_MAX + 2; i++) {
    assert_int_equal(mkdirat(at, "d", 0755), 0);
    int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
    close(at);
    at = next;
  }
  close(at);
  if (image_scan_path("root", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.faults.count, 1);
  assert_true(str_ends(facts.faults.items[0].message, STR(": directories lie too deep")));
}

/* One that an analyser wants, one whose beginning is looked at, one that the scanner wants: a fault each. */
static void test_files_that_may_not_be_read(void **state)
{
  (void)state;
  static const char *const names[] = {"root/etc/passwd", "root/package.json", "root/program",
                                      "root/settings.env"};
  struct error err;
  if (geteuid() == 0) {
    print_message("root may read everything\n");
    skip();
  }
  make_root();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    scratch_file(names[i], "no matter what");
    assert_int_equal(chmod(names[i], i == 2 ? 0111 : 0), 0);
  }
  if (image_scan_path("root", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.faults.count, sizeof names / sizeof *names);
}

/* ---- the cache */

static void test_cached_layers_are_not_read(void **state)
{
  (void)state;
  struct cache cache = {0};
  map_init(&cache.map, &making.arena);
  const struct image_scan_cache service = {cache_get, cache_put, &cache};
  options.cache = &service;
  struct buf *base = layer();
  tar_file(base, "etc/os-release", os_release);
  tar_file(base, "var/lib/dpkg/status", status_two);
  tar_file(layer(), "var/lib/dpkg/status", status_one);
  finish_image();
  scan();
  assert_int_equal(cache.puts, 2);
  assert_packages("alpha 1.1");
  /* Without their bytes: nothing but the cache can know. */
  assert_int_equal(unlink(layer_path(0)), 0);
  assert_int_equal(unlink(layer_path(1)), 0);
  scan_again();
  assert_int_equal(cache.hits, 2);
  assert_packages("alpha 1.1");
  assert_true(facts.layers[0].cached && facts.layers[1].cached);
  assert_str(facts.analysis.os.id, "debian");
  map_free(&cache.map);
}

static void test_damaged_cache_is_not_believed(void **state)
{
  (void)state;
  struct cache cache = {0};
  map_init(&cache.map, &making.arena);
  const struct image_scan_cache service = {cache_get, cache_put, &cache};
  options.cache = &service;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  finish_image();
  scan();
  size_t at = 0;
  struct map_entry *e = map_next(&cache.map, &at);
  struct str whole = *(const struct str *)e->value.view;
  for (size_t len = 0; len < whole.len; len += 7) {
    struct str part = str_sub(whole, 0, len);
    e->value.view = &part;
    scan_again();
    assert_packages("alpha 1.0, beta 2.0");
    e = map_next(&cache.map, &(size_t){0});
  }
  map_free(&cache.map);
}

/* An index that has not changed for some seconds says the same as before, without being read. */
static void test_known_images_are_not_opened(void **state)
{
  (void)state;
  struct cache cache = {0};
  struct stat st;
  map_init(&cache.map, &making.arena);
  const struct image_scan_cache service = {cache_get, cache_put, &cache};
  options.cache = &service;
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  finish_image();
  assert_int_equal(stat("image/index.json", &st), 0);
  scan();
  assert_int_equal(cache.puts, 1); /* it is too new */
  while (clock_wall_seconds(clock_system()) <= st.st_ctim.tv_sec + 2)
    usleep(10000);
  scan_again();
  assert_int_equal(cache.puts, 2);
  scan_again();
  assert_int_equal(cache.puts, 2);
  assert_int_equal(facts.report.cpu_us, 0); /* no reader ran */
  assert_packages("alpha 1.0, beta 2.0");
  assert_str(facts.image.config.user, "app");
  /* Another index is another image. */
  write_file("image/index.json", STR("{\"schemaVersion\":2,\"manifests\":[]}"));
  struct error err;
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  assert_true(image_scan_path("image", &options, &facts, &err) < 0);
  map_free(&cache.map);
}

/* ---- how far it has come */

static void test_archives_and_progress(void **state)
{
  (void)state;
  struct image_scan_progress last = {0};
  tar_file(layer(), "var/lib/dpkg/status", status_two);
  finish_image();
  assert_int_equal(system("tar -C image -cf image.tar oci-layout index.json blobs"), 0);
  options.progress = take_progress;
  options.ctx = &last;
  struct error err;
  if (image_scan_path("image.tar", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(last.layers, 1);
  assert_true(last.bytes > 0);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&image_reader, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
  const struct CMUnitTest tests[] = {
      CASE(test_packages_of_a_layer),
      CASE(test_later_layers_replace),
      CASE(test_whiteouts_hide),
      CASE(test_a_file_in_place_of_a_directory),
      CASE(test_links_lead_to_the_database),
      CASE(test_secrets_stay_in_lower_layers),
      CASE(test_secrets_only_if_asked),
      CASE(test_files_and_accounts),
      CASE(test_owned_packages_are_the_systems),
      CASE(test_broken_files_are_told),
      CASE(test_damaged_layers_are_errors),
      CASE(test_what_is_no_image),
      CASE(test_memory_is_limited),
      CASE(test_a_root_file_system),
      CASE(test_a_directory_that_is_too_deep),
      CASE(test_files_that_may_not_be_read),
      CASE(test_cached_layers_are_not_read),
      CASE(test_damaged_cache_is_not_believed),
      CASE(test_known_images_are_not_opened),
      CASE(test_archives_and_progress),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
