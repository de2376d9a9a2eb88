/*
 * image_cache.h - what was found out about layers before, for verbs that scan images.
 *
 *     struct image_cache cache;
 *     image_cache_open(&cache, args);
 *     options.cache = image_cache_use(&cache);        NULL with --no-cache, or if there can be none
 *     image_cache_close(&cache);
 *
 * It is kept in seawall/images.db below $XDG_CACHE_HOME or ~/.cache, or in the directory of --cache-dir.
 */
#ifndef SEAWALL_CMD_IMAGE_CACHE_H
#define SEAWALL_CMD_IMAGE_CACHE_H

#include "cmd/verb.h"
#include "scan/image/image_scan.h"
#include "store/image_store.h"

/* Rows for the option table. */
#define IMAGE_CACHE_ROWS                                                                           \
  {.name = "cache-dir",                                                                            \
   .argument = "DIR",                                                                              \
   .help = "where facts about layers are kept (default: seawall in your cache directory)",         \
   .complete = COMPLETE_DIRECTORIES},                                                              \
  {                                                                                                \
    .name = "no-cache", .help = "read every layer anew, and keep nothing"                          \
  }

struct image_cache {
  struct image_store *store; /* NULL: none */
  struct buf path;
  bool quiet;
  bool unkept; /* something could not be written */
  struct image_scan_cache service;
};

/* A cache that cannot be opened is told (but with --quiet) and done without, unless --cache-dir names it: then
 * SW_EACCES, SW_EIO. The cache stays where it is as long as it is used. */
int image_cache_open(struct image_cache *cache, const struct arguments *args, struct error *err);

/* Tells, once, if what was found out could not be kept. */
void image_cache_close(struct image_cache *cache);

/* The directory, for other things that are kept; false: nothing is. */
bool image_cache_directory(const struct arguments *args, struct buf *path);

const struct image_scan_cache *image_cache_use(const struct image_cache *cache);

#endif
