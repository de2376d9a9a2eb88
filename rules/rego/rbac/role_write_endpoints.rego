# METADATA
# title: Role lets its holders redirect Services
# description: >-
#   Endpoints and EndpointSlices say where the traffic of a Service goes. Who writes them can send
#   it to themselves, or use an ingress controller to reach addresses that network policies
#   forbid.
# related_resources:
#   - https://github.com/kubernetes/kubernetes/issues/103675
# custom:
#   id: role-write-endpoints
#   severity: low
#   remedy: >-
#     Remove create, update and patch for endpoints and endpointslices; controllers of the
#     cluster write them.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1557"]
package seawall.rules.role_write_endpoints

import data.seawall.lib.rbac

targets := {["", "endpoints"], ["discovery.k8s.io", "endpointslices"]}

finding contains rbac.told(r, target[1], verbs, "low") if {
	some r in rbac.rules
	not r.limited
	some target in targets
	verbs := rbac.gives(r, target[0], target[1], rbac.changing)
}
