/*
 * rego_documents.h - the documents under `data`, of rules and of base documents, asked for by their paths.
 *
 *     struct rego_documents_options options = {.paths = directories, .path_count = 1};
 *     struct rego_documents *documents;
 *     if (rego_documents_load(&options, &documents, &problems, &err) < 0)
 *         show(&problems);                              the old ones stay in force
 *
 *     struct rego_documents_worker *worker = rego_documents_worker_new(documents);  one for each thread
 *     rego_documents_begin(worker);
 *     struct rego_documents_question question = {.path = keys, .count = 3, .input = input};
 *     if (rego_documents_ask(worker, &question, &value, &err) < 0)
 *         tell(rego_documents_failure(worker));
 *
 * Everything is compiled when it is loaded: there is an entry for each package, for each rule, and for
 * each name on the way to them, and a tree of names that leads to the entries. A request takes the entry
 * with the longest part of its path; what is left of the path is followed into the value. So asking for
 * a rule evaluates that rule and what it needs, asking for a package evaluates that package. Where no
 * rule has a say, the base documents are looked at, and nothing is evaluated.
 *
 * Of the entries there are at most REGO_ENTRIES_MAX, packages before rules; what has none is asked
 * through the one above it.
 *
 * Keys of a path are strings or integers. An integer is an index into an array, a key that is this number,
 * or, in base documents, one with this text. In a set, a key leads to the member that equals it. A function
 * has no value, and neither has what lies below a string, a number and so on.
 *
 * Undefined is no error: the value is absent. An evaluation that failed (SW_EINVAL: the policy is at
 * fault; SW_ELIMIT: its budget) has no value.
 *
 * Ownership: documents are immutable and counted: a worker holds them. A value lies in its worker until the
 * next rego_documents_begin, or in the documents. Thread safety: documents are shared; a worker belongs to one
 * thread. http.send and net.lookup_ip_addr are switched off.
 */
#ifndef SEAWALL_POLICY_REGO_DOCUMENTS_H
#define SEAWALL_POLICY_REGO_DOCUMENTS_H

#include "lang/rego/rego.h"
#include "policy/admission.h"

enum {
  REGO_DOCUMENTS_KEYS_MAX = 1000, /* of one path */
  REGO_DOCUMENTS_DEPTH_MAX = 100, /* of names that get entries of their own */
};

/* Texts must outlive rego_documents_load, not the documents. */
struct rego_documents_options {
  /* Files and directories, in which Kubernetes documents may lie too: see policy/rego_policies.h. */
  const char *const *paths;
  size_t path_count;
  bool rego_v0;   /* modules are Rego v0 unless they say otherwise; else v1 */
  uint64_t steps; /* of one evaluation; 0: ADMISSION_STEPS_DEFAULT */
  size_t memory;  /* bytes of one evaluation; 0: ADMISSION_MEMORY_DEFAULT */
};

struct rego_documents;

/*
 * Reads and compiles everything. All problems are told (ret_problems may be NULL), and the first is the
 * error. No Rego at all is no error: then there are base documents, or nothing.
 * Errors: those of reading, SW_EINVAL (a module is wrong), SW_ELIMIT.
 */
int rego_documents_load(const struct rego_documents_options *options,
                        struct rego_documents **ret_documents,
                        struct admission_problems *ret_problems, struct error *err);

/* What was read already: modules parsed with `names`, and base documents (an object, or absent). None of it
 * is needed afterwards. */
struct rego_documents_source {
  const struct rego_module *const *modules;
  uint32_t count;
  struct rego_names *names;
  struct value data;
};

/* The same of modules that are in memory; the paths of the options are not looked at. */
int rego_documents_make(const struct rego_documents_source *source,
                        const struct rego_documents_options *options,
                        struct rego_documents **ret_documents,
                        struct admission_problems *ret_problems, struct error *err);

/* One holder more, one less; the last one frees them. NULL is nothing to drop. */
struct rego_documents *rego_documents_hold(struct rego_documents *documents);
void rego_documents_drop(struct rego_documents *documents);
MEM_DEFINE_CLEANUP(struct rego_documents, rego_documents_drop)

/* With which inputs should be read; they may be read without. */
const struct symbols *rego_documents_symbols(const struct rego_documents *documents);

/* The base documents: an object. */
struct value rego_documents_data(const struct rego_documents *documents);

/* Entries that a request may take. */
uint32_t rego_documents_entry_count(const struct rego_documents *documents);

/* Does a rule have a say at the path or above it? */
bool rego_documents_has_rules(const struct rego_documents *documents, const struct value *path,
                              uint32_t count);

/* ---- asking */

struct rego_documents_question {
  const struct value *path; /* strings and integers behind `data` */
  uint32_t count;
  struct value input;  /* absent: undefined */
  int64_t deadline_ns; /* of the monotonic clock; 0: none */
  bool strict_errors;  /* errors of built-in functions end the evaluation */
};

struct rego_documents_worker;

struct rego_documents_worker *rego_documents_worker_new(struct rego_documents *documents);
void rego_documents_worker_free(struct rego_documents_worker *worker);
MEM_DEFINE_CLEANUP(struct rego_documents_worker, rego_documents_worker_free)

/* What the worker was made for. */
struct rego_documents *rego_documents_of(const struct rego_documents_worker *worker);

/* The arena of the request under way, for its input; its limit is that of an evaluation. */
struct arena *rego_documents_arena(struct rego_documents_worker *worker);

/* Begins a request: whatever the last one left is gone. */
void rego_documents_begin(struct rego_documents_worker *worker);

/* The value of a document; absent if undefined. Errors: SW_EINVAL, SW_ELIMIT (also: more keys than
 * REGO_DOCUMENTS_KEYS_MAX). */
int rego_documents_ask(struct rego_documents_worker *worker,
                       const struct rego_documents_question *question, struct value *ret_value,
                       struct error *err);

/* What ended the last rego_documents_ask that failed; NULL: nothing was evaluated. */
const struct rego_failure *rego_documents_failure(const struct rego_documents_worker *worker);

/* Steps that the last rego_documents_ask took; 0: nothing was evaluated. */
uint64_t rego_documents_steps(const struct rego_documents_worker *worker);

#endif
