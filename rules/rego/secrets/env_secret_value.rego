# METADATA
# title: Environment variable holds a credential of a known kind
# description: >-
#   The value has the form of a key or token that works as it stands. Whoever may read the
#   manifest can use it.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
#   - https://attack.mitre.org/techniques/T1552/
# custom:
#   id: env-secret-value
#   severity: critical
#   remedy: >-
#     Revoke it now; put its successor into a Secret or a secret store.
#   kinds: [workload]
#   controls:
#     cis-kubernetes: ["5.4.1"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   aliases:
#     polaris: ["sensitiveContainerEnvVar"]
#     kubescape: ["C-0012"]
package seawall.rules.env_secret_value

import data.seawall.lib.pod
import data.seawall.lib.secret

finding contains {
	"message": sprintf("variable %v of container %q holds %s", [e.name, c.name, kind]),
	"container": c.name,
	"path": pod.at(c, ["env", i, "value"]),
	"evidence": e.name,
	"key": e.name,
} if {
	some c in pod.containers
	some i, e in c.value.env
	count(e.value) > 15
	kind := secret.kind(e.value)
}
