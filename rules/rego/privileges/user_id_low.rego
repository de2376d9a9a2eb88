# METADATA
# title: Container runs with a low user number
# description: >-
#   Numbers below 10000 often belong to somebody on the node. If the container gets out, it has
#   that user's files.
# related_resources:
#   - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   id: user-id-low
#   severity: info
#   remedy: >-
#     Choose a runAsUser from 10000 up.
#   kinds: [workload]
#   aliases:
#     kube-score: ["container-security-context-user-group-id"]
package seawall.rules.user_id_low

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q runs with user %v, below 10000", [c.name, id]),
	"container": c.name,
	"path": pod.at(c, ["securityContext", "runAsUser"]),
	"evidence": id,
} if {
	some c in pod.containers
	id := pod.effective(c, "runAsUser")
	id > 0
	id < 10000
}
