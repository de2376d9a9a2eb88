# METADATA
# title: Binding refers to a role that does not exist
# description: >-
#   The binding gives nothing today. Whoever may create a role of that name decides what its
#   subjects get, without touching the binding.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#clusterrolebinding-example
# custom:
#   id: binding-missing-role
#   severity: low
#   remedy: >-
#     Add the role to the manifests, or correct kind and name in roleRef. A binding's roleRef
#     cannot be changed in place; delete the binding and create it anew.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   scope: set
#   needs:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1098"]
#   aliases:
#     polaris: [clusterrolebindingPodExecAttach, rolebindingClusterRolePodExecAttach, rolebindingRolePodExecAttach]
package seawall.rules.binding_missing_role

import data.seawall.lib.rbac
import data.seawall.lib.roles

finding contains {
	"message": sprintf("%s refers to %s %q, which is not in what was scanned", [roles.title(b), ref.kind, ref.name]),
	"about": b.id,
	"path": ["roleRef", "name"],
	"evidence": ref.name,
} if {
	some b in roles.bindings
	ref := b.object.roleRef
	ref.kind in {"ClusterRole", "Role"}
	not rbac.builtin_role(ref.kind, ref.name)
	not exists(b)
}

exists(b) if count(roles.bound(b)) > 0
