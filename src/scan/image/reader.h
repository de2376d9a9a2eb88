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

extern const struct sandbox_program image_reader;

enum image_reader_what { IMAGE_READER_DESCRIPTION, IMAGE_READER_LAYERS };

enum image_reader_from { IMAGE_READER_ARCHIVE, IMAGE_READER_DIRECTORY, IMAGE_READER_INPUT };

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
