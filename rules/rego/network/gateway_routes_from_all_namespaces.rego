# METADATA
# title: Gateway accepts routes from all namespaces
# description: >-
#   Whoever may write a route in any namespace can take over paths and hosts of the Gateway, if
#   the listener does not name a host of its own.
# related_resources:
#   - https://gateway-api.sigs.k8s.io/guides/multiple-ns/
# custom:
#   id: gateway-routes-from-all-namespaces
#   severity: low
#   remedy: >-
#     Set allowedRoutes.namespaces.from to Same, or to Selector with the labels of the
#     namespaces that are meant.
#   kinds: [gateway.networking.k8s.io/Gateway]
#   controls:
#     cis-kubernetes: ["5.7.1"]
#     nsa: ["2.0"]
#     mitre: ["T1557"]
package seawall.rules.gateway_routes_from_all_namespaces

import data.seawall.lib.meta

finding contains {
	"message": sprintf("%s: listener %q accepts routes from all namespaces", [meta.title, meta.field(listener, "name", "")]),
	"path": ["spec", "listeners", i, "allowedRoutes", "namespaces", "from"],
	"key": sprintf("%v", [meta.field(listener, "name", "")]),
	"evidence": "All",
} if {
	some i, listener in input.object.spec.listeners
	listener.allowedRoutes.namespaces.from == "All"
}
