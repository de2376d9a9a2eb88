/*
 * bolt.h - reads databases of bbolt, in which containerd keeps the names of images.
 *
 *     _cleanup_(bolt_freep) struct bolt *db = NULL;
 *     if (bolt_open(fd, &db, &err) < 0) ...
 *     struct bolt_entry entry;
 *     struct bolt_bucket root = bolt_root(db);
 *     if (bolt_find(db, &root, STR("v1"), &arena, &entry, &err) < 0) ...
 *     bolt_each(db, &entry.bucket, visit, ctx, &err)
 *
 * Format: go.etcd.io/bbolt, version 2 of its files: pages of a B+ tree, of which two at the beginning say where
 * the newest one begins. Values may be buckets, trees of their own; small ones lie in the value itself.
 *
 * Nothing is locked. A writer leaves the pages of the newest state alone; those of the state before are used again, so
 * what was read, and that something was not there, counts only if bolt_is_newest says afterwards that no newer state came:
 *
 *     rc = read_what_is_wanted(db);
 *     if (!bolt_is_newest(db)) ...open and read it again, whatever rc is
 *
 * Ownership: the file is taken over; entries live in the arena. Thread safety: one database by one thread.
 *
 * Limits: enum below, SW_ELIMIT. Errors: SW_EINVAL (damaged, or no such file), SW_ENOENT (no such key), SW_EIO.
 */
#ifndef SEAWALL_OCI_BOLT_H
#define SEAWALL_OCI_BOLT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  BOLT_DEPTH_MAX = 32,      /* of a tree */
  BOLT_PAGE_MAX = 16 << 20, /* bytes of a page and those that continue it */
  BOLT_PAGES_MAX = 1000000, /* read for one call */
};

struct bolt;

struct bolt_bucket {
  uint64_t root;      /* its page; 0: it lies in its value */
  struct str in_line; /* that */
};

struct bolt_entry {
  struct str key, value;
  bool is_bucket;
  struct bolt_bucket bucket;
};

/* fd is taken over, also if it fails. */
int bolt_open(int fd, struct bolt **ret, struct error *err);
void bolt_free(struct bolt *db);
MEM_DEFINE_CLEANUP(struct bolt, bolt_free)

struct bolt_bucket bolt_root(const struct bolt *db);

/* Whether no newer state has been written since the database was opened. */
bool bolt_is_newest(const struct bolt *db);

/* Each entry of a bucket, in the order of keys; views are valid within the call. An error ends it, and is its
 * result. */
typedef int bolt_visitor(void *ctx, const struct bolt_entry *entry, struct error *err);
int bolt_each(struct bolt *db, const struct bolt_bucket *bucket, bolt_visitor *visit, void *ctx,
              struct error *err);

/* One entry. */
int bolt_find(struct bolt *db, const struct bolt_bucket *bucket, struct str key,
              struct arena *arena, struct bolt_entry *ret, struct error *err);

#endif
