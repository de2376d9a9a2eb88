# METADATA
# title: Ingress leads to a Service or port that does not exist
# description: >-
#   Requests end in an error, or, once somebody creates a Service of that name, at a program that
#   nobody meant to publish.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules
# custom:
#   id: ingress-missing-service
#   severity: low
#   remedy: >-
#     Correct the Service's name or port in the Ingress, or add the Service.
#   kinds: [networking.k8s.io/Ingress]
#   scope: set
#   needs: [networking.k8s.io/Ingress, Service]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1190"]
#   aliases:
#     kube-linter: [dangling-ingress]
#     kube-score: [ingress-targets-service]
package seawall.rules.ingress_missing_service

import data.seawall.lib.inventory

finding contains {
	"message": sprintf("Ingress %q leads to Service %q, which is not in what was scanned", [i.name, b.name]),
	"about": i.id,
	"path": b.path,
	"key": b.name,
	"evidence": b.name,
} if {
	some i in inventory.objects("networking.k8s.io/Ingress")
	some b in backends(i.object.spec)
	not services[i.namespace][b.name]
}

finding contains {
	"message": sprintf("Ingress %q leads to port %v of Service %q, which has no such port", [i.name, port, b.name]),
	"about": i.id,
	"path": array.concat(b.path, ["port"]),
	"key": sprintf("%s:%v", [b.name, port]),
	"evidence": port,
} if {
	some i in inventory.objects("networking.k8s.io/Ingress")
	some b in backends(i.object.spec)
	some port in [x | some field in ["number", "name"]; x := b.port[field]]
	count(services[i.namespace][b.name]) > 0
	not has_port(services[i.namespace][b.name], port)
}

services[s.namespace][s.name] contains s if some s in inventory.objects("Service")

has_port(list, port) if {
	some s in list
	some p in s.object.spec.ports
	port in {object.get(p, "port", null), object.get(p, "name", null)}
}

# What its name stands for is not known here.
has_port(list, _) if {
	some s in list
	s.object.spec.type == "ExternalName"
}

backends(spec) := array.concat(
	[b |
		some i, rule in spec.rules
		some j, path in rule.http.paths
		b := {
			"path": ["spec", "rules", i, "http", "paths", j, "backend", "service"],
			"name": path.backend.service.name,
			"port": object.get(path.backend.service, "port", {}),
		}
	],
	[b | b := {
		"path": ["spec", "defaultBackend", "service"],
		"name": spec.defaultBackend.service.name,
		"port": object.get(spec.defaultBackend.service, "port", {}),
	}],
)
