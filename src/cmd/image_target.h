/*
 * image_target.h - what the user named, read: an image in a registry or an archive, a layout, a root file system, this
 * machine.
 *
 *     struct image_target_options how;
 *     if (image_target_options_read(&how, args, &err) < 0) ...          once for all of them
 *
 *     struct image_target target;
 *     image_target_init(&target, &common, &how);
 *     if (image_target_read(&target, "nginx:1.25", options, &err) < 0) ...
 *     use(&target.facts, target.name, target.kind)
 *     image_target_free(&target);
 *
 *     image_target_options_free(&how);
 *
 * A name is a path if there is something of that name, if it has a "/" or "." in front as only paths have, or if it
 * ends as archives do (web.tar, web.tar.gz) and says no registry; else a reference. Prefixes that other tools know say
 * it plainly: docker-archive:, oci-archive:, oci:, dir:, containers-storage:, containerd:, registry: and docker://. "-" is an
 * archive on standard input. What is neither there nor a reference is an error (SW_ENOENT) that says what would be one.
 * What skopeo knows and nobody reads here (docker-daemon:, ostree:, sif:, tarball:) is SW_EUNSUPPORTED, with a way round.
 */
#ifndef SEAWALL_CMD_IMAGE_TARGET_H
#define SEAWALL_CMD_IMAGE_TARGET_H

#include "base/progress.h"
#include "cmd/registry_options.h"
#include "cmd/scan_common.h"
#include "scan/check/image_config.h"
#include "scan/image/image_scan.h"

/* Rows for the option table: of whatever is read, and of images alone. */
#define IMAGE_READING_ROWS                                                                         \
  {.name = "lock-files",                                                                           \
   .help = "count what lock files name in images, too, as always in a directory of sources"},      \
      {.name = "dev", .help = "count dependencies for building and testing, too"},                 \
  {                                                                                                \
    .name = "memory", .argument = "SIZE",                                                          \
    .help = "memory that reading an image may take (default 1Gi)"                                  \
  }

#define IMAGE_TARGET_ROWS                                                                          \
  {.name = "platform",                                                                             \
   .argument = "OS/ARCH",                                                                          \
   .help = "which of an image's platforms (default: this machine's)"},                             \
      IMAGE_READING_ROWS, REGISTRY_ROWS

/* How images are read: what the user said of it. */
struct image_target_options {
  unsigned flags;  /* enum package_list_flags */
  bool signatures; /* registries are asked for them, set by whoever wants to know */
  uint64_t memory; /* 0: the reader's own limit */
  bool has_platform;
  struct oci_platform platform;
  char platform_text[OCI_PLATFORM_TEXT]; /* made whole; "": this machine's */
  struct registry_options registry;
};

/* SW_EUSAGE, and errors of files that options name; image_target_options_free is due then, too. */
int image_target_options_read(struct image_target_options *how, const struct arguments *args,
                              struct error *err);
void image_target_options_free(struct image_target_options *how);

struct image_target {
  const struct scan_common *common;
  struct image_target_options *how;
  struct arena arena;
  struct image_facts facts;
  struct str name;      /* as people are told */
  struct str reference; /* what was asked for in a registry; else empty */
  struct str identity;  /* that, or the reference by which a source knows its image; else empty */
  struct str kind;      /* "Image", "Directory", "Host" */
  enum image_signature signature;
  struct str signature_fault; /* why it is not known, though it was asked for; else empty */
  struct progress progress;
  uint64_t told; /* bytes told to the progress */
};

/* Whether a name that is no path can only be meant for an image: it has a prefix (oci:web), or names an image in an
 * archive that is there (web.tar:web:1). */
bool image_target_says_image(const char *name);

/* The options stay the caller's. */
void image_target_init(struct image_target *target, const struct scan_common *common,
                       struct image_target_options *how);
void image_target_free(struct image_target *target);

/* options: flags, secrets and their rules, cache; the rest is what the user said. */
int image_target_read(struct image_target *target, const char *name,
                      struct image_scan_options options, struct error *err);

/* The machine itself. */
int image_target_read_host(struct image_target *target, struct image_scan_options options,
                           struct error *err);

#endif
