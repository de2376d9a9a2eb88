/* Violations as findings. */
#include "policy/gatekeeper_int.h"

static void add_finding(struct finding_list *list, const struct gatekeeper_violation *violation,
                        const struct kube_object *object, const struct location *place)
{
  struct finding *f = finding_add(list, &violation->constraint->rule);
  f->severity = gatekeeper_severity(violation->actions);
  f->subject = (struct subject){
      .api_version = object->api_version,
      .kind = object->kind,
      .namespace = object->namespace,
      .name = kube_object_subject_name(object, list->arena),
      .labels = object->labels,
  };
  f->location = (struct location){
      .file = place->file,
      .document = place->document,
      .line = object->position.line,
      .column = object->position.column,
      .pointer = arena_copy(list->arena, str_from(object->pointer)),
  };
  f->message = arena_copy(list->arena, violation->message);
  finding_seal(f, violation->message);
}

int gatekeeper_scan(struct gatekeeper_worker *worker, struct finding_list *list,
                    const struct kube_object *object, const struct location *place,
                    const struct gatekeeper_inventory *inventory, uint32_t *ret_matched,
                    struct error *err)
{
  struct gatekeeper_decision decision;
  struct gatekeeper_review review = {
      .object = object->value,
      .point = GATEKEEPER_POINT_GATOR,
      .inventory = inventory,
      .steps = GATEKEEPER_SCAN_STEPS,
  };
  struct arena *scratch = gatekeeper_worker_scratch(worker);
  int rc = gatekeeper_decide(worker, scratch, &review, &decision, err);
  for (uint32_t i = 0; rc == 0 && i < decision.count; i++)
    add_finding(list, &decision.items[i], object, place);
  if (rc == 0 && ret_matched)
    *ret_matched = decision.matched;
  arena_reset(scratch);
  return rc;
}
