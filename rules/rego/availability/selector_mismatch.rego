# METADATA
# title: Selector does not match the labels of its own pods
# description: >-
#   The API server refuses such an object; nothing is started.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
# custom:
#   id: selector-mismatch
#   severity: medium
#   remedy: >-
#     Give the template the labels that the selector asks for.
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, ReplicationController, apps.openshift.io/DeploymentConfig, extensions/Deployment]
#   aliases:
#     kube-linter: ["mismatching-selector"]
#     kube-score: ["deployment-pod-selector-labels-match-template-metadata-labels", "statefulset-pod-selector-labels-match-template-metadata-labels"]
package seawall.rules.selector_mismatch

import data.seawall.lib.pod
import data.seawall.lib.selector

finding contains {
	"message": "the selector does not match the labels of the pod template",
	"path": ["spec", "selector"],
	"evidence": input.object.spec.selector,
} if {
	is_object(input.object.spec.selector)
	not matches
}

labels := object.get(object.get(input.pod, "metadata", {}), "labels", {})

by_expression if pod.kind != null

matches if {
	by_expression
	pod.kind != "ReplicationController"
	selector.matches(input.object.spec.selector, labels)
}

matches if {
	by_pairs
	selector.matches_pairs(input.object.spec.selector, labels)
}

by_pairs if pod.kind == "ReplicationController"

by_pairs if input.object.kind == "DeploymentConfig"
