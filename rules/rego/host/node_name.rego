# METADATA
# title: Pod is bound to one node by name
# description: >-
#   With nodeName the scheduler is passed over: resources, taints and affinities are not looked
#   at, and if the node goes, so does the pod.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
# custom:
#   id: node-name
#   severity: low
#   remedy: >-
#     Remove nodeName; use a nodeSelector or an affinity.
#   kinds: [workload]
package seawall.rules.node_name

import data.seawall.lib.pod

finding contains {
	"message": sprintf("the pod runs on node %v alone, past the scheduler", [input.pod.spec.nodeName]),
	"path": pod.in_spec(["nodeName"]),
	"evidence": input.pod.spec.nodeName,
} if {
	input.pod.spec.nodeName != ""
	input.pod.spec.nodeName != null
}
