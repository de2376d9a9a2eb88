# METADATA
# title: Probe asks a port that the container does not declare
# description: >-
#   A port by name that is not declared never answers: the container is restarted for ever, or
#   never ready. A number that is not declared is mostly a mistake too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
# custom:
#   id: probe-port
#   severity: low
#   remedy: >-
#     Declare the port in the container's ports, or correct the probe.
#   kinds: [workload]
#   aliases:
#     kube-linter: ["liveness-port", "readiness-port", "startup-port"]
package seawall.rules.probe_port

import data.seawall.lib.pod

finding contains {
	"message": sprintf("the %s of container %q asks port %v, which it does not declare", [probe, c.name, port]),
	"container": c.name,
	"path": pod.at(c, [probe, handler, "port"]),
	"evidence": port,
} if {
	some c in pod.planned
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	some handler in ["httpGet", "tcpSocket", "grpc"]
	port := c.value[probe][handler].port
	not declares(c, port)
}

declares(c, port) if {
	some p in c.value.ports
	object.get(p, "protocol", "TCP") == "TCP"
	port in [p.containerPort, sprintf("%v", [p.containerPort])]
}

declares(c, port) if {
	some p in c.value.ports
	object.get(p, "protocol", "TCP") == "TCP"
	p.name == port
}
