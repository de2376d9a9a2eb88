/*
 * policy_decide_write.h - an admission decision for people and for programs.
 *
 * Everything is appended to the buf. Thread safety: any number of threads, each with its own buf.
 */
#ifndef SEAWALL_CMD_POLICY_DECIDE_WRITE_H
#define SEAWALL_CMD_POLICY_DECIDE_WRITE_H

#include "policy/admission.h"

void policy_decide_write_text(struct buf *out, const struct admission_decision *decision,
                              bool explain, bool unicode);

/* {"allowed", "reasons": [{"policy", "rule", "action", "failed", "message"}], "warnings",
 * "auditAnnotations", "patch", "asked": [{"policy", "outcome", "part", "matched", "microseconds"}]} */
void policy_decide_write_json(struct buf *out, const struct admission_decision *decision,
                              bool explain);

/* The AdmissionReview or ImageReview that is the answer. */
void policy_decide_write_review(struct buf *out, const struct admission_decision *decision);

#endif
