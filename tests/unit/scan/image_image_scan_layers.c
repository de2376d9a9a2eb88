/* Layers that are read twice, for hard links, and several that are read at once. */
#include "image_make.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- hard links to what nobody wants under its own name */

#define OBJECT "ostree/repo/objects/ab/cdef.file"

static void hard_link(struct buf *tar, const char *name, const char *target)
{
  tar_add(tar, '1', name, target, STR_EMPTY);
}

static void assert_fault(const char *message)
{
  assert_int_equal(facts.faults.count, 1);
  assert_str(facts.faults.items[0].message, message);
}

/* What the reader is given: a directory, an archive, or the bytes of one layer after the other. */
static void scan_as_layout(void)
{
  scan_again();
}

static void scan_as_archive(void)
{
  struct error err;
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  assert_int_equal(system("tar -C image -cf image.tar oci-layout index.json blobs"), 0);
  if (image_scan_path("image.tar", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
}

static void scan_as_stream(void)
{
  struct error err;
  struct oci_source *source;
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  assert_int_equal(oci_source_open("image", OCI_SOURCE_LAYOUT, &source, &err), 0);
  if (image_scan_source(source, "stream", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
  oci_source_free(source);
}

static void scan_as_packed_archive(void)
{
  struct error err;
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  assert_int_equal(system("tar -C image -czf image.tar.gz oci-layout index.json blobs"), 0);
  if (image_scan_path("image.tar.gz", &options, &facts, &err) < 0)
    fail_msg("%s", err.message);
}

static void (*const ways[])(void) = {scan_as_layout, scan_as_archive, scan_as_stream,
                                     scan_as_packed_archive};
enum { WAYS = sizeof ways / sizeof *ways };

static void test_links_to_what_nobody_wants(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  tar_file(base, "etc/os-release", os_release);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  tar_file(layer(), "x", "x");
  finish_image();
  for (size_t i = 0; i < WAYS; i++) {
    ways[i]();
    assert_packages("alpha 1.0, beta 2.0");
    assert_str(facts.analysis.packages.items[0].path, "var/lib/dpkg/status");
    assert_str(facts.analysis.packages.items[0].purl,
               "pkg:deb/debian/alpha@1.0?arch=all&distro=debian-12");
    assert_int_equal(facts.faults.count, 0);
    assert_int_equal(facts.layers[0].totals.entries, 3);
    assert_int_equal(facts.layers[0].totals.files, 2);
    assert_int_equal(facts.layers[0].totals.tar_bytes, making.tars[0].len);
  }
}

/* What is wanted as something else under its own name has gone by as well; what is read from its beginning has. */
static void test_links_to_what_is_wanted_otherwise(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_add_sized(base, '0', "bin/tool", "", 0755, sizeof status_two - 1, str_from(status_two));
  tar_add_sized(base, '1', "var/lib/dpkg/status", "bin/tool", 0755, 0, STR_EMPTY);
  tar_file(base, "app/settings", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n");
  hard_link(base, "etc/passwd", "app/settings");
  finish_image();
  struct image_scan_progress last = {0};
  options.progress = take_progress;
  options.ctx = &last;
  scan_as_stream();
  assert_int_equal(last.bytes, 2 * making.tars[0].len);
  assert_int_equal(last.total, last.bytes);
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.accounts.count, 1);
  assert_str(facts.accounts.items[0].path, "etc/passwd");
  assert_false(facts.accounts.items[0].hidden);
  assert_int_equal(facts.faults.count, 0);
}

static void test_chains_of_links(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "a", OBJECT);
  hard_link(base, "b", "a");
  tar_file(base, "a", "something else by now");
  hard_link(base, "var/lib/dpkg/status", "b");
  finish_image();
  for (size_t i = 0; i < WAYS; i++) {
    ways[i]();
    assert_packages("alpha 1.0, beta 2.0");
    assert_int_equal(facts.faults.count, 0);
  }
}

/* What comes behind the link under its target's name is another file. */
static void test_links_keep_what_they_were_made_of(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, "data", status_two);
  hard_link(base, "var/lib/dpkg/status", "data");
  tar_file(base, "data", status_one);
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
}

static void test_links_that_lead_nowhere(void **state)
{
  (void)state;
  static const char *const targets[] = {"var/lib/dpkg/status", "absent", "usr"};
  for (size_t i = 0; i < 3; i++) {
    making.count = 0;
    buf_clear(&making.tars[0]);
    struct buf *base = layer();
    tar_add(base, '5', "usr", "", STR_EMPTY);
    hard_link(base, "var/lib/dpkg/status", targets[i]);
    if (i)
      assert_int_equal(system("rm -r image"), 0);
    finish_image();
    scan_again();
    assert_packages("");
    char message[200];
    snprintf(message, sizeof message, "var/lib/dpkg/status: a hard link to %s, which is %s",
             targets[i],
             i ? "no file of the same layer, and was not read" : "not there, and was not read");
    assert_fault(message);
    scan_as_stream();
    assert_fault(message);
  }
}

static void test_links_into_lower_layers(void **state)
{
  (void)state;
  tar_file(layer(), OBJECT, status_two);
  hard_link(layer(), "var/lib/dpkg/status", OBJECT);
  finish_image();
  scan();
  assert_packages("");
  assert_fault("var/lib/dpkg/status: a hard link to " OBJECT
               ", which is no file of the same layer, and was not read");
  assert_int_equal(facts.faults.items[0].layer, 1);
}

/* The link is the file as much as its target is. */
static void test_links_outlive_their_targets(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  tar_file(layer(), "ostree/repo/.wh.objects", "");
  tar_file(layer(), OBJECT, status_one);
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  assert_int_equal(facts.analysis.packages.items[0].layer, 0);
}

static void test_links_go_and_their_targets_stay(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  tar_file(layer(), "var/lib/dpkg/.wh.status", "");
  finish_image();
  scan();
  assert_packages("");
  assert_int_equal(facts.faults.count, 0);
}

static void test_two_names_of_a_database(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  hard_link(base, "var/lib/dpkg/status.d/all", OBJECT);
  tar_file(layer(), "var/lib/dpkg/.wh.status", "");
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  assert_str(facts.analysis.packages.items[0].path, "var/lib/dpkg/status.d/all");
  making.count = 1;
  making.tars[0].len -= 2 * TAR_BLOCK;
  assert_int_equal(system("rm -r image"), 0);
  finish_image();
  scan_again();
  assert_packages("alpha 1.0, beta 2.0");
}

/* A content is held for its further names, but not one of any size. */
static void test_a_large_file_with_two_names(void **state)
{
  (void)state;
  struct buf *base = layer(), text = {0};
  buf_add_repeat(&text, ' ', IMAGE_READER_NAMES_BYTES_MAX + 1);
  tar_add(base, '0', "store/1", "", buf_str(&text));
  buf_free(&text);
  hard_link(base, "a/lib/x.jar", "store/1");
  hard_link(base, "b/lib/x.jar", "store/1");
  finish_image();
  options.secrets = false;
  scan();
  assert_int_equal(facts.faults.count, 2);
  assert_true(str_starts(facts.faults.items[0].message, STR("a/lib/x.jar: ")));
  assert_str(facts.faults.items[1].message,
             "b/lib/x.jar: was not read: it is one of many names of a large file");
}

/* Files of dpkg's say by their names of which package they tell: links of equal ones are files of their own. */
static void test_equal_files_of_two_packages(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, "var/lib/dpkg/status", status_two);
  tar_file(base, "var/lib/dpkg/info/alpha.list", "/.\n/usr/bin/x\n");
  hard_link(base, "var/lib/dpkg/info/beta.list", "var/lib/dpkg/info/alpha.list");
  finish_image();
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(facts.analysis.packages.items[i].file_count, 1);
    assert_str(facts.analysis.packages.items[i].files[0], "usr/bin/x");
  }
}

/* Of a broken file under its second name the fault is that of any file. */
static void test_broken_files_behind_links(void **state)
{
  (void)state;
  struct buf *base = layer();
  tar_file(base, "store/1", "{");
  hard_link(base, "app/node_modules/x/package.json", "store/1");
  finish_image();
  scan();
  assert_int_equal(facts.faults.count, 1);
  assert_true(str_starts(facts.faults.items[0].message, STR("app/node_modules/x/package.json: ")));
}

static void test_a_damaged_second_reading(void **state)
{
  (void)state;
  struct error err;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  finish_image();
  struct str bytes = arena_copy(&making.arena, buf_str(&making.tars[0]));
  ((char *)bytes.data)[600] ^= 1;
  write_file(layer_path(0), bytes);
  assert_int_equal(image_scan_path("image", &options, &facts, &err), SW_EINVAL);
  assert_int_equal(facts.analysis.packages.count, 0);
}

static void test_facts_of_links_are_kept(void **state)
{
  (void)state;
  struct cache cache = {0};
  map_init(&cache.map, &making.arena);
  const struct image_scan_cache service = {cache_get, cache_put, &cache};
  options.cache = &service;
  struct buf *base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  tar_file(layer(), "etc/os-release", os_release);
  finish_image();
  for (size_t i = 0; i < WAYS; i++) {
    cache.puts = 0;
    map_clear(&cache.map);
    ways[i]();
    assert_int_equal(cache.puts, 2);
    cache.hits = 0;
    ways[i]();
    assert_int_equal(cache.hits, 2);
    assert_packages("alpha 1.0, beta 2.0");
    assert_int_equal(facts.faults.count, 0);
    assert_int_equal(facts.report.cpu_us > 0, i != 2); /* streams: no reader ran */
  }
  map_free(&cache.map);
}

enum { MANY = 100000 };

/* Links that nobody wants cost no second reading, nor do those whose target is read as what they are. */
static void test_many_links_that_need_nothing(void **state)
{
  (void)state;
  struct image_scan_progress last = {0};
  struct buf *base = layer();
  char name[64];
  tar_file(base, OBJECT, "text");
  tar_file(base, "var/lib/dpkg/status", status_two);
  tar_file(base, "node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
  hard_link(base, "cache/node_modules/x/package.json", "node_modules/x/package.json");
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "usr/share/%06d", i);
    hard_link(base, name, OBJECT);
  }
  finish_image();
  options.progress = take_progress;
  options.ctx = &last;
  scan_as_stream();
  assert_packages("alpha 1.0, beta 2.0, x 1.0.0");
  assert_int_equal(facts.faults.count, 0);
  assert_int_equal(last.bytes, making.tars[0].len);
}

static void test_many_links_to_one_file(void **state)
{
  (void)state;
  struct buf *base = layer();
  char name[64];
  tar_file(base, "store/1", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
  for (int i = 0; i < MANY + 2; i++) {
    snprintf(name, sizeof name, "%06d/node_modules/x/package.json", i);
    hard_link(base, name, "store/1");
  }
  /* The limit is that of a layer. */
  base = layer();
  tar_file(base, OBJECT, status_two);
  hard_link(base, "var/lib/dpkg/status", OBJECT);
  finish_image();
  options.readers = 1;
  scan();
  assert_int_equal(facts.analysis.packages.count, MANY + 2);
  assert_int_equal(facts.faults.count, 2);
  assert_str(facts.faults.items[0].message,
             "100000/node_modules/x/package.json: a hard link to store/1, which was not read: "
             "there are too many such links in the layer");
}

/* ---- several readers */

static void tell_all(struct buf *told)
{
  const struct package_list *list = &facts.analysis.packages;
  buf_printf(told, "%.*s %zu\n", STR_FMT(facts.analysis.os.id), facts.image.layer_count);
  for (size_t i = 0; i < list->count; i++) {
    const struct package *p = &list->items[i];
    buf_printf(told, "package %.*s %.*s %.*s %u %u %u\n", STR_FMT(p->purl), STR_FMT(p->license),
               STR_FMT(p->path), p->layer, p->file_count, facts.first_layers[i]);
  }
  for (size_t i = 0; i < facts.secrets.count; i++) {
    const struct image_secret *one = &facts.secrets.items[i];
    buf_printf(told, "secret %.*s %.*s %u %d\n", STR_FMT(one->secret.rule),
               STR_FMT(one->secret.path), one->secret.layer, one->hidden);
  }
  for (size_t i = 0; i < facts.files.count; i++) {
    const struct file_fact *f = &facts.files.items[i];
    buf_printf(told, "file %.*s %u %d\n", STR_FMT(f->path), f->layer, f->hidden);
  }
  for (size_t i = 0; i < facts.accounts.count; i++) {
    const struct account_fact *a = &facts.accounts.items[i];
    buf_printf(told, "account %.*s %.*s %u %d\n", STR_FMT(a->name), STR_FMT(a->path), a->layer,
               a->hidden);
  }
  for (size_t i = 0; i < facts.faults.count; i++)
    buf_printf(told, "fault %u %.*s\n", facts.faults.items[i].layer,
               STR_FMT(facts.faults.items[i].message));
  for (size_t i = 0; i < facts.image.layer_count; i++)
    buf_printf(told, "layer %llu %llu\n", (unsigned long long)facts.layers[i].totals.entries,
               (unsigned long long)facts.layers[i].totals.tar_bytes);
}

/* Something of everything, in an order that counts. */
static void make_mixed_image(void)
{
  const char *passwd = "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n";
  struct str token = arena_printf(&making.arena, "GITHUB_TOKEN=%s%s\n", "gh",
                                  "p_"
                                  "x7Kd92LmQzRt5VbNc8Wf3HjPy6Gs1AeUoBq4");
  struct buf *tar = layer();
  tar_file(tar, "etc/os-release", os_release);
  tar_file(tar, "var/lib/dpkg/status", status_two);
  tar_add_sized(tar, '0', "bin/su", "", 04755, 2, STR("su"));
  tar_file(tar, "srv/node_modules/x/package.json", "{");
  tar = layer();
  tar_add(tar, '0', "app/settings", "", token);
  tar_file(tar, OBJECT, passwd);
  hard_link(tar, "etc/passwd", OBJECT);
  hard_link(tar, "etc/group", "absent");
  tar = layer();
  tar_file(tar, "var/lib/dpkg/status", status_one);
  tar_file(tar, "store/1", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
  hard_link(tar, "app/node_modules/x/package.json", "store/1");
  tar = layer();
  tar_file(tar, "app/.wh.settings", "");
  tar_file(tar, "opt/node_modules/y/package.json", "[");
  finish_image();
}

static void scan_with(void (*way)(void), unsigned readers, const struct image_scan_cache *cache,
                      struct buf *told)
{
  options.readers = readers;
  options.cache = cache;
  way();
  buf_clear(told);
  tell_all(told);
}

static void test_readers_side_by_side_find_the_same(void **state)
{
  (void)state;
  struct buf one = {0}, several = {0};
  make_mixed_image();
  for (size_t i = 0; i < 2; i++) {
    scan_with(ways[i], 1, NULL, &one);
    assert_true(str_find(buf_str(&one), 0, STR("alpha@1.1")) > 0);
    assert_true(str_find(buf_str(&one), 0, STR("secret ")) > 0);
    assert_true(str_find(buf_str(&one), 0, STR("account toor etc/passwd 1 0\n")) > 0);
    assert_true(str_find(buf_str(&one), 0, STR("package pkg:npm/x@1.0.0")) > 0);
    assert_int_equal(facts.faults.count, 3);
    for (unsigned readers = 2; readers <= 5; readers++) {
      scan_with(ways[i], readers, NULL, &several);
      assert_str(buf_str(&several), buf_text(&one));
    }
    scan_with(ways[i], 0, NULL, &several);
    assert_str(buf_str(&several), buf_text(&one));
  }
  buf_free(&one);
  buf_free(&several);
}

static void test_readers_side_by_side_fill_the_cache(void **state)
{
  (void)state;
  struct buf one = {0}, several = {0};
  struct cache caches[3] = {0};
  make_mixed_image();
  for (unsigned i = 0; i < 3; i++) {
    map_init(&caches[i].map, &making.arena);
    const struct image_scan_cache service = {cache_get, cache_put, &caches[i]};
    scan_with(i == 2 ? scan_as_packed_archive : scan_as_archive, i ? 4 : 1, &service,
              i ? &several : &one);
    assert_int_equal(caches[i].puts, 4);
    if (i)
      assert_str(buf_str(&several), buf_text(&one));
  }
  /* What lies there is the same, and is all there is to know. */
  size_t at = 0;
  for (struct map_entry *e; (e = map_next(&caches[0].map, &at));) {
    union map_value *other = map_get(&caches[1].map, e->key);
    assert_non_null(other);
    assert_true(str_eq(*(const struct str *)other->view, *(const struct str *)e->value.view));
    other = map_get(&caches[2].map, e->key);
    assert_non_null(other);
    assert_true(str_eq(*(const struct str *)other->view, *(const struct str *)e->value.view));
  }
  for (size_t i = 1; i < 3; i++) {
    const struct image_scan_cache service = {cache_get, cache_put, &caches[i]};
    scan_with(scan_as_archive, 4, &service, &several);
    assert_int_equal(caches[i].hits, 4);
    assert_str(buf_str(&several), buf_text(&one));
  }
  for (size_t i = 0; i < 3; i++)
    map_free(&caches[i].map);
  buf_free(&one);
  buf_free(&several);
}

/* Whichever reader is the first to fail, the error is that of the lowest layer. */
static void test_the_lowest_error_wins(void **state)
{
  (void)state;
  struct error err;
  make_mixed_image();
  for (size_t i = 1; i < 4; i += 2) {
    struct str bytes = arena_copy(&making.arena, buf_str(&making.tars[i]));
    ((char *)bytes.data)[600] ^= 1;
    write_file(layer_path(i), bytes);
  }
  for (options.readers = 1; options.readers <= 4; options.readers++) {
    image_facts_free(&facts);
    image_facts_init(&facts, &making.arena);
    assert_int_equal(image_scan_path("image", &options, &facts, &err), SW_EINVAL);
    assert_non_null(strstr(err.message, "layer 2 of 4"));
    assert_int_equal(facts.report.end, SANDBOX_END_ERROR);
  }
}

/* A file of zeros with the heads of large files in it: nothing on the disk, and minutes to read. */
static void write_endless_layer(const char *path, uint64_t size)
{
  const uint64_t step = UINT64_C(8) << 30;
  int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  assert_true(fd >= 0);
  for (uint64_t at = 0; at < size; at += step) {
    struct buf head = {0};
    tar_add_sized(&head, '0', "file", "", 0644, step - TAR_BLOCK, STR_EMPTY);
    assert_int_equal(pwrite(fd, head.data, TAR_BLOCK, (off_t)at), TAR_BLOCK);
    buf_free(&head);
  }
  assert_int_equal(ftruncate(fd, (off_t)size), 0);
  assert_int_equal(close(fd), 0);
}

/* Readers that are still at work when one has failed are ended, and gone. */
static void test_others_end_with_the_first(void **state)
{
  (void)state;
  struct error err;
  const uint64_t size = UINT64_C(512) << 30;
  making.stated[3] = size;
  make_mixed_image();
  struct str bytes = arena_copy(&making.arena, buf_str(&making.tars[0]));
  ((char *)bytes.data)[600] ^= 1;
  write_file(layer_path(0), bytes);
  write_endless_layer(layer_path(3), size);
  options.readers = 4;
  options.secrets = false;
  assert_int_equal(image_scan_path("image", &options, &facts, &err), SW_EINVAL);
  assert_non_null(strstr(err.message, "layer 1 of 4"));
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
  assert_int_equal(errno, ECHILD);
}

static void test_more_than_a_part_of_the_memory(void **state)
{
  (void)state;
#ifdef SW_SANDBOX_SANITIZED
  print_message("memory is not limited in a build with sanitizers\n");
  skip();
#endif
  struct buf status = {0};
  buf_add_text(&status, status_two);
  buf_add_repeat(&status, '\n', 90 << 20);
  tar_file(layer(), "etc/os-release", os_release);
  tar_add(layer(), '0', "var/lib/dpkg/status", "", buf_str(&status));
  tar_file(layer(), "x", "x");
  buf_free(&status);
  finish_image();
  options.memory = 270 << 20;
  options.readers = 3;
  options.secrets = false;
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  assert_str(facts.analysis.os.id, "debian");
}

/* Facts of many entries come faster than they are wanted; what is ahead waits. */
static void test_readers_that_are_ahead(void **state)
{
  (void)state;
  char name[100];
  struct buf zeros = {0};
  buf_add_repeat(&zeros, '\0', 200 << 20);
  tar_add(layer(), '0', "zeros", "", buf_str(&zeros));
  buf_free(&zeros);
  for (int l = 0; l < 3; l++) {
    struct buf *tar = layer();
    for (int i = 0; i < MANY; i++) {
      snprintf(name, sizeof name, "%016llx/%070d", (unsigned long long)i * 0x9e3779b97f4a7c15, i);
      tar_file(tar, name, "");
    }
    tar_file(tar, "var/lib/dpkg/status", l == 2 ? status_two : status_one);
  }
  finish_image();
  options.readers = 4;
  scan();
  assert_packages("alpha 1.0, beta 2.0");
  for (size_t i = 1; i < 4; i++)
    assert_int_equal(facts.layers[i].totals.entries, MANY + 1);
}

static void test_progress_of_several_readers(void **state)
{
  (void)state;
  struct image_scan_progress last = {0};
  make_mixed_image();
  options.progress = take_progress;
  options.ctx = &last;
  options.readers = 4;
  scan();
  assert_int_equal(last.layers, 4);
  assert_int_equal(last.layer, 4);
  assert_int_equal(last.bytes, last.total);
}

int main(int argc, char **argv)
{
  static const struct sandbox_program *const programs[] = {&image_reader, NULL};
  int status = sandbox_main(argc, argv, programs);
  if (status >= 0)
    return status;
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
  const struct CMUnitTest tests[] = {
      CASE(test_links_to_what_nobody_wants),
      CASE(test_links_to_what_is_wanted_otherwise),
      CASE(test_chains_of_links),
      CASE(test_links_keep_what_they_were_made_of),
      CASE(test_links_that_lead_nowhere),
      CASE(test_links_into_lower_layers),
      CASE(test_links_outlive_their_targets),
      CASE(test_links_go_and_their_targets_stay),
      CASE(test_two_names_of_a_database),
      CASE(test_a_large_file_with_two_names),
      CASE(test_equal_files_of_two_packages),
      CASE(test_broken_files_behind_links),
      CASE(test_a_damaged_second_reading),
      CASE(test_facts_of_links_are_kept),
      CASE(test_many_links_that_need_nothing),
      CASE(test_many_links_to_one_file),
      CASE(test_readers_side_by_side_find_the_same),
      CASE(test_readers_side_by_side_fill_the_cache),
      CASE(test_the_lowest_error_wins),
      CASE(test_others_end_with_the_first),
      CASE(test_more_than_a_part_of_the_memory),
      CASE(test_readers_that_are_ahead),
      CASE(test_progress_of_several_readers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
