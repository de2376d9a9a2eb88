# METADATA
# title: Environment variable holds a secret in plain text
# description: >-
#   Whoever may read the manifest, its repository or the object has the secret; it is in every
#   backup, and cannot be changed without a new roll-out.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/secret/
#   - https://attack.mitre.org/techniques/T1552/
#   - https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
# custom:
#   id: env-secret-name
#   severity: high
#   remedy: >-
#     Put it into a Secret, best mounted as a file; if it has been in a repository, change it.
#   kinds: [workload]
#   controls:
#     cis-kubernetes: ["5.4.1"]
#     nsa: ["6.3"]
#     mitre: ["T1552"]
#   example: |
#     env:
#       - name: DB_PASSWORD
#         valueFrom:
#           secretKeyRef: {name: database, key: password}
#   aliases:
#     polaris: ["sensitiveContainerEnvVar"]
#     kube-linter: ["env-var-secret"]
#     kubescape: ["C-0012"]
package seawall.rules.env_secret_name

import data.seawall.lib.pod
import data.seawall.lib.secret

finding contains {
	"message": sprintf("variable %s of container %q has its value in plain text", [e.name, c.name]),
	"container": c.name,
	"path": pod.at(c, ["env", i, "value"]),
	"evidence": e.name,
	"key": e.name,
} if {
	some c in pod.containers
	some i, e in c.value.env
	secret.is_name(e.name)
	secret.is_literal(e.value)
}
