# METADATA
# title: Pod on the host's network does not resolve cluster names
# description: >-
#   With hostNetwork and the DNS policy ClusterFirst, which is the default, the node's resolver
#   is used: names of Services are not found.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
# custom:
#   id: host-network-dns-policy
#   severity: low
#   remedy: >-
#     Set dnsPolicy: ClusterFirstWithHostNet, or Default if the node's resolver is meant.
#   kinds: [workload]
package seawall.rules.host_network_dns_policy

import data.seawall.lib.pod

finding contains {
	"message": "hostNetwork with dnsPolicy ClusterFirst resolves by the node's DNS",
	"path": pod.in_spec(["dnsPolicy"]),
} if {
	input.pod.spec.hostNetwork == true
	object.get(input.pod.spec, "dnsPolicy", "ClusterFirst") == "ClusterFirst"
}
