# METADATA
# title: Pods that never became healthy block eviction
# description: >-
#   By default a pod that is not ready counts as disrupted and may not be evicted while the
#   budget is short: a broken application blocks the draining of nodes.
# related_resources:
#   - https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   id: pdb-unhealthy-pods
#   severity: info
#   remedy: >-
#     Set unhealthyPodEvictionPolicy: AlwaysAllow.
#   kinds: [policy/PodDisruptionBudget, PodDisruptionBudget]
#   aliases:
#     kube-linter: ["pdb-unhealthy-pod-eviction-policy"]
package seawall.rules.pdb_unhealthy_pods

finding contains {
	"message": "unhealthyPodEvictionPolicy is not set",
	"path": ["spec", "unhealthyPodEvictionPolicy"],
} if {
	object.get(input.object.spec, "unhealthyPodEvictionPolicy", "") in {"", null}
}
