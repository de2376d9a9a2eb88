# METADATA
# title: Ingress does not verify certificates
# description: >-
#   With verification switched off, client certificates prove nothing, or whoever gets between the
#   controller and the pods reads along.
# related_resources:
#   - https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication
#   - https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-certificate-authentication
# custom:
#   id: ingress-tls-verification-off
#   severity: medium
#   remedy: >-
#     Set auth-tls-verify-client to "on", and proxy-ssl-verify to "on" with a proxy-ssl-secret
#     that holds the certificate authority.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1557"]
package seawall.rules.ingress_tls_verification_off

import data.seawall.lib.meta

off := {
	"auth-tls-verify-client": {"off", "optional_no_ca"},
	"proxy-ssl-verify": {"off"},
}

finding contains {
	"message": sprintf("%s does not verify certificates: %s is %q", [meta.title, key, value]),
	"path": ["metadata", "annotations", concat("", ["nginx.ingress.kubernetes.io/", key])],
	"evidence": value,
} if {
	some key, values in off
	value := meta.annotations[concat("", ["nginx.ingress.kubernetes.io/", key])]
	value in values
	asked_for(key)
}

# Without these the annotation has no effect.
asked_for("auth-tls-verify-client") if meta.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]

asked_for("proxy-ssl-verify") if meta.annotations["nginx.ingress.kubernetes.io/proxy-ssl-secret"]

asked_for("proxy-ssl-verify") if meta.annotations["nginx.ingress.kubernetes.io/backend-protocol"] in {"HTTPS", "GRPCS"}
