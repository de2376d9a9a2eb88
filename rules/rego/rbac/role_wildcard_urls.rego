# METADATA
# title: Role covers all URLs of the API server
# description: >-
#   nonResourceURLs * lets the holder read metrics, logs, debug endpoints and everything else that
#   the API server or an extension serves outside of its resources.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
# custom:
#   id: role-wildcard-urls
#   severity: medium
#   remedy: >-
#     List the paths that are needed, for example [/healthz, /metrics].
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     cis-kubernetes: ["5.1.3"]
#     nsa: ["7.2"]
#     mitre: ["T1613"]
package seawall.rules.role_wildcard_urls

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s covers the URLs %q of the API server", [meta.title, url]),
	"path": ["rules", r.index, "nonResourceURLs"],
	"evidence": url,
	"key": url,
} if {
	some r in rbac.rules
	some url in r.urls
	url in {"*", "/*"}
}
