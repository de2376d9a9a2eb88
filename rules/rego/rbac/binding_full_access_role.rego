# METADATA
# title: Binding gives a role with every right
# description: >-
#   The role that is bound has wildcards for groups, resources and verbs: it is cluster-admin
#   under another name, for everything that searches for bindings of cluster-admin to miss.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: binding-full-access-role
#   severity: high
#   remedy: >-
#     Give the role the rights that its subjects need; see role-full-access.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   scope: set
#   needs:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   controls:
#     cis-kubernetes: ["5.1.1", "5.1.3"]
#     nsa: ["7.2"]
#     mitre: ["T1078", "T1098"]
#   aliases:
#     polaris: [clusterrolebindingClusterAdmin, rolebindingClusterAdminClusterRole, rolebindingClusterAdminRole]
#     kubescape: ["C-0035"]
package seawall.rules.binding_full_access_role

import data.seawall.lib.meta
import data.seawall.lib.roles

finding contains {
	"message": sprintf("%s gives %s, which has every right, to %s", [roles.title(b), roles.title(role), roles.subjects(b)]),
	"about": b.id,
	"path": ["roleRef"],
	"severity": severity(b),
} if {
	some b in roles.bindings
	meta.filled(b.object.subjects)
	some role in roles.bound(b)
	role.name != "cluster-admin"
	count(roles.full_rules(role)) > 0
}

severity(b) := "high" if b.object.kind == "ClusterRoleBinding"

severity(b) := "medium" if b.object.kind == "RoleBinding"
