/*
 * image_scan.h - an image, from wherever it comes to what is known about it.
 *
 *     struct image_scan_options options = {.flags = PACKAGE_LIST_FILES, .secrets = true};
 *     struct image_facts facts;
 *     image_facts_init(&facts, &arena);
 *     if (image_scan_path("image.tar", &options, &facts, &err) < 0) ...       archive, layout, root directory
 *     if (image_scan_source(registry_source, &options, &facts, &err) < 0) ... bytes from a network
 *     use(facts.analysis.packages, facts.secrets, facts.files ...)
 *     image_facts_free(&facts);
 *
 * Layers are read in locked-up processes (scan/image/reader.h), several at a time, and merged here in their order: what a later layer replaced
 * or removed is dropped, but for secrets, which stay in the image whoever hides them.
 * Packages of languages that belong to a package of the system, because it owns their files, are that package, and dropped.
 *
 * What is known of a layer may come out of a cache and goes there (struct image_scan_cache); an image all of whose
 * layers are there is not read at all.
 *
 * What could not be read within a layer is in `faults`: the scan is incomplete then, and whoever reports
 * it says so. A layer that is not what its digest says, an image that crashes its reader or needs more memory or time than
 * it may is an error of the whole.
 *
 * Ownership: everything lives in the arena given, and in lists that image_facts_free gives back.
 * Thread safety: several scans may run at once, each in one thread; cache and progress are called on that one. Readers
 * are waited for in threads of their own, which are gone when a scan returns.
 *
 * Errors: those of the source, the sandbox and the facts, with the name of the source in front.
 */
#ifndef SEAWALL_SCAN_IMAGE_IMAGE_SCAN_H
#define SEAWALL_SCAN_IMAGE_IMAGE_SCAN_H

#include "oci/source.h"
#include "sandbox/sandbox.h"
#include "scan/check/account_file.h"
#include "scan/image/facts.h"

enum { IMAGE_SCAN_KEY_MAX = 500 };

/* Facts of layers that were read before, under their digest, and descriptions of archives and layouts, under what the file system
 * says of the file: its number, size and times. Keys are texts shorter than IMAGE_SCAN_KEY_MAX. */
struct image_scan_cache {
  /* Appends what is there; false: nothing. */
  bool (*get)(void *ctx, struct str key, struct buf *out);
  void (*put)(void *ctx, struct str key, struct str facts);
  void *ctx;
};

struct image_scan_progress {
  uint32_t layer, layers; /* being read; to be read */
  uint64_t bytes, total;  /* packed bytes read, and to be read; total 0: unknown */
};

struct image_scan_options {
  struct oci_choice choice;
  struct str platform; /* as people write it; empty: this machine's */
  enum oci_source_kind kind;
  unsigned flags;          /* enum package_list_flags */
  bool secrets;            /* look for them */
  struct str secret_rules; /* secret_rules_save; empty: the own ones */
  struct str secret_rules_digest;
  const struct image_scan_cache *cache; /* NULL: none */
  unsigned
      readers; /* processes side by side, of a file or directory; 0: as many as processors, 4 at most, and as layers
                     * that are worth one */
  uint64_t memory;  /* bytes of all readers together; 0: 1 GiB */
  uint64_t time_ms; /* for an image; 0: an hour */
  void (*progress)(void *ctx, const struct image_scan_progress *progress); /* NULL: nobody asks */
  void *ctx;
};

struct image_secret {
  struct facts_secret secret;
  bool hidden; /* a later layer replaced or removed the file */
};

struct image_layer_facts {
  struct facts_totals totals;
  bool cached;
};

struct image_facts {
  struct arena *arena;
  struct oci_image image;
  struct analysis analysis; /* finished: what is to be seen in the image */
  struct file_facts files;  /* all, with `hidden` set */
  struct image_facts_secrets {
    struct image_secret *items;
    size_t count, room;
  } secrets;
  struct account_facts accounts; /* likewise */
  struct image_facts_faults {
    struct facts_fault *items;
    size_t count, room;
  } faults;
  const uint32_t *first_layers; /* of each package: the first layer that has it in this version */
  struct image_layer_facts *layers; /* as many as the image has */
  uint64_t owned;               /* packages of languages that belong to packages of the system */
  struct sandbox_report report; /* of the reader of the last layer; zero: none ran */
};

void image_facts_init(struct image_facts *facts, struct arena *arena);
void image_facts_free(struct image_facts *facts);

/* An archive, a layout, or a directory with a file system. */
int image_scan_path(const char *path, const struct image_scan_options *options,
                    struct image_facts *facts, struct error *err);

/* An open descriptor of an archive; it stays the caller's. */
int image_scan_descriptor(int fd, const char *name, const struct image_scan_options *options,
                          struct image_facts *facts, struct error *err);

/* A source that is opened by the caller, whose layers come as streams (oci_source_open_layer): a registry. */
int image_scan_source(struct oci_source *source, const char *name,
                      const struct image_scan_options *options, struct image_facts *facts,
                      struct error *err);

#endif
