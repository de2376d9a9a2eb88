# METADATA
# title: Container serves SSH
# description: >-
#   A second way into the cluster past its API: with keys, users and logs of its own that nobody
#   watches.
# related_resources:
#   - https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/
# custom:
#   id: ssh-port
#   severity: medium
#   remedy: >-
#     Remove the server; use kubectl exec or debug, which are authorised and logged.
#   kinds: [workload]
#   controls:
#     mitre: ["T1133"]
#   aliases:
#     kube-linter: ["ssh-port"]
#     kubescape: ["C-0042"]
package seawall.rules.ssh_port

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q exposes port 22, which is SSH's", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["ports", i, "containerPort"]),
	"evidence": 22,
} if {
	some c in pod.containers
	some i, port in c.value.ports
	port.containerPort == 22
	object.get(port, "protocol", "TCP") == "TCP"
}
