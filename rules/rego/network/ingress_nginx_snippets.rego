# METADATA
# title: Ingress adds configuration to the controller
# description: >-
#   Snippets are copied into the configuration of ingress-nginx. Whoever may write an Ingress can
#   through them run code in the controller and read every Secret that it may read, usually those
#   of the whole cluster (CVE-2021-25742).
# related_resources:
#   - https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#configuration-snippet
#   - https://github.com/kubernetes/ingress-nginx/issues/7837
# custom:
#   id: ingress-nginx-snippets
#   severity: high
#   remedy: >-
#     Remove the annotation and set allow-snippet-annotations to false in the controller's
#     ConfigMap. Most snippets have an annotation of their own that does the same.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1190", "T1552"]
package seawall.rules.ingress_nginx_snippets

import data.seawall.lib.meta

snippets := {
	"configuration-snippet", "server-snippet", "auth-snippet", "modsecurity-snippet", "stream-snippet",
	"location-snippets", "server-snippets",
}

finding contains {
	"message": sprintf("%s adds configuration to the controller: %s", [meta.title, annotation]),
	"path": ["metadata", "annotations", annotation],
} if {
	some annotation, _ in meta.annotations
	contains(annotation, "-snippet")
	pieces := split(annotation, "/")
	pieces[1] in snippets
}
