# METADATA
# title: Service takes traffic for addresses of its own choice
# description: >-
#   externalIPs makes every node send traffic for these addresses to the Service. Whoever may
#   write Services can so intercept what others send to any address (CVE-2020-8554), and there is
#   no fix in Kubernetes.
# related_resources:
#   - https://github.com/kubernetes/kubernetes/issues/97076
#   - https://kubernetes.io/docs/concepts/services-networking/service/#external-ips
# custom:
#   id: service-external-ips
#   severity: medium
#   remedy: >-
#     Remove spec.externalIPs; use a load balancer. Enable the admission plugin
#     DenyServiceExternalIPs.
#   kinds: [Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1557"]
package seawall.rules.service_external_ips

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s takes the traffic for %s", [meta.title, address]),
	"path": ["spec", "externalIPs", i],
	"key": address,
	"evidence": address,
} if {
	some i, address in input.object.spec.externalIPs
	is_string(address)
}
