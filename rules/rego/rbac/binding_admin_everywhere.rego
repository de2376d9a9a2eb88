# METADATA
# title: Binding gives admin or edit in all namespaces
# description: >-
#   The roles admin and edit are made to be bound in a namespace. Bound by a ClusterRoleBinding
#   they read every Secret and start pods with every service account of the cluster, kube-system
#   included, which is a way to cluster-admin.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
# custom:
#   id: binding-admin-everywhere
#   severity: high
#   remedy: >-
#     Use RoleBindings in the namespaces that are meant.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding]
#   controls:
#     cis-kubernetes: ["5.1.1"]
#     nsa: ["7.2"]
#     mitre: ["T1078"]
#   aliases:
#     kubescape: ["C-0035"]
package seawall.rules.binding_admin_everywhere

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives the role %s in all namespaces, kube-system included", [meta.title, rbac.role]),
	"path": ["roleRef", "name"],
	"evidence": rbac.role,
} if {
	rbac.role in {"admin", "edit"}
	count(rbac.subjects) > 0
}
