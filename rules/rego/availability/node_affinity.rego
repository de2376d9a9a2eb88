# METADATA
# title: Pod says nothing about its nodes
# description: >-
#   Without node affinity or selector the pod may run on nodes of another kind than it needs.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
# custom:
#   id: node-affinity
#   severity: info
#   remedy: >-
#     Add nodeAffinity or a nodeSelector where nodes differ.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["no-node-affinity"]
package seawall.rules.node_affinity

import data.seawall.lib.pod

finding contains {
	"message": "neither node affinity nor node selector",
	"path": pod.in_spec(["affinity", "nodeAffinity"]),
} if {
	pod.serves
	not said
}

said if count(input.pod.spec.nodeSelector) > 0

said if count(input.pod.spec.affinity.nodeAffinity) > 0
