# METADATA
# title: Names outside of the cluster are looked up five times
# description: >-
#   The default ndots:5 tries every search domain for names with fewer dots first: slow, and
#   load for the cluster's DNS.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
# custom:
#   id: dns-ndots
#   severity: info
#   remedy: >-
#     Set dnsConfig.options ndots to 2.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["dnsconfig-options"]
package seawall.rules.dns_ndots

import data.seawall.lib.pod

finding contains {
	"message": "dnsConfig does not set ndots to 2",
	"path": pod.in_spec(["dnsConfig", "options"]),
} if {
	not few
}

few if {
	some option in input.pod.spec.dnsConfig.options
	option.name == "ndots"
	option.value in {"1", "2"}
}
