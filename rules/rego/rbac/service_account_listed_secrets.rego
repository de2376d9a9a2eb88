# METADATA
# title: ServiceAccount lists token Secrets
# description: >-
#   Secrets under "secrets" are the old way of giving tokens: they never expire, and lie in etcd
#   for everybody who may read Secrets. Since 1.24 Kubernetes makes none, and pods get tokens that
#   expire.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token
# custom:
#   id: service-account-listed-secrets
#   severity: low
#   remedy: >-
#     Remove "secrets" and delete the token Secrets. Ask for tokens with the TokenRequest API
#     (kubectl create token).
#   kinds: [ServiceAccount]
#   controls:
#     nsa: ["1.11"]
#     mitre: ["T1528"]
package seawall.rules.service_account_listed_secrets

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s lists the Secret %q", [meta.title, listed.name]),
	"path": ["secrets", i],
	"key": listed.name,
} if {
	some i, listed in input.object.secrets
	not enforces_mountable
}

# Here the list says which Secrets pods may mount.
enforces_mountable if meta.annotations["kubernetes.io/enforce-mountable-secrets"] == "true"
