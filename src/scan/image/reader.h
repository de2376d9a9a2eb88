/*
 * reader.h - the part of a scan that touches the bytes of an image: what runs in the locked-up process.
 *
 *     struct image_reader_job job = {.what = IMAGE_READER_LAYERS, .from = IMAGE_READER_ARCHIVE, ...};
 *     image_reader_job_write(&job, &argument)
 *     sandbox_run(&options, &image_reader, buf_str(&argument), &calls, &report, err)
 *
 * Asked for IMAGE_READER_DESCRIPTION it sends one frame that image_reader_description reads: which image there
 * is. Asked for IMAGE_READER_LAYERS it reads the layers of the job once each, and sends their facts (scan/image/facts.h).
 *
 * Where the bytes come from: descriptor 0 (an archive, of one pass or more), directory 0 (a layout, or the root of
 * a file system), or the input of sandbox_run (one layer as a registry has it).
 *
 * A hard link may be wanted whose content lies under a name that nobody wants, and has gone by when the link comes. The
 * layer's facts then end with a request to read it again (facts_put_again), with these links in the job: whoever has
 * the bytes gives them once more, verified as before, and only what these links lead to is read, under their names.
 *
 * A layer whose digest is wrong, or that cannot be read to its end, is an error of the whole. A file in it
 * that an analyser could not read is a fault among the facts.
 *
 * Thread safety: all functions may be called from any thread.
 */
#ifndef SEAWALL_SCAN_IMAGE_READER_H
#define SEAWALL_SCAN_IMAGE_READER_H

#include "base/buf.h"
#include "oci/source.h"
#include "sandbox/sandbox.h"
#include "scan/image/facts.h"

enum {
  IMAGE_READER_LINKS_MAX = 100000,        /* that are read under their names, of a layer */
  IMAGE_READER_LINKS_BYTES_MAX = 8 << 20, /* of their paths */
  IMAGE_READER_NAMES_BYTES_MAX =
      64 << 20, /* of a content that several links lead to; a larger one is read under one name */
};
/* Bytes of contents that are read for further names, of a layer. */
#define IMAGE_READER_FURTHER_BYTES_MAX (UINT64_C(2) << 30)

extern const struct sandbox_program image_reader;

enum image_reader_what { IMAGE_READER_DESCRIPTION, IMAGE_READER_LAYERS };

enum image_reader_from { IMAGE_READER_ARCHIVE, IMAGE_READER_DIRECTORY, IMAGE_READER_INPUT };

struct image_reader_link {
  struct str path;
  struct hash128 target; /* as in struct facts_link */
  uint64_t before;
};

struct image_reader_job {
  enum image_reader_what what;
  enum image_reader_from from;
  enum oci_source_kind kind; /* ARCHIVE, DIRECTORY */
  struct str name;           /* of the source, for messages */
  struct str reference;      /* as in struct oci_choice */
  struct str platform;       /* empty: as oci_choice's NULL */
  unsigned flags;            /* enum package_list_flags */
  bool secrets;              /* look for them */
  struct str secret_rules;   /* secret_rules_save; empty: the own ones */
  /* The layers to read, numbers of the image's, in this order. */
  const uint32_t *layers;
  size_t layer_count;
  uint32_t image_layers; /* how many the image has */
  /* Hard links of the one layer that is read again for them. */
  const struct image_reader_link *links;
  size_t link_count;
  /* INPUT: the one layer. */
  struct oci_descriptor packed;
  struct str diff_id;
};

/* Appends the argument for sandbox_run. */
void image_reader_job_write(const struct image_reader_job *job, struct buf *out);

/* Reads the frame of a description, into the arena. */
int image_reader_description(struct str frame, struct arena *arena, struct oci_image *ret,
                             struct error *err);

#endif
