# METADATA
# title: Pods are not spread over zones
# description: >-
#   Without topologySpreadConstraints all copies may be in one zone, whose end is then an
#   outage.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   id: topology-spread
#   severity: info
#   remedy: >-
#     Add a topologySpreadConstraint over topology.kubernetes.io/zone.
#   kinds: [workload]
#   aliases:
#     polaris: ["topologySpreadConstraint"]
package seawall.rules.topology_spread

import data.seawall.lib.pod

finding contains {
	"message": "no topologySpreadConstraints: all copies may be in one zone",
	"path": pod.in_spec(["topologySpreadConstraints"]),
} if {
	pod.replicated
	not spread
}

spread if count(input.pod.spec.topologySpreadConstraints) > 0
