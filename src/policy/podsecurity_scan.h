/*
 * podsecurity_scan.h - the Pod Security Standards held against manifests: a finding for every
 * single place that breaks them.
 *
 *     struct location place = {.file = path, .document = number};
 *     unsigned pods = podsecurity_scan(&findings, &object, target, &place);
 *
 * Every pod template of the object (kube/pod.h) is judged as a pod that is created from it would
 * be. Each finding points to the offending value, or, if a required field is missing, to the
 * deepest place that exists and should hold it; it names the container, quotes the value, and
 * carries a JSON Patch against the document where a fix is safe: one that cannot break a
 * container that works (allowPrivilegeEscalation: false in a container that is not privileged)
 * or only makes explicit what restricted asks for (RuntimeDefault seccomp). What may change
 * behaviour (the host's network, a volume, a user id) has a remedy in words and no patch.
 *
 * With level restricted, a fault that already breaks baseline is told once, under the rule of the
 * baseline check, so that its rule and fingerprint do not depend on the level. A template that
 * is missing or wrongly typed in a kind that must have one, and fields that the API server could
 * not decode, are findings of the rule "pss-wrong-type". Level privileged finds nothing.
 *
 * Positions: the tree must have been read with positions (else lines are 0); object->position is
 * the root's.
 *
 * Ownership: texts and patches are made in the list's arena or view the tree.
 * Thread safety: a list belongs to one thread.
 */
#ifndef SEAWALL_POLICY_PODSECURITY_SCAN_H
#define SEAWALL_POLICY_PODSECURITY_SCAN_H

#include "finding/finding.h"
#include "kube/object.h"
#include "policy/podsecurity.h"
#include "policy/podsecurity_rules.h"

/*
 * Appends the findings of one object (is_object must be true). Of `place` the file and the
 * number of the document are used. Returns how many pods or templates were judged: 0 means that
 * the object holds none.
 */
unsigned podsecurity_scan(struct finding_list *list, const struct kube_object *object,
                          struct podsecurity_target target, const struct location *place);

#endif
