# METADATA
# title: NetworkPolicy allows traffic with pods that do not exist
# description: >-
#   A peer that matches nothing usually is a misspelt label: the traffic that it was written for
#   is denied, or will be allowed to whoever takes that label next.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   id: network-policy-peer-selects-nothing
#   severity: low
#   remedy: >-
#     Make the peer's podSelector match the labels of the pods that are meant; add a
#     namespaceSelector if they are in another namespace.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   scope: set
#   needs: [workload, networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
#   aliases:
#     kube-linter: [dangling-networkpolicypeer-podselector]
package seawall.rules.network_policy_peer_selects_nothing

import data.seawall.lib.inventory
import data.seawall.lib.meta
import data.seawall.lib.network

finding contains {
	"message": sprintf("NetworkPolicy %q names pods in its %s that are not in what was scanned", [p.name, direction]),
	"about": p.id,
	"path": ["spec", direction, i, list, j, "podSelector"],
	"evidence": peer.podSelector,
} if {
	some p in inventory.objects("networking.k8s.io/NetworkPolicy")
	some direction, list in network.peer_lists
	some i, rule in p.object.spec[direction]
	some j, peer in rule[list]
	is_object(peer.podSelector)
	meta.lacks(peer, "namespaceSelector")
	not network.selects_all(peer)
	count(inventory.pods_selected(p.namespace, peer.podSelector)) == 0
}
