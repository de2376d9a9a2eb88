# METADATA
# title: >-
#   Annotation of an Ingress breaks out of the controller's configuration
# description: >-
#   Values with line breaks, braces, semicolons or Lua end the directive that the controller
#   writes them into and begin a new one. Several vulnerabilities of ingress-nginx were of this
#   kind (CVE-2021-25745, CVE-2021-25748, CVE-2023-5044, CVE-2025-1097, CVE-2025-1098).
# related_resources:
#   - https://github.com/kubernetes/kubernetes/issues/126817
#   - https://kubernetes.io/blog/2025/03/24/ingress-nginx-cve-2025-1974/
# custom:
#   id: ingress-annotation-injection
#   severity: high
#   remedy: >-
#     Write a plain value, and update the controller: newer versions check annotations.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["10.0"]
#     mitre: ["T1190"]
package seawall.rules.ingress_annotation_injection

import data.seawall.lib.meta

# Annotations whose values go into one directive each.
values_of_one_directive := {
	"auth-url", "auth-signin", "auth-tls-match-cn", "auth-tls-error-page", "mirror-target", "mirror-host",
	"permanent-redirect", "temporal-redirect", "rewrite-target", "app-root", "upstream-vhost",
	"x-forwarded-prefix", "proxy-redirect-from", "proxy-redirect-to", "server-alias",
}

signs := {"\n", "\r", ";", "{", "}", "_by_lua", "ssl_engine", "load_module", "/var/run/secrets"}

finding contains {
	"message": sprintf("%s: the value of %s holds %q", [meta.title, annotation, sign]),
	"path": ["metadata", "annotations", annotation],
} if {
	some annotation, value in meta.annotations
	pieces := split(annotation, "/")
	pieces[1] in values_of_one_directive
	startswith(annotation, "nginx.ingress.")
	is_string(value)
	sign := min([s | some s in signs; contains(value, s)])
	not braces_of_a_pattern(pieces[1], sign)
}

# Regular expressions hold braces: /([a-z]{2})/.
braces_of_a_pattern("auth-tls-match-cn", sign) if sign in {"{", "}"}

braces_of_a_pattern("rewrite-target", sign) if sign in {"{", "}"}
