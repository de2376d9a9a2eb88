# METADATA
# title: Role lets its holders change roles and bindings
# description: >-
#   Who may write bindings can hand on every right they have, and keep it for accounts that nobody
#   knows of. The API server stops them from giving more than they have, nothing else.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
# custom:
#   id: role-write-rbac
#   severity: medium
#   remedy: >-
#     Leave roles and bindings to the cluster's administrators, or to a pipeline whose changes
#     are reviewed.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.8"]
#     nsa: ["7.2"]
#     mitre: ["T1098"]
package seawall.rules.role_write_rbac

import data.seawall.lib.rbac

resources := {"roles", "clusterroles", "rolebindings", "clusterrolebindings"}

# All verbs on roles are told by role-escalate.
finding contains rbac.told(r, resource, verbs, rbac.by_reach("medium", "low")) if {
	some r in rbac.rules
	not r.limited
	some resource in resources
	verbs := rbac.gives(r, "rbac.authorization.k8s.io", resource, rbac.changing)
	not roles_by_wildcard(resource, verbs)
}

roles_by_wildcard(resource, verbs) if {
	resource in {"roles", "clusterroles"}
	"*" in verbs
}
