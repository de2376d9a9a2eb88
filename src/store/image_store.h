/*
 * image_store.h - what was found out about layers and images, kept between runs.
 *
 *     if (image_store_open("/home/me/.cache/seawall/images.db", 0, &store, &err) < 0) ...
 *     if (!image_store_get(store, IMAGE_STORE_LAYER, key, &facts))
 *         facts = ..., image_store_put(store, IMAGE_STORE_LAYER, key, facts);
 *     image_store_each(store, IMAGE_STORE_IMAGE, visit, ctx, &err);
 *     image_store_close(store);
 *
 * Bytes under keys, of two kinds: layers, and images. What they mean is their owner's business, and so is what the keys
 * are made of: whatever changes the bytes belongs into the key. Bytes are packed with zstd.
 *
 * The file is SQLite's, with a write-ahead log: any number of processes may read and write it at once. What has not been
 * used for longest goes when the whole is larger than it may be. It is a cache: a file that is damaged, or of another
 * version, is made anew, and a write that fails is forgotten. Whoever reads takes the bytes for hostile.
 *
 * Limits: IMAGE_STORE_KEY_MAX bytes a key, IMAGE_STORE_VALUE_MAX bytes a value.
 * Ownership: a store is owned by who opened it. Thread safety: a store belongs to one thread.
 */
#ifndef SEAWALL_STORE_IMAGE_STORE_H
#define SEAWALL_STORE_IMAGE_STORE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { IMAGE_STORE_KEY_MAX = 600, IMAGE_STORE_VALUE_MAX = 64 << 20, IMAGE_STORE_SCHEMA = 1 };

#define IMAGE_STORE_BYTES_DEFAULT (UINT64_C(1) << 30)

enum image_store_kind { IMAGE_STORE_LAYER, IMAGE_STORE_IMAGE, IMAGE_STORE_KINDS };

struct image_store;

/* Directories in the way are made, for this user only. bytes_max: of all values, packed; 0: the default.
 * SW_EACCES, SW_EIO: it cannot be opened or made. */
int image_store_open(const char *path, uint64_t bytes_max, struct image_store **ret,
                     struct error *err);
void image_store_close(struct image_store *store);
MEM_DEFINE_CLEANUP(struct image_store, image_store_close)

/* Appends the value; false: there is none. */
bool image_store_get(struct image_store *store, enum image_store_kind kind, struct str key,
                     struct buf *out);

/* False: it was not kept. */
bool image_store_put(struct image_store *store, enum image_store_kind kind, struct str key,
                     struct str value);

/* Visits every value of a kind, in the order of keys. The store may not be changed meanwhile. An error of visit ends it. */
int image_store_each(struct image_store *store, enum image_store_kind kind,
                     int (*visit)(void *ctx, struct str key, struct str value, struct error *err),
                     void *ctx, struct error *err);

/* Values of a kind, and bytes of all values as they are packed. */
uint64_t image_store_count(struct image_store *store, enum image_store_kind kind);
uint64_t image_store_bytes(struct image_store *store);

#endif
