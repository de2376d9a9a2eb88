# METADATA
# title: Ingress without TLS
# description: >-
#   Without TLS everybody on the way reads and changes what is sent: passwords, session cookies,
#   tokens.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
# custom:
#   id: ingress-without-tls
#   severity: medium
#   remedy: >-
#     Add spec.tls with the hosts and the Secret that holds their certificate; cert-manager can
#     keep it up to date.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1040", "T1557"]
#   example: |
#     spec:
#       tls:
#         - hosts: [shop.example.com]
#           secretName: shop-tls
#   aliases:
#     polaris: [tlsSettingsMissing]
#     kubescape: ["C-0263"]
package seawall.rules.ingress_without_tls

import data.seawall.lib.ingress
import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s has no TLS", [meta.title]),
	"path": ["spec", "tls"],
} if {
	is_object(input.object.spec)
	meta.empty(input.object.spec, "tls")
	not ingress.cloud_tls
	not passed_through
}

# The pods behind it do TLS themselves.
passed_through if "true" in ingress.nginx["ssl-passthrough"]
