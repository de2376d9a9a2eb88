/* Images from their layers to what is known about them, through the locked-up reader. */
#include "../test.h"

#include "../base/scratch.h"

#include "../oci/image.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "scan/image/image_scan.h"
#include "scan/image/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAYERS_MAX = 4 };

/* An image in the making: tars, then a layout in the directory "image". */
struct making {
  struct arena arena;
  struct buf tars[LAYERS_MAX];
  size_t count;
  struct str digests[LAYERS_MAX];
};

static struct scratch scratch;
static struct making making;
static struct image_facts facts;
static struct image_scan_options options;

static int begin(void **state)
{
  (void)state;
  scratch_open(&scratch);
  memset(&making, 0, sizeof making);
  arena_init(&making.arena, 0);
  image_facts_init(&facts, &making.arena);
  options = (struct image_scan_options){.flags = PACKAGE_LIST_FILES, .secrets = true};
  return 0;
}

static int end(void **state)
{
  (void)state;
  image_facts_free(&facts);
  for (size_t i = 0; i < LAYERS_MAX; i++)
    buf_free(&making.tars[i]);
  arena_free(&making.arena);
  scratch_close(&scratch);
  return 0;
}

static struct buf *layer(void)
{
  return &making.tars[making.count++];
}

static void write_file(const char *path, struct str bytes)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes.data, 1, bytes.len, f), bytes.len);
  assert_int_equal(fclose(f), 0);
}

static struct str put_blob(struct str bytes)
{
  struct str digest = digest_text(&making.arena, bytes);
  struct str path =
      arena_printf(&making.arena, "image/blobs/sha256/%.*s", STR_FMT(str_sub(digest, 7, SIZE_MAX)));
  write_file(path.data, bytes);
  return digest;
}

static const char *layer_path(size_t i)
{
  return arena_printf(&making.arena, "image/blobs/sha256/%.*s",
                      STR_FMT(str_sub(making.digests[i], 7, SIZE_MAX)))
      .data;
}

static void finish_image(void)
{
  struct buf config = {0}, manifest = {0};
  struct arena *a = &making.arena;
  scratch_dir("image");
  scratch_dir("image/blobs");
  scratch_dir("image/blobs/sha256");
  buf_add_text(
      &config,
      "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"app\"},\"rootfs\":{"
      "\"type\":\"layers\",\"diff_ids\":[");
  for (size_t i = 0; i < making.count; i++) {
    tar_end(&making.tars[i]);
    making.digests[i] = put_blob(buf_str(&making.tars[i]));
    buf_printf(&config, "%s\"%.*s\"", i ? "," : "", STR_FMT(making.digests[i]));
  }
  buf_add_text(&config, "]}}");
  struct str config_digest = put_blob(buf_str(&config));
  buf_printf(
      &manifest,
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{"
      "\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%.*s\",\"size\":%zu},"
      "\"layers\":[",
      STR_FMT(config_digest), config.len);
  for (size_t i = 0; i < making.count; i++)
    buf_printf(
        &manifest,
        "%s{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%.*s\",\"size\":%zu}",
        i ? "," : "", STR_FMT(making.digests[i]), making.tars[i].len);
  buf_add_text(&manifest, "]}");
  struct str digest = put_blob(buf_str(&manifest));
  struct str index = arena_printf(
      a,
      "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
      "\"digest\":\"%.*s\",\"size\":%zu}]}",
      STR_FMT(digest), manifest.len);
  write_file("image/index.json", index);
  write_file("image/oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
  buf_free(&config);
  buf_free(&manifest);
}

static void scan(void)
{
  struct error err;
  if (image_scan_path("image", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
}

static const char status_two[] =
    "Package: alpha\nStatus: install ok installed\nVersion: 1.0\n"
    "Architecture: all\n\nPackage: beta\nStatus: install ok installed\n"
    "Version: 2.0\nArchitecture: all\n\n";
static const char status_one[] = "Package: alpha\nStatus: install ok installed\nVersion: 1.1\n"
                                 "Architecture: all\n\n";
static const char os_release[] = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian\"\n";

/* "alpha 1.1, beta 2.0" */
static void assert_packages(const char *expected)
{
  struct buf told = {0};
  for (size_t i = 0; i < facts.analysis.packages.count; i++) {
    const struct package *p = &facts.analysis.packages.items[i];
    buf_printf(&told, "%s%.*s %.*s", i ? ", " : "", STR_FMT(p->name), STR_FMT(p->version.text));
  }
  assert_str(buf_str(&told), expected);
  buf_free(&told);
}

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
  skip(); /* memory of sanitizers' is not limited */
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

static void test_a_root_file_system(void **state)
{
  (void)state;
  scratch_dir("root");
  scratch_dir("root/etc");
  scratch_dir("root/var");
  scratch_dir("root/var/lib");
  scratch_dir("root/var/lib/dpkg");
  scratch_file("root/etc/os-release", os_release);
  scratch_file("root/var/lib/dpkg/status", status_two);
  struct error err;
  if (image_scan_path("root", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.image.layer_count, 1);
  assert_str(facts.image.id, "");
}

/* ---- the cache */

struct cache {
  struct map map;
  unsigned gets, hits, puts;
};

static bool cache_get(void *ctx, struct str key, struct buf *out)
{
  struct cache *c = ctx;
  union map_value *value = map_get(&c->map, key);
  c->gets++;
  if (!value)
    return false;
  c->hits++;
  buf_add(out, *(const struct str *)value->view);
  return true;
}

static void cache_put(void *ctx, struct str key, struct str bytes)
{
  struct cache *c = ctx;
  struct str *copy = arena_new(&making.arena, struct str);
  *copy = arena_copy(&making.arena, bytes);
  map_put(&c->map, key, NULL)->view = copy;
  c->puts++;
}

static void scan_again(void)
{
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  scan();
}

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

static void take_progress(void *ctx, const struct image_scan_progress *progress)
{
  struct image_scan_progress *last = ctx;
  assert_true(progress->bytes >= last->bytes);
  *last = *progress;
}

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
      CASE(test_cached_layers_are_not_read),
      CASE(test_damaged_cache_is_not_believed),
      CASE(test_known_images_are_not_opened),
      CASE(test_archives_and_progress),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
