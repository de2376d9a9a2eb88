# METADATA
# title: Container listens on a port below 1024
# description: >-
#   On older runtimes such a port needs root or NET_BIND_SERVICE, which then both stay in the
#   container.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   id: privileged-port
#   severity: info
#   remedy: >-
#     Listen above 1023; the Service can keep its port.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["privileged-ports"]
package seawall.rules.privileged_port

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q listens on port %v, below 1024", [c.name, port.containerPort]),
	"container": c.name,
	"path": pod.at(c, ["ports", i, "containerPort"]),
	"evidence": port.containerPort,
	"key": sprintf("%v", [port.containerPort]),
} if {
	some c in pod.containers
	some i, port in c.value.ports
	port.containerPort < 1024
	port.containerPort > 0
}
