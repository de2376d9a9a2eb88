/*
 * webhook.h - the answers to reviews: AdmissionReview at /admit and /mutate, ImageReview at /image-review.
 *
 *     struct webhook_options options = {.policies = policies, .numbers = numbers, .workers = 2, ...};
 *     struct webhook *webhook = webhook_new(&options);
 *     webhook_answer(webhook, SERVE_ADMIT, request, answer);        in the server's handler
 *
 * A review comes by POST; its Content-Type is not looked at, since nothing but JSON can be read. The
 * time is the request's `timeout` ("10s", as API servers send it, 30 s at most; else limits.answer),
 * of which policies may use policies.deadlineShare percent. A timeout that is none is 400.
 *
 * Whatever arrives, the answer is one that an API server understands, and never "allowed" unless
 * policies said so: what is no review is denied in a review (status 200), without policies the answer
 * is 503, so that the webhook's failurePolicy decides.
 *
 * Each answer is counted, by policy too, and logged if there is a decision log. A policy that could not be
 * evaluated is told in the program's own log as well, which holds repetitions back.
 *
 * Ownership: everything in the options must outlive the webhook. Thread safety: requests of different
 * workers from different threads.
 */
#ifndef SEAWALL_DAEMON_WEBHOOK_H
#define SEAWALL_DAEMON_WEBHOOK_H

#include "base/clock.h"
#include "base/log.h"
#include "daemon/decision_log.h"
#include "daemon/policies.h"
#include "daemon/serve_metrics.h"
#include "net/http_server.h"

struct webhook_options {
  struct policies *policies;
  struct serve_metrics *numbers;
  struct log *log;                   /* of the program, for policies that fail; NULL: none */
  struct decision_log *decision_log; /* NULL: none */
  const struct decision_mask *mask;  /* needed with decision_log */
  bool log_objects;
  unsigned workers;
  uint64_t answer_ns;        /* where a request names no timeout */
  unsigned deadline_share;   /* percent */
  const struct clock *clock; /* NULL: the system's; of the time in the decision log */
};

struct webhook;

struct webhook *webhook_new(const struct webhook_options *options);
void webhook_free(struct webhook *webhook);
MEM_DEFINE_CLEANUP(struct webhook, webhook_free)

/* route: SERVE_ADMIT, SERVE_MUTATE, SERVE_IMAGE_REVIEW. */
void webhook_answer(struct webhook *webhook, enum serve_route route,
                    const struct http_request *request, struct http_answer *answer);

/* The time that a request leaves for deciding, on the monotonic clock. SW_EINVAL: a timeout that is
 * none. For whoever else evaluates policies for a request. */
int webhook_deadline(const struct http_request *request, uint64_t answer_ns, unsigned share,
                     int64_t *ret_deadline_ns, struct error *err);

#endif
