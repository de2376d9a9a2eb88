# METADATA
# title: Every Service becomes environment variables
# description: >-
#   Unless enableServiceLinks is false, addresses and ports of all Services of the namespace are
#   put into the environment: slow to start where there are many, and a map for whoever gets in.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   id: service-links
#   severity: info
#   remedy: >-
#     Set enableServiceLinks: false.
#   kinds: [workload]
#   controls:
#     mitre: ["T1613"]
package seawall.rules.service_links

import data.seawall.lib.pod

finding contains {
	"message": "enableServiceLinks is not false",
	"path": pod.in_spec(["enableServiceLinks"]),
} if {
	not input.pod.spec.enableServiceLinks == false
}
