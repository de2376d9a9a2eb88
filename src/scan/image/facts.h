/*
 * facts.h - what was found in the layers of an image, as bytes: on their way out of the locked-up process that read
 * them, and in the cache.
 *
 *     writing, in the reader:
 *         facts_writer_init(&w, send, ctx)
 *         facts_put_layer(&w, 0, &err), facts_put_entry(&w, entry, keep, &err), facts_put_analysis(&w, &analysis, &err) ...
 *         facts_flush(&w, &err)
 *     reading, outside:
 *         facts_reader_init(&r, &analysis, &calls)
 *         for each piece:  facts_read(&r, piece, &err)
 *
 * A piece is a run of records of at most FACTS_PIECE_MAX bytes and can be read without the others, but for the
 * files of a package, which may go on in the next one. Numbers are LEB128, texts have their length in front, paths
 * share the beginning of the path before.
 *
 * What is read is hostile: whoever broke the reader of a layer writes these bytes. Everything has a limit, and texts
 * are those of the piece, unchecked: names and versions are checked by package_list_add.
 *
 * A layer ends with facts_put_end; or with facts_put_again, if there are hard links in it whose content has to be read
 * once more: its second part begins with facts_put_layer again.
 *
 * FACTS_FORMAT changes whenever the bytes, or what analysers make of a file, do; the cache goes by it.
 *
 * Ownership: a reader borrows everything. Thread safety: a writer and a reader belong to one thread each.
 * Errors: SW_EINVAL (the bytes are no records), SW_ELIMIT, and those of the calls.
 */
#ifndef SEAWALL_SCAN_IMAGE_FACTS_H
#define SEAWALL_SCAN_IMAGE_FACTS_H

#include "base/buf.h"
#include "base/hash.h"
#include "oci/layer.h"
#include "scan/analyser.h"
#include "scan/check/file_facts.h"

enum { FACTS_FORMAT = 2, FACTS_PIECE_MAX = 256 << 10 };

/* A secret, as scan/secret tells it; the secret itself never leaves the reader. */
struct facts_secret {
  struct str rule;        /* its id */
  struct str path;        /* of the file, in the layer */
  struct str excerpt;     /* redacted */
  struct str fingerprint; /* digest of the secret */
  uint32_t line, column;  /* from 1 */
  uint32_t layer;
};

/* Something that could not be read. */
struct facts_fault {
  uint32_t layer;
  struct str message;
};

/* A hard link that somebody wants. */
struct facts_link {
  uint32_t layer;
  struct str path;
  bool unread; /* its content was passed over, or read as something else */
  /* Then: hash of the path that has the content, in an entry whose number is below `before`. */
  struct hash128 target;
  uint64_t before;
};

/* What is left to say of a layer at its end. */
struct facts_totals {
  uint64_t entries, files;
  uint64_t content_bytes; /* of all files */
  uint64_t packed_bytes, tar_bytes;
};

/* A file of a few lines that is judged outside (accounts): its lines as they are needed. */
struct facts_text {
  uint32_t layer;
  struct str path;
  struct str text;
};

struct facts_writer {
  struct buf bytes;
  struct buf last; /* the path before */
  int (*send)(void *ctx, struct str piece, struct error *err);
  void *ctx;
};

void facts_writer_init(struct facts_writer *w,
                       int (*send)(void *ctx, struct str piece, struct error *err), void *ctx);
void facts_writer_free(struct facts_writer *w);

/* What follows is of this layer. */
int facts_put_layer(struct facts_writer *w, uint32_t layer, struct error *err);
/* Path, type, link and number are kept. */
int facts_put_entry(struct facts_writer *w, const struct oci_entry *entry, bool keep,
                    struct error *err);
/* Packages, notes and distributions of an analysis that is not finished (analysis_finish). */
int facts_put_analysis(struct facts_writer *w, const struct analysis *a, struct error *err);
int facts_put_secret(struct facts_writer *w, const struct facts_secret *secret, struct error *err);
int facts_put_file(struct facts_writer *w, const struct file_fact *fact, struct error *err);
/* How many there were of each kind, kept or not. */
int facts_put_file_counts(struct facts_writer *w, const struct file_facts *facts,
                          struct error *err);
int facts_put_text(struct facts_writer *w, struct str path, struct str text, struct error *err);
int facts_put_fault(struct facts_writer *w, struct str message, struct error *err);
/* Behind the entry of the link. */
int facts_put_link(struct facts_writer *w, const struct facts_link *link, struct error *err);
/* In the second part: the content of a link that was unread has been read under its name. */
int facts_put_link_read(struct facts_writer *w, struct str path, struct error *err);
/* The layer was read to its end, and its digests are right; but links are unread. */
int facts_put_again(struct facts_writer *w, struct error *err);
/* The layer was read to its end, and its digests are right. */
int facts_put_end(struct facts_writer *w, const struct facts_totals *totals, struct error *err);
/* Sends what is held. */
int facts_flush(struct facts_writer *w, struct error *err);

/* Told of each record but those of an analysis; views of the piece. Any may be NULL. An error ends the reading. */
struct facts_calls {
  int (*entry)(void *ctx, uint32_t layer, const struct oci_entry *entry, bool keep,
               struct error *err);
  int (*secret)(void *ctx, const struct facts_secret *secret, struct error *err);
  int (*file)(void *ctx, const struct file_fact *fact, struct error *err);
  int (*file_counts)(void *ctx, uint32_t layer, const struct file_facts *counts, struct error *err);
  int (*text)(void *ctx, const struct facts_text *text, struct error *err);
  int (*fault)(void *ctx, const struct facts_fault *fault, struct error *err);
  int (*link)(void *ctx, const struct facts_link *link, struct error *err);
  int (*link_read)(void *ctx, uint32_t layer, struct str path, struct error *err);
  int (*again)(void *ctx, uint32_t layer, struct error *err);
  int (*end)(void *ctx, uint32_t layer, const struct facts_totals *totals, struct error *err);
  void *ctx;
};

struct facts_reader {
  struct analysis *analysis; /* packages, notes and distributions go there */
  struct facts_calls calls;
  uint32_t layer_count; /* of the image: a layer is below it */
  bool renumber;        /* whatever layer the records say, they are of as_layer (a cache) */
  uint32_t as_layer;
  uint32_t layer;
  bool in_layer;
  struct buf last;
  struct {
    struct str *files; /* being filled */
    uint32_t count, done;
    char *text;
    size_t text_left;
  } filling;
};

void facts_reader_init(struct facts_reader *r, struct analysis *analysis, uint32_t layer_count,
                       const struct facts_calls *calls);
void facts_reader_free(struct facts_reader *r);

/* Reads a piece. */
int facts_read(struct facts_reader *r, struct str piece, struct error *err);

/* After the last piece. SW_EINVAL: something is missing. */
int facts_read_end(const struct facts_reader *r, struct error *err);

#endif
