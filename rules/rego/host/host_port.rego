# METADATA
# title: Container takes a port of the node
# description: >-
#   A host port makes the container reachable from outside of the cluster past Services and
#   often past NetworkPolicies, and limits where its pods can run.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   - https://kubernetes.io/docs/concepts/configuration/overview/
# custom:
#   id: host-port
#   severity: medium
#   remedy: >-
#     Remove hostPort and publish the container through a Service.
#   kinds: [workload]
#   pod_security: [hostPorts]
#   controls:
#     pss-baseline: ["Host Ports"]
#     pss-restricted: ["Host Ports"]
#     cis-kubernetes: ["5.2.13"]
#   aliases:
#     polaris: ["hostPortSet"]
#     kubescape: ["C-0044"]
#     kube-score: ["container-ports-check"]
package seawall.rules.host_port

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q takes port %v of the node", [c.name, port.hostPort]),
	"container": c.name,
	"path": pod.at(c, ["ports", i, "hostPort"]),
	"evidence": port.hostPort,
	"key": sprintf("%v", [port.hostPort]),
} if {
	some c in pod.containers
	some i, port in c.value.ports
	port.hostPort > 0
}
