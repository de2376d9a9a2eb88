/*
 * finding_place.h - a finding put in its place: subject, file, line, pointer, evidence, fingerprint.
 *
 *     struct finding *f = finding_add(&list, rule);
 *     f->message = message;
 *     f->subject = finding_subject(&object, STR("web"), arena);
 *     f->evidence = finding_quote(value, arena);
 *     finding_place(f, &object, &file, STR("/spec/template/spec/hostNetwork"), STR_EMPTY, arena);
 *
 * The pointer, within the object, is that of the value at fault, or of the place where the missing one
 * belongs. The fingerprint is made for it, so that it stays the same when a parent is added that does
 * not mend the fault; what is shown is the deepest place that exists.
 *
 * Ownership: texts are made in the arena or view the object. Thread safety: an arena each.
 */
#ifndef SEAWALL_POLICY_FINDING_PLACE_H
#define SEAWALL_POLICY_FINDING_PLACE_H

#include "finding/finding.h"
#include "kube/object.h"

enum { FINDING_EVIDENCE_MAX = 120 }; /* bytes of a value that a finding quotes */

/* Who it is about. */
struct subject finding_subject(const struct kube_object *object, struct str container,
                               struct arena *arena);

/* A value as JSON, shortened; empty if it is absent. */
struct str finding_quote(struct value v, struct arena *arena);

/* Fills location and fingerprint; rule and subject must be there. Of `place` the file and the number of
 * the document are used. key tells faults at one place apart. */
void finding_place(struct finding *f, const struct kube_object *object,
                   const struct location *place, struct str pointer, struct str key,
                   struct arena *arena);

/* The location alone, for who answers at once and remembers nothing: a fingerprint costs more. */
void finding_point(struct finding *f, const struct kube_object *object,
                   const struct location *place, struct str pointer, struct arena *arena);

#endif
