# METADATA
# title: >-
#   Ingress lets any website use the user's session
# description: >-
#   With credentials allowed and any origin accepted, a page that the user visits can call the
#   application in the user's name and read the answers.
# related_resources:
#   - https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors
# custom:
#   id: ingress-cors-any-origin
#   severity: medium
#   remedy: >-
#     List the origins in cors-allow-origin, or set cors-allow-credentials to "false".
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1190"]
package seawall.rules.ingress_cors_any_origin

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s accepts requests with credentials from any origin", [meta.title]),
	"path": ["metadata", "annotations", "nginx.ingress.kubernetes.io/enable-cors"],
} if {
	meta.annotations["nginx.ingress.kubernetes.io/enable-cors"] == "true"
	object.get(meta.annotations, "nginx.ingress.kubernetes.io/cors-allow-origin", "*") == "*"
	object.get(meta.annotations, "nginx.ingress.kubernetes.io/cors-allow-credentials", "true") == "true"
}
