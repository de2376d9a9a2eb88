# METADATA
# title: Binding gives cluster-admin
# description: >-
#   cluster-admin may do everything, in a ClusterRoleBinding everywhere. A stolen token of such a
#   subject is the whole cluster.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
# custom:
#   id: binding-cluster-admin
#   severity: high
#   remedy: >-
#     Bind a role that has the rights which are needed. For people, keep cluster-admin for
#     emergencies and let them impersonate it.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     cis-kubernetes: ["5.1.1"]
#     nsa: ["7.2"]
#     mitre: ["T1078", "T1098"]
#   aliases:
#     polaris: [clusterrolebindingClusterAdmin, rolebindingClusterAdminClusterRole]
#     kube-linter: [cluster-admin-role-binding]
#     kubescape: ["C-0035", "C-0185"]
package seawall.rules.binding_cluster_admin

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives cluster-admin to %s", [meta.title, holders]),
	"path": ["roleRef", "name"],
	"severity": severity,
	"evidence": "cluster-admin",
} if {
	input.object.roleRef.kind == "ClusterRole"
	rbac.role == "cluster-admin"
	not rbac.builtin_binding
	count(rbac.subjects) > 0
	holders := concat(", ", [sprintf("%s %q", [s.kind, s.name]) | some s in rbac.subjects])
}

severity := "high" if input.object.kind == "ClusterRoleBinding"

severity := "medium" if input.object.kind == "RoleBinding"
