# METADATA
# title: Token of a service account that never expires
# description: >-
#   A Secret of this type is filled with a token that is valid until the Secret is deleted. Tokens
#   that pods get are bound to the pod and expire within hours.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets
# custom:
#   id: secret-service-account-token
#   severity: medium
#   remedy: >-
#     Delete the Secret. Mount a projected token, or ask for one with kubectl create token
#     --duration.
#   kinds: [Secret]
#   controls:
#     cis-kubernetes: ["5.1.6"]
#     nsa: ["1.11"]
#     mitre: ["T1528", "T1550"]
package seawall.rules.secret_service_account_token

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s holds a token of the service account %q that never expires", [meta.title, account]),
	"path": ["type"],
	"evidence": input.object.type,
} if {
	input.object.type == "kubernetes.io/service-account-token"
	account := object.get(meta.annotations, "kubernetes.io/service-account.name", "")
}
