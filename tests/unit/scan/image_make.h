/*
 * image_make.h - images made for the tests of image scans: layers as tars, in a layout in the directory "image".
 */
#ifndef SEAWALL_TESTS_UNIT_SCAN_IMAGE_MAKE_H
#define SEAWALL_TESTS_UNIT_SCAN_IMAGE_MAKE_H

#include "../test.h"

#include "../base/scratch.h"

#include "../oci/image.h"
#include "base/map.h"
#include "base/mem.h"
#include "scan/image/image_scan.h"
#include "scan/image/reader.h"

#include <sys/stat.h>

enum { LAYERS_MAX = 4 };

/* An image in the making: tars, then a layout in the directory "image". */
struct making {
  struct arena arena;
  struct buf tars[LAYERS_MAX];
  size_t count;
  uint64_t stated[LAYERS_MAX]; /* the size that the manifest states; 0: the right one */
  struct str digests[LAYERS_MAX];
};

static struct scratch scratch;
static struct making making;
static struct image_facts facts;
static struct image_scan_options options;

static inline int begin(void **state)
{
  (void)state;
  scratch_open(&scratch);
  memset(&making, 0, sizeof making);
  arena_init(&making.arena, 0);
  image_facts_init(&facts, &making.arena);
  options = (struct image_scan_options){.flags = PACKAGE_LIST_FILES, .secrets = true};
  return 0;
}

static inline int end(void **state)
{
  (void)state;
  image_facts_free(&facts);
  for (size_t i = 0; i < LAYERS_MAX; i++)
    buf_free(&making.tars[i]);
  arena_free(&making.arena);
  scratch_close(&scratch);
  return 0;
}

static inline struct buf *layer(void)
{
  return &making.tars[making.count++];
}

static inline void write_file(const char *path, struct str bytes)
{
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes.data, 1, bytes.len, f), bytes.len);
  assert_int_equal(fclose(f), 0);
}

static inline struct str put_blob(struct str bytes)
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

static inline void finish_image(void)
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
        "%s{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%.*s\",\"size\":%llu}",
        i ? "," : "", STR_FMT(making.digests[i]),
        (unsigned long long)(making.stated[i] ? making.stated[i] : making.tars[i].len));
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

static inline void scan(void)
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
static inline void assert_packages(const char *expected)
{
  struct buf told = {0};
  for (size_t i = 0; i < facts.analysis.packages.count; i++) {
    const struct package *p = &facts.analysis.packages.items[i];
    buf_printf(&told, "%s%.*s %.*s", i ? ", " : "", STR_FMT(p->name), STR_FMT(p->version.text));
  }
  assert_str(buf_str(&told), expected);
  buf_free(&told);
}

struct cache {
  struct map map;
  unsigned gets, hits, puts;
};

static inline bool cache_get(void *ctx, struct str key, struct buf *out)
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

static inline void cache_put(void *ctx, struct str key, struct str bytes)
{
  struct cache *c = ctx;
  struct str *copy = arena_new(&making.arena, struct str);
  *copy = arena_copy(&making.arena, bytes);
  map_put(&c->map, key, NULL)->view = copy;
  c->puts++;
}

static inline void scan_again(void)
{
  image_facts_free(&facts);
  image_facts_init(&facts, &making.arena);
  scan();
}

static inline void take_progress(void *ctx, const struct image_scan_progress *progress)
{
  struct image_scan_progress *last = ctx;
  assert_true(progress->bytes >= last->bytes);
  *last = *progress;
}

#endif
