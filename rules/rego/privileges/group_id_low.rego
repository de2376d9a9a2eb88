# METADATA
# title: Container runs with a low group number
# description: >-
#   Numbers below 10000 often belong to somebody on the node. If the container gets out, it has
#   that group's files.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   id: group-id-low
#   severity: info
#   remedy: >-
#     Choose a runAsGroup from 10000 up.
#   kinds: [workload]
#   aliases:
#     kube-score: ["container-security-context-user-group-id"]
package seawall.rules.group_id_low

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q runs with group %v, below 10000", [c.name, id]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "runAsGroup"]),
	"evidence": id,
} if {
	some c in pod.containers
	id := pod.effective(c, "runAsGroup")
	id > 0
	id < 10000
}
