# METADATA
# title: ConfigMap holds a credential by its form
# description: >-
#   The value has the form of a private key or of a token that a service gives out. ConfigMaps are
#   readable with the role view and are not encrypted in etcd.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
#   - https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: configmap-credential-value
#   severity: high
#   remedy: >-
#     Move it into a Secret, better one that an operator fetches from a secret store, and have
#     it replaced by whoever issued it.
#   kinds: [ConfigMap]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   aliases:
#     polaris: [sensitiveConfigmapContent]
#     kubescape: ["C-0012"]
package seawall.rules.configmap_credential_value

import data.seawall.lib.meta
import data.seawall.lib.secret

finding contains {
	"message": sprintf("%s holds %s under %q", [meta.title, kind, key]),
	"path": ["data", key],
	"key": key,
} if {
	some key, value in input.object.data
	kind := secret.kind(value)
}
