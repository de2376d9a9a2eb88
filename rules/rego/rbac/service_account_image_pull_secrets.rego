# METADATA
# title: Service account default carries registry credentials
# description: >-
#   Every pod of the namespace that names no service account is given the credentials, and whoever
#   may start a pod can pull all images that they open.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
# custom:
#   id: service-account-image-pull-secrets
#   severity: info
#   remedy: >-
#     Put imagePullSecrets into the service accounts of the programs that need them, or let
#     nodes authenticate to the registry by themselves.
#   kinds: [ServiceAccount]
#   controls:
#     nsa: ["1.11"]
#     mitre: ["T1552"]
package seawall.rules.service_account_image_pull_secrets

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s gives the registry credentials %q to every pod without an account of its own", [meta.title, credential.name]),
	"path": ["imagePullSecrets", i],
	"key": credential.name,
} if {
	meta.name == "default"
	some i, credential in input.object.imagePullSecrets
}
