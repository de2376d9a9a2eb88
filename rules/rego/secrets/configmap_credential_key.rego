# METADATA
# title: ConfigMap holds a credential by its name
# description: >-
#   ConfigMaps are readable with the role view, are shown by every dashboard and are not encrypted
#   in etcd even where Secrets are.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/configmap/
#   - https://kubernetes.io/docs/concepts/configuration/secret/
# custom:
#   id: configmap-credential-key
#   severity: high
#   remedy: >-
#     Move the value into a Secret, better one that an operator fetches from a secret store, and
#     change it, since it has been published here.
#   kinds: [ConfigMap]
#   controls:
#     cis-kubernetes: ["5.4.2"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   aliases:
#     polaris: [sensitiveConfigmapContent]
#     kubescape: ["C-0012"]
package seawall.rules.configmap_credential_key

import data.seawall.lib.meta
import data.seawall.lib.secret

finding contains {
	"message": sprintf("%s holds a value under %q", [meta.title, key]),
	"path": ["data", key],
	"key": key,
} if {
	some key, value in input.object.data
	secret.is_name(key)
	secret.is_literal(value)
	not contains(value, "\n")
}
