# METADATA
# title: Volume claim of a StatefulSet lacks a required annotation
# description: >-
#   Backup and encryption of volumes are often steered by annotations of the claim; a template
#   cannot be changed later.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
# custom:
#   id: required-claim-annotations
#   severity: low
#   remedy: >-
#     Add the annotation to the volumeClaimTemplate. The parameter requiredClaimAnnotations
#     lists them; without it this rule says nothing.
#   kinds: [apps/StatefulSet]
#   parameters: [requiredClaimAnnotations]
#   aliases:
#     kube-linter: ["statefulset-volumeclaimtemplate-annotation"]
package seawall.rules.required_claim_annotations

import data.seawall.lib.config

finding contains {
	"message": sprintf("volume claim %v lacks the annotation %v", [claim.metadata.name, wanted]),
	"path": ["spec", "volumeClaimTemplates", i, "metadata", "annotations"],
	"key": sprintf("%v/%v", [claim.metadata.name, wanted]),
} if {
	some wanted in config.required_claim_annotations
	some i, claim in input.object.spec.volumeClaimTemplates
	not claim.metadata.annotations[wanted]
}
