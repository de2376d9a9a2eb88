# METADATA
# title: Role lets its holders give themselves further rights
# description: >-
#   With escalate on roles one may write rights into a role that one does not have; with bind one
#   may bind any role, cluster-admin among them. Both undo the check that the API server makes
#   against this.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb
# custom:
#   id: role-escalate
#   severity: high
#   remedy: >-
#     Remove escalate. Allow bind only together with resourceNames that list the roles which may
#     be bound.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.8"]
#     nsa: ["7.2"]
#     mitre: ["T1098"]
#   aliases:
#     kubescape: ["C-0191"]
package seawall.rules.role_escalate

import data.seawall.lib.rbac

resources := {"roles", "clusterroles"}

finding contains rbac.told(r, resource, {"escalate"}, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	"escalate" in r.verbs
	some resource in resources
	rbac.gives_even_by_wildcard(r, "rbac.authorization.k8s.io", resource, {"escalate"})
}

finding contains object.union(
	rbac.told(r, resource, {"bind"}, rbac.by_reach("high", "medium")),
	{"key": sprintf("bind %s", [resource])},
) if {
	some r in rbac.rules
	"bind" in r.verbs
	not r.limited
	some resource in resources
	rbac.gives_even_by_wildcard(r, "rbac.authorization.k8s.io", resource, {"bind"})
}

finding contains rbac.told(r, resource, {"*"}, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	"*" in r.verbs
	some resource in resources
	rbac.gives(r, "rbac.authorization.k8s.io", resource, {"escalate"})
}
