# METADATA
# title: Pod may run on control plane nodes
# description: >-
#   On a control plane node a way out of the container leads to the API server's and etcd's
#   keys. Tolerating everything includes those nodes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
# custom:
#   id: control-plane-toleration
#   severity: low
#   remedy: >-
#     Tolerate only the taints that the workload needs. Agents that must be on every node are
#     an exception to state.
#   kinds: [workload]
#   controls:
#     mitre: ["T1611"]
package seawall.rules.control_plane_toleration

import data.seawall.lib.pod

finding contains {
	"message": "the pod tolerates the taints of control plane nodes",
	"path": pod.in_spec(["tolerations", i]),
	"evidence": toleration,
} if {
	pod.kind != "DaemonSet"
	some i, toleration in input.pod.spec.tolerations
	reaches(toleration)
}

reaches(t) if t.key in {"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"}

reaches(t) if {
	t.operator == "Exists"
	object.get(t, "key", "") == ""
}
