# METADATA
# title: NetworkPolicy lets traffic out to everywhere
# description: >-
#   A rule without "to" allows every destination: other namespaces, the internet, and the cloud's
#   metadata service. Policies are added up, so this one undoes all stricter ones for the same
#   pods.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-egress-traffic
# custom:
#   id: network-policy-allows-all-egress
#   severity: low
#   remedy: >-
#     Name the destinations in "to", and the ports.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     cis-kubernetes: ["5.3.2"]
#     nsa: ["2.0"]
#     mitre: ["T1046"]
package seawall.rules.network_policy_allows_all_egress

import data.seawall.lib.meta
import data.seawall.lib.network

finding contains {
	"message": sprintf("%s lets traffic out to everywhere%s", [meta.title, ports(rule)]),
	"path": ["spec", "egress", i],
} if {
	"Egress" in network.directions(input.object.spec)
	some i, rule in input.object.spec.egress
	network.any_peer(rule, "egress")
	not names_only(rule)
}

ports(rule) := " on all ports" if {
	network.any_port(rule)
} else := ""

# Looking up names, wherever the resolver is.
names_only(rule) if {
	meta.filled(rule.ports)
	every port in rule.ports { port.port in {53, 5353, "dns", "dns-tcp"} }
}
