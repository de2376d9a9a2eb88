# METADATA
# title: Role that nothing binds
# description: >-
#   A role without binding gives nothing to anybody, but is ready to be bound by whoever finds it,
#   and makes it harder to see which rights are in use.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
# custom:
#   id: role-unused
#   severity: info
#   remedy: >-
#     Delete the role, or add the binding that was forgotten.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   scope: set
#   needs:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   controls:
#     nsa: ["7.2"]
package seawall.rules.role_unused

import data.seawall.lib.inventory
import data.seawall.lib.rbac
import data.seawall.lib.roles

finding contains {
	"message": sprintf("no binding in what was scanned refers to %s", [roles.title(role)]),
	"about": role.id,
	"path": ["metadata", "name"],
} if {
	some role in inventory.objects("rbac.authorization.k8s.io/Role")
	not rbac.builtin_role("Role", role.name)
	not used_roles[role.namespace][role.name]
}

finding contains {
	"message": sprintf("no binding in what was scanned refers to %s", [roles.title(role)]),
	"about": role.id,
	"path": ["metadata", "name"],
} if {
	some role in inventory.objects("rbac.authorization.k8s.io/ClusterRole")
	not rbac.builtin_role("ClusterRole", role.name)
	not role.name in used_cluster_roles
	not aggregated(role)
}

used_roles[b.namespace][b.object.roleRef.name] := true if {
	some b in inventory.objects("rbac.authorization.k8s.io/RoleBinding")
	b.object.roleRef.kind == "Role"
}

used_cluster_roles contains b.object.roleRef.name if {
	some kind in {"rbac.authorization.k8s.io/ClusterRoleBinding", "rbac.authorization.k8s.io/RoleBinding"}
	some b in inventory.objects(kind)
	b.object.roleRef.kind == "ClusterRole"
}

# Its rules become part of another role.
aggregated(role) if {
	some label, _ in role.object.metadata.labels
	contains(label, "aggregate-to-")
}
