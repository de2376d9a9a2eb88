# NetworkPolicies: what a policy isolates, and what it lets through.
package seawall.lib.network

import data.seawall.lib.meta

# The directions that the policy isolates its pods in: as declared, or as the API server completes it.
directions(spec) := {t | some t in spec.policyTypes} if {
	meta.filled(spec.policyTypes)
} else := {"Ingress", "Egress"} if {
	meta.filled(spec.egress)
} else := {"Ingress"}

# All pods of the namespace: the selector is empty or absent.
selects_all(spec) if meta.lacks(spec, "podSelector")

selects_all(spec) if {
	selector := spec.podSelector
	meta.empty(selector, "matchLabels")
	meta.empty(selector, "matchExpressions")
}

# Peers of a rule: `from` of ingress, `to` of egress.
peer_lists := {"ingress": "from", "egress": "to"}

# No peers means all of them.
any_peer(rule, direction) if {
	is_object(rule)
	meta.empty(rule, peer_lists[direction])
}

any_port(rule) if meta.empty(rule, "ports")

# The whole internet, without exceptions.
everywhere := {"0.0.0.0/0", "::/0"}

open_block(peer) if {
	peer.ipBlock.cidr in everywhere
	meta.empty(peer.ipBlock, "except")
}

# Every pod of every namespace.
all_pods(peer) if {
	is_object(peer.namespaceSelector)
	meta.empty(peer.namespaceSelector, "matchLabels")
	meta.empty(peer.namespaceSelector, "matchExpressions")
	pod_selector_empty(peer)
}

pod_selector_empty(peer) if meta.lacks(peer, "podSelector")

pod_selector_empty(peer) if {
	peer.podSelector
	selects_all({"podSelector": peer.podSelector})
}

# A rule that lets everything through: the policy isolates nothing in that direction.
allows_all(spec, direction) if {
	some rule in spec[direction]
	any_peer(rule, direction)
	any_port(rule)
}
