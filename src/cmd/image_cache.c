#include "cmd/image_cache.h"

#include "cmd/console.h"

static bool get(void *ctx, struct str key, struct buf *out)
{
  const struct image_cache *cache = ctx;
  return image_store_get(cache->store, IMAGE_STORE_LAYER, key, out);
}

static void put(void *ctx, struct str key, struct str facts)
{
  struct image_cache *cache = ctx;
  if (!image_store_put(cache->store, IMAGE_STORE_LAYER, key, facts))
    cache->unkept = true;
}

static const char *set(const char *name)
{
  const char *value = getenv(name);
  return value && *value ? value : NULL;
}

bool image_cache_directory(const struct arguments *args, struct buf *path)
{
  const char *given = arguments_value(args, "cache-dir");
  const char *cache = set("XDG_CACHE_HOME"), *home = set("HOME");
  if (arguments_has(args, "no-cache"))
    return false;
  if (given)
    buf_add_text(path, given);
  else if (cache)
    buf_printf(path, "%s/seawall", cache);
  else if (home)
    buf_printf(path, "%s/.cache/seawall", home);
  return path->len != 0;
}

int image_cache_open(struct image_cache *cache, const struct arguments *args, struct error *err)
{
  const char *given = arguments_value(args, "cache-dir");
  *cache = (struct image_cache){.quiet = arguments_has(args, "quiet")};
  if (arguments_has(args, "no-cache"))
    return given ? error_set(err, SW_EUSAGE, "--cache-dir and --no-cache cannot go together") : 0;
  if (!image_cache_directory(args, &cache->path))
    return 0;
  buf_add_text(&cache->path, "/images.db");
  struct error why;
  int rc = image_store_open(buf_text(&cache->path), 0, &cache->store, &why);
  if (rc == 0) {
    cache->service = (struct image_scan_cache){get, put, cache};
    return 0;
  }
  cache->store = NULL;
  if (given) {
    if (err)
      *err = why;
    return rc;
  }
  if (!cache->quiet)
    console_note("%s; what is found out about layers is not kept", why.message);
  return 0;
}

void image_cache_close(struct image_cache *cache)
{
  if (cache->unkept && !cache->quiet)
    console_note("%s: not all that was found out about layers could be kept",
                 buf_text(&cache->path));
  image_store_close(cache->store);
  buf_free(&cache->path);
}

const struct image_scan_cache *image_cache_use(const struct image_cache *cache)
{
  return cache->store ? &cache->service : NULL;
}
