# METADATA
# title: Container port is declared twice
# description: >-
#   Two entries of one port and protocol, or of one name: the later one is lost, or the API
#   server refuses the pod.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   id: container-port-duplicate
#   severity: low
#   remedy: >-
#     Remove one.
#   kinds: [workload]
#   aliases:
#     kube-score: ["container-ports-check"]
package seawall.rules.container_port_duplicate

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q declares port %v/%s more than once", [c.name, port, protocol]),
	"container": c.name,
	"path": pod.at(c, ["ports"]),
	"key": sprintf("%v/%s", [port, protocol]),
} if {
	some c in pod.containers
	count(c.value.ports) > 1
	all := sort([[p.containerPort, object.get(p, "protocol", "TCP")] | some p in c.value.ports])
	some i, entry in all
	entry == all[i + 1]
	[port, protocol] := entry
}
