/*
 * manifest_fix.h - the fixes of all findings of a file, put together and written into its text.
 *
 *     struct manifest_fix fix;
 *     if (manifest_fix_file(&file, &arena, &fix, &err) < 0) ...   nothing of this file can be mended
 *     for (size_t i = 0; i < fix.count; i++)
 *         say(file.findings->items[fix.items[i].finding], fix.items[i].reason);
 *     if (fix.mended)
 *         write(buf_str(&fix.text));
 *     manifest_fix_free(&fix);
 *
 * Each fix is a JSON Patch against the document as it is. They are put together in the order of the
 * findings, by document:
 *  - an operation that another fix has made already is left out, tests too
 *  - two fixes that add an object at one place where there is none add what both hold
 *  - a fix that would undo or contradict an earlier one is skipped, and so is one that no longer applies
 *  - fixes that shift the elements of an array come last, from the back of the array to its front
 * What data/yaml_edit.h refuses to write (what is below an alias, say) is skipped as well. The reason
 * of each is told. The mended text has been read again: its documents are what the fixes make of the
 * ones before, and nothing else has changed.
 *
 * Only findings that are open are mended.
 *
 * Limits: MANIFEST_FIX_ROUNDS attempts for one document; what is left then is skipped.
 * Thread safety: all functions may be called from any thread, with an arena of its own.
 */
#ifndef SEAWALL_POLICY_MANIFEST_FIX_H
#define SEAWALL_POLICY_MANIFEST_FIX_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "report/report.h"

enum { MANIFEST_FIX_ROUNDS = 200 };

struct manifest_fix_item {
  size_t finding; /* number in the list of the file */
  bool mended;
  struct str reason; /* why not; in the arena */
};

struct manifest_fix {
  struct buf text;                 /* the whole file, if anything was mended */
  struct manifest_fix_item *items; /* findings that have a fix, in their order; in the arena */
  size_t count;
  size_t mended;
};

/*
 * Mends a file as a scan handed it over. Errors (SW_EUNSUPPORTED, SW_ELIMIT) are about the file as a
 * whole: then nothing of it is mended, and items say so. manifest_fix_free in any case.
 */
int manifest_fix_file(const struct report_file *file, struct arena *a, struct manifest_fix *ret,
                      struct error *err);
void manifest_fix_free(struct manifest_fix *fix);

#endif
