# METADATA
# title: Role lets its holders change nodes
# description: >-
#   Labels and taints decide which pods a node attracts; who changes them can draw workloads with
#   secrets to a node they own. The status of a node decides what the scheduler believes.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/node/
# custom:
#   id: role-write-nodes
#   severity: low
#   remedy: >-
#     Limit the role to get, list and watch of nodes, or to the subresource that is needed.
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1610"]
package seawall.rules.role_write_nodes

import data.seawall.lib.rbac

finding contains rbac.told(r, "nodes", verbs, "low") if {
	some r in rbac.rules
	not r.limited
	verbs := rbac.gives(r, "", "nodes", rbac.changing)
}
