/*
 * image_target.h - what the user named, read: an image in a registry or an archive, a layout, a root file system, this
 * machine.
 *
 *     struct image_target target;
 *     image_target_init(&target, &common);
 *     if (image_target_read(&target, "nginx:1.25", &options, &err) < 0) ...
 *     use(&target.facts, target.name, target.kind)
 *     image_target_free(&target);
 *
 * A name is a path if there is something of that name, or if it has a "/" or "." in front as only paths have; else a
 * reference. Prefixes that other tools know say it plainly: docker-archive:, oci-archive:, oci:, dir:,
 * containers-storage:, registry: and docker://. "-" is an archive on standard input.
 */
#ifndef SEAWALL_CMD_IMAGE_TARGET_H
#define SEAWALL_CMD_IMAGE_TARGET_H

#include "base/progress.h"
#include "cmd/registry_options.h"
#include "cmd/scan_common.h"
#include "scan/image/image_scan.h"

/* Rows for the option table. */
#define IMAGE_TARGET_ROWS                                                                          \
  {.name = "platform",                                                                             \
   .argument = "OS/ARCH",                                                                          \
   .help = "which of an image's platforms (default: this machine's)"},                             \
      {.name = "lock-files",                                                                       \
       .help = "count what lock files name, too, as for a directory of sources"},                  \
      {.name = "dev", .help = "count dependencies for building and testing, too"}, REGISTRY_ROWS,  \
  {                                                                                                \
    .name = "memory", .argument = "SIZE",                                                          \
    .help = "memory that reading an image may take (default 1Gi)"                                  \
  }

struct image_target {
  const struct scan_common *common;
  struct arena arena;
  struct image_facts facts;
  struct str name;      /* as people are told */
  struct str reference; /* what was asked for in a registry; else empty */
  struct str kind;      /* "Image", "Directory", "Host" */
  struct progress progress;
  uint64_t told; /* bytes told to the progress */
};

void image_target_init(struct image_target *target, const struct scan_common *common);
void image_target_free(struct image_target *target);

/* options: flags, secrets and their rules, cache; the rest is taken from the arguments. */
int image_target_read(struct image_target *target, const char *name,
                      struct image_scan_options options, struct error *err);

/* The machine itself. */
int image_target_read_host(struct image_target *target, struct image_scan_options options,
                           struct error *err);

#endif
