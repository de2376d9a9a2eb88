# METADATA
# title: Service opens a port on every node
# description: >-
#   A NodePort is reachable at every node's address, past ingress controllers and their TLS, and
#   past most firewalls' idea of what runs where.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
# custom:
#   id: service-node-port
#   severity: low
#   remedy: >-
#     Use type ClusterIP behind an Ingress or Gateway, or a LoadBalancer with
#     allocateLoadBalancerNodePorts set to false.
#   kinds: [Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1133", "T1190"]
#   aliases:
#     kube-linter: [exposed-services]
#     kube-score: [service-type]
#     kubescape: ["C-0256"]
package seawall.rules.service_node_port

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s opens %s on every node", [meta.title, ports]),
	"path": ["spec", "type"],
	"evidence": "NodePort",
} if {
	input.object.spec.type == "NodePort"
}

ports := sprintf("port %s", [concat(", ", numbers)]) if {
	count(numbers) > 0
} else := "a port"

numbers := [sprintf("%v", [port.nodePort]) | some port in input.object.spec.ports]
