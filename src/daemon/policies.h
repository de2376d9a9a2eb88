/*
 * policies.h - the policies in force, for all threads that answer, and their change while they do.
 *
 *     struct policies_options options = {.config = &config, .workers = 2, .told = tell};
 *     policies_open(&options, &policies, &err);
 *
 *     struct policies_view view;                       in the thread of worker 1
 *     if (policies_begin(policies, 1, &view)) {
 *         admission_answer(view.admission, ...);
 *         policies_end(policies, 1);
 *     }
 *
 * A thread of its own looks at the directories (policies.reload apart, or more rarely where looking takes
 * longer than a hundredth of that). What has changed is loaded once it has not changed for one look more,
 * and counts only if it did not change while it was read: a directory that is being replaced is never
 * taken half-way. A load that fails changes nothing: the old policies stay in force, what is wrong is
 * told, and the directories are tried again as soon as they change, and once in 30 s.
 *
 * The first load is like the others, but done before policies_open returns. If it fails there are no
 * policies: policies_begin says so, and whoever asks must not be answered with "allowed".
 *
 * After a reload each worker gets the new policies between two of its requests; when policies_reload
 * returns (or told is called with `ok`) every request that begins afterwards is decided by the new ones, and
 * the old ones have been freed.
 *
 * Ownership: the configuration must outlive the policies. A view is valid from policies_begin to
 * policies_end. Thread safety: begin and end of one worker belong to one thread at a time; everything else
 * may be called from any thread, but for open and close.
 */
#ifndef SEAWALL_DAEMON_POLICIES_H
#define SEAWALL_DAEMON_POLICIES_H

#include "base/error.h"
#include "base/mem.h"
#include "daemon/serve_config.h"
#include "policy/admission.h"
#include "policy/rego_documents.h"

/* What became of a load. */
struct policies_report {
  bool ok;
  bool first;
  bool again;          /* it failed as the load before it did, word for word */
  const char *message; /* why not; NULL: ok */
  const struct admission_problem *problems;
  size_t problem_count;
  size_t policies;     /* in force now */
  size_t files;        /* looked at */
  uint64_t generation; /* of what is in force; 0: nothing */
  uint64_t ns;         /* how long it took */
};

struct policies_options {
  const struct serve_config *config;
  unsigned workers;
  /* Who knows the namespaces where the configuration says "api"; find NULL: nobody. */
  struct admission_namespaces namespaces;
  /* Called after each load by the thread that did it; may be NULL. */
  void (*told)(void *context, const struct policies_report *report);
  void *told_context;
};

struct policies;

/* Loads, and watches unless policies.reload is 0. A load that fails is no error of this function;
 * SW_ELIMIT: no thread could be made. */
int policies_open(const struct policies_options *options, struct policies **ret, struct error *err);
void policies_close(struct policies *policies);
MEM_DEFINE_CLEANUP(struct policies, policies_close)

struct policies_view {
  struct admission_worker *admission;
  struct rego_documents_worker *documents; /* NULL: dataAPI.enabled is false */
  uint64_t generation;                     /* counts loads that went well, from 1 */
};

/* Takes the policies for one request of a worker. False: there are none; then there is nothing to end. */
bool policies_begin(struct policies *policies, unsigned worker, struct policies_view *ret);
void policies_end(struct policies *policies, unsigned worker);

/* Loads now, whether anything changed or not. Errors: of the load; the old policies stay. */
int policies_reload(struct policies *policies, struct error *err);

/* Has the watching thread load now. It is there even if policies.reload is 0. Async-signal-unsafe. */
void policies_wake(struct policies *policies);

struct policies_stats {
  uint64_t generation; /* of what is in force; 0: there are no policies */
  uint64_t loads, failures;
  size_t policies, files;
  int64_t loaded_at; /* seconds since the epoch; 0: never */
  bool last_failed;  /* what lies in the directories now is not what is in force */
};

void policies_stats(struct policies *policies, struct policies_stats *ret);

#endif
