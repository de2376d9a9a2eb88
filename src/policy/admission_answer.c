/* From bytes to bytes. */
#include "policy/admission_int.h"

void admission_decision_write(struct buf *out, enum admission_version version, struct str uid,
                              const struct admission_decision *d)
{
  struct admission_response r = {
      .version = version,
      .uid = uid,
      .allowed = d->allowed,
      .message = d->message,
      .reason = STR_EMPTY,
      .warnings = d->warnings,
      .warning_count = d->warning_count,
      .annotations = d->annotations,
      .annotation_count = d->annotation_count,
      .patch = d->patch,
  };
  if (!d->readable) {
    r.code = 400;
    r.reason = STR("BadRequest");
  } else if (!d->allowed) {
    r.code = d->internal ? 500 : 403;
    r.reason = d->internal ? STR("InternalError") : STR("Forbidden");
  }
  admission_response_write(out, &r);
}

/* What was asked is no review: denied, with the one reason. */
static void refuse(struct admission_worker *w, const struct error *err,
                   struct admission_decision *ret)
{
  struct str message = err->line
                           ? arena_printf(&w->arena,
                                          "the review cannot be read: line %u, "
                                          "column %u: %s",
                                          err->line, err->column, err->message)
                           : arena_printf(&w->arena, "the review cannot be read: %s", err->message);
  vec_push(&w->reasons, (struct admission_reason){.policy = STR_EMPTY,
                                                  .rule = STR_EMPTY,
                                                  .message = message,
                                                  .action = ADMISSION_ACTION_DENY,
                                                  .failed = true});
  *ret = (struct admission_decision){
      .reasons = w->reasons.items,
      .reason_count = w->reasons.count,
      .message = message,
      .policies = w->snapshot->policies.count,
  };
}

static void answer_admission(struct admission_worker *w, struct value root, int rc, unsigned phases,
                             int64_t deadline_ns, struct buf *out, struct admission_decision *ret,
                             struct error *err)
{
  struct admission_request request;
  enum admission_version version = ADMISSION_V1;
  struct str uid = STR_EMPTY;
  if (rc == 0)
    rc = admission_read(root, &request, err);
  if (rc < 0) {
    admission_peek(root, &version, &uid);
    refuse(w, err, ret);
  } else {
    version = request.version;
    uid = request.uid;
    admission_decide(w, &request, phases, deadline_ns, ret);
  }
  admission_decision_write(out, version, uid, ret);
}

static void answer_images(struct admission_worker *w, struct value root, int rc,
                          int64_t deadline_ns, struct buf *out, struct admission_decision *ret,
                          struct error *err)
{
  struct image_review review;
  if (rc == 0)
    rc = image_review_read(root, &review, err);
  if (rc < 0)
    refuse(w, err, ret);
  else
    admission_decide_images(w, &review, deadline_ns, ret);
  struct image_response r = {
      .allowed = ret->allowed,
      .reason = ret->message,
      .annotations = ret->annotations,
      .annotation_count = ret->annotation_count,
  };
  image_response_write(out, &r);
}

void admission_answer(struct admission_worker *worker, struct str text, unsigned phases,
                      int64_t deadline_ns, struct buf *out, struct admission_decision *ret)
{
  struct admission_decision decision;
  struct value root = VALUE_NONE;
  struct error err;
  admission_begin(worker);
  int rc = admission_parse(worker, text, &root, &err);
  if (rc < 0)
    root = VALUE_NONE;
  if (phases)
    answer_admission(worker, root, rc, phases, deadline_ns, out, &decision, &err);
  else
    answer_images(worker, root, rc, deadline_ns, out, &decision, &err);
  if (ret)
    *ret = decision;
}
