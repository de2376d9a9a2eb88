# METADATA
# title: Replicas may all land on one node
# description: >-
#   Without an anti-affinity or a spread constraint the scheduler may put all copies on one
#   node, and its end is an outage.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   id: anti-affinity
#   severity: low
#   remedy: >-
#     Add a topologySpreadConstraint or a podAntiAffinity over kubernetes.io/hostname that
#     selects the pods of this workload.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["no-anti-affinity"]
#     kube-score: ["deployment-has-host-podantiaffinity", "statefulset-has-host-podantiaffinity"]
package seawall.rules.anti_affinity

import data.seawall.lib.pod

finding contains {
	"message": sprintf("%v replicas, but neither anti-affinity nor spread constraints keep them apart", [input.object.spec.replicas]),
	"path": pod.in_spec(["affinity"]),
} if {
	input.object.spec.replicas > 1
	pod.replicated
	not apart
	not some_term
}

finding contains {
	"message": sprintf("anti-affinity looks in namespaces %v, not in the pod's own, %v", [term.namespaces, input.object.metadata.namespace]),
	"path": pod.in_spec(["affinity", "podAntiAffinity"]),
	"evidence": term.namespaces,
} if {
	input.object.spec.replicas > 1
	pod.replicated
	some term in terms
	count(term.namespaces) > 0
	not input.object.metadata.namespace in term.namespaces
	not apart
}

apart if count(input.pod.spec.topologySpreadConstraints) > 0

apart if {
	some term in terms
	object.get(term, "namespaces", []) == []
}

apart if {
	some term in terms
	input.object.metadata.namespace in term.namespaces
}

some_term if count(terms) > 0

anti := input.pod.spec.affinity.podAntiAffinity

terms := array.concat(
	[t | some t in anti.requiredDuringSchedulingIgnoredDuringExecution],
	[t.podAffinityTerm | some t in anti.preferredDuringSchedulingIgnoredDuringExecution],
)
