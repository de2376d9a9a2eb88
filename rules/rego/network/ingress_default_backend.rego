# METADATA
# title: Ingress has a backend for all requests that no rule takes
# description: >-
#   A default backend answers every host and path that was not thought of. Behind a shared address
#   that includes the hosts of others.
# related_resources:
#   - https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend
# custom:
#   id: ingress-default-backend
#   severity: info
#   remedy: >-
#     Remove spec.defaultBackend and write a rule for each host.
#   kinds: [networking.k8s.io/Ingress, extensions/Ingress]
#   controls:
#     nsa: ["2.0"]
#     mitre: ["T1190"]
package seawall.rules.ingress_default_backend

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s sends all requests that no rule takes to one backend", [meta.title]),
	"path": ["spec", field],
} if {
	some field in {"defaultBackend", "backend"}
	is_object(input.object.spec[field])
}
