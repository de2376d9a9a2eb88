/*
 * reader_links_int.h - hard links to content that was passed over, because nobody wanted it under its own name.
 *
 *     in the first reading of a layer, for each entry:
 *         reader_links_see(&links, entry, wanted, ctx, &target)     and what links lead to is told outside
 *     in the second, where the job names such links:
 *         reader_links_ask(&links, job)
 *         for each file:  for (i = reader_links_first(&links, entry); i; i = reader_links_next(&links, i, entry))
 *                             use(job->links[i - 1])
 *
 * Names of targets are kept as hashes: a layer may have a million links, and nearly all of them are of no
 * interest. What a name stood for when the link was made is what counts, so links to links are settled at once.
 *
 * Thread safety: belongs to one thread.
 */
#ifndef SEAWALL_SCAN_IMAGE_READER_LINKS_INT_H
#define SEAWALL_SCAN_IMAGE_READER_LINKS_INT_H

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "scan/image/facts.h"
#include "scan/image/reader.h"

enum { READER_LINKS_KNOWN_MAX = 500000 }; /* hard links of a layer that links may lead to */

/* What a hard link leads to. */
struct reader_target {
  struct hash128 name;
  uint64_t before;    /* it is an entry with a lower number than this */
  const void *wanted; /* as what it was read under its own name; NULL: it was not */
};

struct reader_links {
  struct arena arena;
  struct map by_name; /* hash of a path → number of an item below, + 1 */
  VEC(struct reader_target) targets;
  /* The second reading: links of the job, and for each the next one to the same content, + 1. */
  const struct image_reader_job *job;
  uint32_t *next;
};

void reader_links_init(struct reader_links *l);
void reader_links_clear(struct reader_links *l);

/* An entry of the first reading. Of a hard link (and of nothing else): where it leads in the end. As what a path is
 * wanted is asked of `wanted`, which answers NULL for what nobody wants. */
void reader_links_see(struct reader_links *l, const struct oci_entry *entry,
                      const void *(*wanted)(void *ctx, struct str path, uint32_t mode), void *ctx,
                      struct reader_target *ret);

/* The links of a job, which outlives l. */
void reader_links_ask(struct reader_links *l, const struct image_reader_job *job);

/* The first link, + 1, of the job that leads to this entry; the one after that. 0: there is none. */
size_t reader_links_first(const struct reader_links *l, const struct oci_entry *entry);
size_t reader_links_next(const struct reader_links *l, size_t link, const struct oci_entry *entry);

#endif
