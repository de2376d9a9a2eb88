# METADATA
# title: Workload lacks a required annotation
# description: >-
#   Your own rules say which annotations every workload must have: who owns it, whom to call,
#   what it belongs to.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   id: required-annotations
#   severity: low
#   remedy: >-
#     Add the annotation. The parameter requiredAnnotations lists them (keys, or key=value);
#     without it this rule says nothing.
#   kinds: [workload, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob, apps.openshift.io/DeploymentConfig, StatefulSet]
#   parameters: [requiredAnnotations]
#   aliases:
#     kube-linter: ["required-annotation-email"]
#     kubescape: ["C-0076"]
package seawall.rules.required_annotations

import data.seawall.lib.config

finding contains {
	"message": sprintf("annotation %v is missing", [wanted]),
	"path": ["metadata", "annotations"],
	"key": wanted,
} if {
	some wanted in config.required_annotations
	not has(wanted)
}

has(wanted) if input.object.metadata.annotations[wanted] != ""

has(wanted) if {
	[key, value] := split(wanted, "=")
	input.object.metadata.annotations[key] == value
}
