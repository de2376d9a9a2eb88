/* image_scan_int.h - one scan under way, and what its parts share. */
#ifndef SEAWALL_SCAN_IMAGE_SCAN_INT_H
#define SEAWALL_SCAN_IMAGE_SCAN_INT_H

#include "scan/image/image_scan.h"
#include "scan/image/image_scan_merge_int.h"
#include "scan/image/reader.h"

#include <sys/stat.h>

enum { SCAN_FACTS_KEPT_MAX = 32 << 20 }; /* bytes of a layer's facts that go into the cache */

struct scan {
  const struct image_scan_options *options;
  struct image_facts *facts;
  const char *name;
  struct merge *merge;
  struct image_scan_progress progress;
  struct buf keep; /* the facts of the layer that is being read, for the cache */
  bool keeping;
  const uint32_t *todo; /* layers, in the order of reading */
  size_t todo_count;
  struct oci_input input; /* of a stream: the layer's bytes */
  int position;           /* the archive's descriptor, for the progress; -1 */
  struct stat origin;     /* of the archive, or of a layout's index; all zero: there is none */
  bool alone;             /* one reader has to do */
  bool short_of_memory;   /* a reader with a part of the memory needed more */
};

/* Bytes of memory that readers may have together. */
uint64_t scan_memory(const struct scan *s);

/* Changes nothing of the scan: several threads may do it at once. */
int scan_run_reader(const struct scan *s, const struct image_reader_job *job,
                    const struct sandbox_options *options, const struct sandbox_calls *calls,
                    uint64_t memory, struct sandbox_report *report, struct error *err);

/* Pieces of facts, as they are merged and kept (struct sandbox_calls); ctx is the scan. */
int scan_take_piece(void *ctx, struct str piece, struct error *err);

void scan_tell_progress(struct scan *s);

/* What comes from now on is kept for the cache; what has come is put there, as this layer's. */
void scan_start_keeping(struct scan *s);
void scan_put_cached(struct scan *s, uint32_t layer);

/* Makes of a job one for nothing but what its links lead to. */
void scan_links_alone(struct image_reader_job *job);

/* Reads the layers that are to be read, of a source that readers open for themselves. */
int scan_read_layers(struct scan *s, const struct image_reader_job *job,
                     const struct sandbox_options *options, struct error *err);

#endif
