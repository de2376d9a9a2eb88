/*
 * patch.h - JSON Patch (RFC 6902): apply a list of changes, or make one.
 *
 * A patch is all or nothing: patch_apply gives the changed document, or an error
 * and no document. The given one is never changed. The result shares every
 * container that no operation touched with the document and with the patch, so
 * both must live as long as it; new containers are made in the arena.
 *
 *     struct patch patch;
 *     struct value changed;
 *     if (patch_read(&arena, patch_document, NULL, &patch, &err) < 0 ||
 *         patch_apply(&arena, pod, &patch, NULL, &changed, &err) < 0)
 *         return error_wrap(&err, "applying the mutation");
 *
 * Where implementations differ, this one does as the RFC and Kubernetes' API
 * server agree: "add" to an existing member replaces it, "add" to an array
 * inserts, "-" appends (for "add" and as the target of "copy" and "move" only);
 * "replace", "remove" and "test" need an existing target; indices are checked,
 * and neither leading zeros nor negative ones are indices; a value cannot be
 * moved into its own child; members of an operation that are not defined are
 * ignored. The whole document (path "") can be replaced and tested, not removed.
 * "test" compares as JSON does: numbers by value, objects without order.
 *
 * Errors name the operation: its number from 0, what it does and its path, as in
 *     operation 3 (replace "/spec/replicas"): "/spec" has no member "replicas"
 * SW_EINVAL: not a patch, or an operation that makes no sense; SW_ENOTFOUND: a path
 * that leads nowhere; SW_ETEST: a test that does not hold; SW_ELIMIT: a cap. Line
 * and column are those of the operation if the patch was read with positions.
 *
 * Positions: members and elements that stay keep theirs, a replaced value has the
 * position of the one before, an added one has none.
 *
 * Cost: a container is copied once, when the first operation touches it, and once
 * more into the result; from then on an operation on an object costs one hashed
 * look-up per token, whatever the width, and an operation on an array moves the
 * elements behind its index. So n operations on an object of m members cost
 * n + m, and n insertions at the front of an array of m elements n * m moves of
 * 16 bytes. "copy" and "test" of a container that this patch has changed finish
 * that container first, and touching it again copies it again. These moves and
 * repeated copies have a budget, PATCH_WORK_MAX. Working memory is taken from the
 * arena and left there.
 *
 * Thread safety: all functions may be called from any thread, with an arena of
 * its own; a patch is immutable once made.
 */
#ifndef SEAWALL_DATA_PATCH_H
#define SEAWALL_DATA_PATCH_H

#include "base/error.h"
#include "data/value.h"

enum {
  PATCH_OPERATIONS_MAX = 10000,      /* operations, as the API server's cap */
  PATCH_COPIED_NODES_MAX = 1000000,  /* values that all "copy" operations together may add */
  PATCH_COPIED_BYTES_MAX = 64 << 20, /* bytes of text likewise */
  PATCH_DEPTH_MAX = 1000,            /* tokens of a path; depth at which "copy" and "move" end */
  PATCH_WORK_MAX = 100000000,        /* elements moved, plus 32 for each child copied again */
};

enum patch_verb {
  PATCH_ADD,
  PATCH_REMOVE,
  PATCH_REPLACE,
  PATCH_MOVE,
  PATCH_COPY,
  PATCH_TEST,
};

struct patch_operation {
  enum patch_verb verb;
  struct str path;                /* a JSON Pointer */
  struct str from;                /* move, copy: likewise */
  struct value value;             /* add, replace, test */
  struct value_position position; /* in the text of the patch; {0, 0}: unknown */
};

struct patch {
  const struct patch_operation *operations;
  uint32_t count;
};

/* Caps other than the defaults above; 0 stands for the default. */
struct patch_limits {
  uint32_t operations;
  uint64_t copied_nodes;
  uint64_t copied_bytes;
};

/* "add", "remove", ... */
const char *patch_verb_name(enum patch_verb verb);

/* Reads the array of operations that a patch is. Its texts and values are views of the document.
 * limits may be NULL. */
int patch_read(struct arena *a, struct value document, const struct patch_limits *limits,
               struct patch *ret_patch, struct error *err);

/* Applies a patch. limits may be NULL. A limit of the arena that is passed ends it with SW_ELIMIT. */
int patch_apply(struct arena *a, struct value document, const struct patch *patch,
                const struct patch_limits *limits, struct value *ret_document, struct error *err);

/* patch_read and patch_apply in one, under the default limits. */
int patch_apply_document(struct arena *a, struct value document, struct value patch_document,
                         struct value *ret_document, struct error *err);

/*
 * A patch that turns `from` into `to`: patch_apply(from, patch_diff(from, to)) equals `to`
 * (value_equal), always. Objects are compared member by member, arrays element by element after
 * their common beginning and end are set aside. It is short, not the shortest there is. A container
 * is replaced whole where its changes would pass one of the caps above, where two objects have no
 * key in common, and if it is a set or has keys that are no strings. Values are shared with `to`. An
 * absent `from` or `to` gives no operation.
 *
 * Cost: linear in the size of both, times the depth to which arrays are nested in arrays.
 */
void patch_diff(struct arena *a, struct value from, struct value to, struct patch *ret_patch);

/* The patch as the document that patch_read reads. */
struct value patch_document(struct arena *a, const struct patch *patch);

#endif
