# METADATA
# title: Host of an Ingress is not covered by its TLS
# description: >-
#   The Ingress has TLS, but not for this host: it is served in plain text, or with a certificate
#   of another name that users learn to click away.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
# custom:
#   id: ingress-host-without-tls
#   severity: medium
#   remedy: >-
#     Add the host to spec.tls[].hosts, with a certificate that names it.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1040", "T1557"]
package seawall.rules.ingress_host_without_tls

import data.seawall.lib.ingress
import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s has TLS, but not for the host %q", [meta.title, rule.host]),
	"path": ["spec", "rules", rule.index, "host"],
	"key": rule.host,
	"evidence": rule.host,
} if {
	count(ingress.tls) > 0
	not for_all_hosts
	some rule in ingress.hosts
	rule.host != ""
	not covered(rule.host)
}

# An entry without hosts stands for all of them.
for_all_hosts if {
	some entry in ingress.tls
	meta.empty(entry, "hosts")
}

names contains name if {
	some entry in ingress.tls
	some name in entry.hosts
}

covered(host) if host in names

covered(host) if {
	some name in names
	startswith(name, "*.")
	endswith(host, trim_prefix(name, "*"))
	not contains(trim_suffix(host, trim_prefix(name, "*")), ".")
}
