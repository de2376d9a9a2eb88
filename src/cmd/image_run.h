/*
 * image_run.h - one run of a verb that looks into images, from its options to its exit status.
 *
 *     static int begin(struct image_run *run, struct error *err)
 *     {
 *       return scan_common_operands(&run->common, "nothing to scan: name an image", err);
 *     }
 *
 *     static int scan(struct image_run *run, struct error *err)
 *     {
 *       for each image: image_run_image(run, name, NULL);
 *       return 0;
 *     }
 *
 *     static const struct image_run_verb image_verb = {
 *         .scanners = IMAGE_SCANNERS, .reads = true, .caches = true, .begin = begin, .scan = scan};
 *
 *     return image_run(&image_verb, args, NULL);
 *
 * A verb says what is its own: its operands, and what is scanned in which order. What all have in common is here:
 * options about images (image_target.h), configuration and thresholds (scan_common.h), database, exceptions, VEX and
 * rules (image_judge.h), the cache (image_cache.h), reports, and the exit status. All options are looked at before
 * the first image is.
 *
 * Ownership: all of a struct image_run is image_run's; ctx is the verb's. One thread.
 */
#ifndef SEAWALL_CMD_IMAGE_RUN_H
#define SEAWALL_CMD_IMAGE_RUN_H

#include "cmd/image_cache.h"
#include "cmd/image_judge.h"
#include "cmd/image_target.h"

/* What an image is searched for if the user does not say. */
enum {
  IMAGE_SCANNERS = IMAGE_SCANNER_VULNERABILITIES | IMAGE_SCANNER_SECRETS | IMAGE_SCANNER_CONFIG
};

/* Rows for the option table of every such verb. */
#define IMAGE_RUN_ROWS IMAGE_JUDGE_ROWS, SCAN_REPORT_ROWS, IMAGE_FAIL_ROW

struct image_run {
  struct scan_common common;
  struct image_target_options reading; /* zero for verbs that read no images */
  struct image_judge judge;
  struct image_cache cache;
  struct buf policy;
  struct report_summary summary;
  void *ctx;
};

struct image_run_verb {
  unsigned scanners; /* enum image_scanner: what is looked for if the user does not say */
  unsigned possible; /* what can be looked for; 0: all */
  bool reads;        /* it has the options of image_target.h */
  bool caches;       /* and those of image_cache.h */
  /* Operands and options of its own; sets common.options.target. Nothing else has been read. */
  int (*begin)(struct image_run *run, struct error *err);
  /* Everything is open. What goes wrong with one image is for image_judge_failed; what ends the run, an error. */
  int (*scan)(struct image_run *run, struct error *err);
};

/* An exit status. */
int image_run(const struct image_run_verb *verb, const struct arguments *args, void *ctx);

/* Reads what a name names (image_target.h), judges and tells it. shown: what people are told instead of the name, and
 * the reference it was found by; NULL: the name is both. */
struct image_run_shown {
  struct str name, reference;
};
void image_run_image(struct image_run *run, const char *name, const struct image_run_shown *shown);

/* The same with the machine itself. */
void image_run_host(struct image_run *run);

#endif
