# METADATA
# title: Environment variable is set twice
# description: >-
#   Only the last one holds; which one was meant nobody can tell.
# related_resources:
#   - https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
# custom:
#   id: env-duplicate
#   severity: low
#   remedy: >-
#     Remove one.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["duplicate-env-var"]
#     kube-score: ["environment-variable-key-duplication"]
package seawall.rules.env_duplicate

import data.seawall.lib.pod

finding contains {
	"message": sprintf("variable %v of container %q is set more than once", [name, c.name]),
	"container": c.name,
	"path": pod.at(c, ["env"]),
	"key": sprintf("%v", [name]),
} if {
	some c in pod.containers
	names := sort([e.name | some e in c.value.env])
	some i, name in names
	name == names[i + 1]
}
