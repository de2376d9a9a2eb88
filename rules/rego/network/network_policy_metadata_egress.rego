# METADATA
# title: >-
#   NetworkPolicy lets pods reach the cloud's metadata service
# description: >-
#   At 169.254.169.254 clouds hand out the credentials of the node to whoever asks. A policy that
#   allows a range around that address, such as 0.0.0.0/0, gives them to every pod it selects.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/cloud-native-security/
#   - https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
# custom:
#   id: network-policy-metadata-egress
#   severity: medium
#   remedy: >-
#     Add 169.254.169.254/32 to "except" of the block.
#   kinds: [networking.k8s.io/NetworkPolicy]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1552"]
#   example: |
#     egress:
#       - to:
#           - ipBlock:
#               cidr: 0.0.0.0/0
#               except: [169.254.169.254/32]
#   aliases:
#     kubescape: ["C-0052"]
package seawall.rules.network_policy_metadata_egress

import data.seawall.lib.meta
import data.seawall.lib.network

metadata_service := "169.254.169.254"

finding contains {
	"message": sprintf("%s lets pods reach the metadata service %s, which is in %s", [meta.title, metadata_service, block.cidr]),
	"path": ["spec", "egress", i, "to", j, "ipBlock"],
	"key": block.cidr,
	"evidence": block.cidr,
} if {
	"Egress" in network.directions(input.object.spec)
	some i, rule in input.object.spec.egress
	some j, peer in rule.to
	block := peer.ipBlock
	net.cidr_is_valid(block.cidr)
	net.cidr_contains(block.cidr, metadata_service)
	not excepted(block)
	over_http(rule)
}

excepted(block) if {
	some range in block.except
	net.cidr_is_valid(range)
	net.cidr_contains(range, metadata_service)
}

over_http(rule) if network.any_port(rule)

over_http(rule) if {
	some port in rule.ports
	includes_http(port)
}

includes_http(port) if meta.lacks(port, "port")

includes_http(port) if {
	port.port <= 80
	meta.field(port, "endPort", port.port) >= 80
}
