/*
 * yaml_edit.h - changes written back into the text of a document, so that everything else stays.
 *
 * A change is a JSON Patch, or the value that the document shall have. The text is compared with it
 * place by place, and only the bytes of places that differ are written anew: comments, blank lines,
 * order of members, quoting, indentation, anchors, line ends, separators and a byte order mark stay
 * as they were.
 *
 *     struct yaml_edit_refusal why;
 *     if (yaml_edit(&arena, text, 3, &patch, &why, &mended, &err) < 0) ...
 *
 * Or, document by document, with data/yaml.h's reader:
 *
 *     patch_apply(&arena, document.root, &patch, NULL, &target, &err);
 *     yaml_edit_document(&arena, text, &document, target, &why, &piece, &err);
 *     ... piece takes the place of document.source in text ...
 *     yaml_edit_verify(text, mended, expect, ctx, &err);
 *
 * What is added takes the form of what stands around it: block or flow, the steps of indentation,
 * lists indented below their key or not, the line ends, quoted keys, in JSON and in flow mappings one
 * member a line or all on one. New members come last; `{}` and `[]` open up. Strings are quoted where
 * any reader of YAML 1.1 or 1.2 could take them for something else. A comment stays where it is, also
 * when what it stood above is taken away; only one on the line of what is taken away goes with it.
 *
 * The result is read again, and must be the value that was asked for; otherwise nothing is written.
 *
 * Refused with SW_EUNSUPPORTED, naming the place (JSON Pointer and line):
 *  - a change below an alias, or of a value that comes out of a merge key, and one of an anchored value
 *    whose aliases would not have to change in the same way; an anchored value that aliases stand for
 *    being taken away
 *  - taking away a key that is written with '?'
 *  - a document in which a key occurs twice in one mapping
 *  - a text in UTF-16
 *  - a value that YAML text cannot hold: sets, keys that are no strings, keys of more than 1,000 bytes, in YAML
 *    (not JSON) numbers beyond the range of a double
 *
 * Limits: those of data/yaml.h; values of 200 containers inside each other. Cost: linear in the
 * document, and for arrays in which elements come and go, at most YAML_EDIT_ALIGN_MAX steps to find out
 * which of them stayed.
 *
 * Thread safety: all functions may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_DATA_YAML_EDIT_H
#define SEAWALL_DATA_YAML_EDIT_H

#include "base/buf.h"
#include "data/patch.h"
#include "data/yaml.h"

enum { YAML_EDIT_ALIGN_MAX = 1 << 20 };

/* The place that cannot be changed. */
struct yaml_edit_refusal {
  struct str pointer; /* in the document as it was, in the arena; empty: all of it */
  struct value_position position;
};

/*
 * Appends what takes the place of document->source, so that the document's value becomes `target`.
 * The document must come from a reader of `text` with positions asked for. ret_refusal (may be NULL)
 * is written on SW_EUNSUPPORTED. Working memory is taken from the arena and left there.
 */
int yaml_edit_document(struct arena *a, struct str text, const struct yaml_document *document,
                       struct value target, struct yaml_edit_refusal *ret_refusal,
                       struct buf *ret_piece, struct error *err);

/*
 * Appends the whole text with a patch applied to one of its documents: number is that of struct
 * yaml_document, from 1. Errors: those of data/patch.h; SW_ENOTFOUND (there is no such document, or it
 * is empty); what reading it gives; SW_EUNSUPPORTED as above, also if a broken document elsewhere makes
 * it impossible to tell that nothing else changed.
 */
int yaml_edit(struct arena *a, struct str text, uint32_t number, const struct patch *patch,
              struct yaml_edit_refusal *ret_refusal, struct buf *ret_text, struct error *err);

/*
 * Whether `after` holds the documents of `before`, with those changes that `expect` makes: it is
 * called for each document and puts the value that it shall have now into *io_root; values it makes lie
 * in the arena, which lives until the next call. SW_EUNSUPPORTED: it does not, or `expect` failed.
 */
int yaml_edit_verify(struct str before, struct str after,
                     int (*expect)(void *ctx, struct arena *a, uint32_t number,
                                   struct value *io_root, struct error *err),
                     void *ctx, struct error *err);

#endif
