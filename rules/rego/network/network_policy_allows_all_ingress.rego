# METADATA
# title: NetworkPolicy accepts traffic from everywhere
# description: >-
#   A rule without "from", or from 0.0.0.0/0, accepts every source. Policies are added up, so this
#   one undoes all stricter ones for the same pods.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic
# custom:
#   id: network-policy-allows-all-ingress
#   severity: low
#   remedy: >-
#     Name the sources in "from", and the ports. For what the internet should reach, allow the
#     ingress controller's pods alone.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     cis-kubernetes: ["5.3.2"]
#     nsa: ["2.0"]
#     mitre: ["T1046"]
package seawall.rules.network_policy_allows_all_ingress

import data.seawall.lib.meta
import data.seawall.lib.network

finding contains {
	"message": sprintf("%s accepts traffic from everywhere%s", [meta.title, ports(rule)]),
	"path": ["spec", "ingress", i],
	"severity": severity(rule),
} if {
	"Ingress" in network.directions(input.object.spec)
	some i, rule in input.object.spec.ingress
	network.any_peer(rule, "ingress")
}

finding contains {
	"message": sprintf("%s accepts traffic from %s%s", [meta.title, peer.ipBlock.cidr, ports(rule)]),
	"path": ["spec", "ingress", i, "from", j, "ipBlock", "cidr"],
	"key": peer.ipBlock.cidr,
	"severity": severity(rule),
} if {
	"Ingress" in network.directions(input.object.spec)
	some i, rule in input.object.spec.ingress
	some j, peer in rule.from
	network.open_block(peer)
}

ports(rule) := " on all ports" if {
	network.any_port(rule)
} else := ""

severity(rule) := "medium" if {
	network.any_port(rule)
} else := "low"
