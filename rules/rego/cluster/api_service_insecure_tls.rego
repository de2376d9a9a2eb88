# METADATA
# title: Aggregated API is not verified
# description: >-
#   The API server hands the requests of users, with their identity, to whoever answers at the
#   Service's address. What answers decides what users of that API see.
# related_resources:
#   - https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
# custom:
#   id: api-service-insecure-tls
#   severity: medium
#   remedy: >-
#     Remove insecureSkipTLSVerify and set caBundle, or let cert-manager fill it in with the
#     annotation cert-manager.io/inject-ca-from.
#   kinds: [apiregistration.k8s.io/APIService]
#   controls:
#     nsa: ["2.2"]
#     mitre: ["T1557"]
package seawall.rules.api_service_insecure_tls

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s does not verify the server that answers for it", [meta.title]),
	"path": ["spec", "insecureSkipTLSVerify"],
	"evidence": true,
} if {
	input.object.spec.insecureSkipTLSVerify == true
}
