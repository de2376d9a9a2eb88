# METADATA
# title: Workload lacks a required label
# description: >-
#   Your own rules say which labels every workload must have: who owns it, whom to call, what it
#   belongs to.
# related_resources:
#   - https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   id: required-labels
#   severity: low
#   remedy: >-
#     Add the label. The parameter requiredLabels lists them (keys, or key=value); without it
#     this rule says nothing.
#   kinds: [workload, apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob, apps.openshift.io/DeploymentConfig, StatefulSet]
#   parameters: [requiredLabels]
#   aliases:
#     kube-linter: ["required-label-owner"]
#     kubescape: ["C-0076"]
package seawall.rules.required_labels

import data.seawall.lib.config

finding contains {
	"message": sprintf("label %v is missing", [wanted]),
	"path": ["metadata", "labels"],
	"key": wanted,
} if {
	some wanted in config.required_labels
	not has(wanted)
}

has(wanted) if input.object.metadata.labels[wanted] != ""

has(wanted) if {
	[key, value] := split(wanted, "=")
	input.object.metadata.labels[key] == value
}
