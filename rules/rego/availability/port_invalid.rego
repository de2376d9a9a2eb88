# METADATA
# title: Port's number or name cannot be
# description: >-
#   A port must be a number from 1 to 65535, its name at most 15 characters of a-z, 0-9 and
#   hyphens with a letter among them. The API server refuses others.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/
# custom:
#   id: port-invalid
#   severity: medium
#   remedy: >-
#     Correct the port.
#   kinds: [workload, Service]
#   aliases:
#     kube-linter: ["invalid-target-ports"]
package seawall.rules.port_invalid

import data.seawall.lib.pod

finding contains {
	"message": sprintf("port name %q of container %q cannot be", [port.name, c.name]),
	"container": c.name,
	"path": pod.at(c, ["ports", i, "name"]),
	"evidence": port.name,
} if {
	some c in pod.containers
	some i, port in c.value.ports
	is_string(port.name)
	port.name != ""
	not is_name(port.name)
}

finding contains {
	"message": sprintf("port %v of container %q cannot be", [port.containerPort, c.name]),
	"container": c.name,
	"path": pod.at(c, ["ports", i, "containerPort"]),
	"evidence": port.containerPort,
} if {
	some c in pod.containers
	some i, port in c.value.ports
	is_number(port.containerPort)
	not is_port(port.containerPort)
}

finding contains {
	"message": sprintf("target port %v of the Service cannot be", [port.targetPort]),
	"path": ["spec", "ports", i, "targetPort"],
	"evidence": port.targetPort,
} if {
	input.object.kind == "Service"
	some i, port in input.object.spec.ports
	port.targetPort != null
	not is_target(port.targetPort)
}

is_target(port) if {
	is_number(port)
	is_port(port)
}

is_target(port) if {
	is_string(port)
	is_name(port)
}

is_port(number) if {
	number > 0
	number < 65536
}

is_name(name) if {
	count(name) < 16
	regex.match(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, name)
	regex.match(`[a-z]`, name)
	not contains(name, "--")
}
