# METADATA
# title: Ingress does not redirect to HTTPS
# description: >-
#   ingress-nginx sends plain requests to HTTPS when TLS is configured. With the redirect switched
#   off, whoever types the address or follows an old link stays on plain text.
# related_resources:
#   - https://kubernetes.github.io/ingress-nginx/user-guide/tls/#server-side-https-enforcement-through-redirect
# custom:
#   id: ingress-ssl-redirect-off
#   severity: low
#   remedy: >-
#     Remove the annotation. If a load balancer in front ends TLS, set force-ssl-redirect to
#     true.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1040"]
package seawall.rules.ingress_ssl_redirect_off

import data.seawall.lib.ingress
import data.seawall.lib.meta

off := {
	"nginx.ingress.kubernetes.io/ssl-redirect": "false",
	"ingress.kubernetes.io/ssl-redirect": "false",
	"nginx.org/redirect-to-https": "false",
	"kubernetes.io/ingress.allow-http": "true",
	"haproxy.org/ssl-redirect": "false",
}

finding contains {
	"message": sprintf("%s serves plain HTTP although it has TLS: %s is %s", [meta.title, annotation, value]),
	"path": ["metadata", "annotations", annotation],
	"evidence": value,
} if {
	some annotation, value in off
	sprintf("%v", [meta.annotations[annotation]]) == value
	count(ingress.tls) > 0
}
