# METADATA
# title: Ingress takes requests for any host
# description: >-
#   A rule without host, or with a wildcard, takes requests that are meant for others: hosts of
#   other teams that have no rule yet, and names that an attacker points at the cluster.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
# custom:
#   id: ingress-wildcard-host
#   severity: low
#   remedy: >-
#     Name the hosts.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1190"]
package seawall.rules.ingress_wildcard_host

import data.seawall.lib.ingress
import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s %s", [meta.title, what]),
	"path": ["spec", "rules", rule.index, "host"],
	"key": rule.host,
} if {
	some rule in ingress.hosts
	what := fault(rule.host)
}

fault("") := "has a rule without host: it takes requests for any"

fault(host) := sprintf("takes requests for %q", [host]) if startswith(host, "*")
