# METADATA
# title: Binding gives the right to run commands in pods
# description: >-
#   The role that is bound allows pods/exec or pods/attach: its subjects have the files, secrets
#   and service accounts of the pods in reach.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: binding-pods-exec
#   severity: medium
#   remedy: >-
#     Bind a role without these resources, and give them for a limited time where they are
#     needed.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   scope: set
#   needs:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1609"]
#   aliases:
#     polaris: [clusterrolebindingPodExecAttach, rolebindingClusterRolePodExecAttach, rolebindingRolePodExecAttach]
#     kubescape: ["C-0002"]
package seawall.rules.binding_pods_exec

import data.seawall.lib.meta
import data.seawall.lib.rbac
import data.seawall.lib.roles

finding contains {
	"message": sprintf("%s gives %s, which allows pods/%s, to %s", [roles.title(b), roles.title(role), subresource, roles.subjects(b)]),
	"about": b.id,
	"path": ["roleRef"],
	"key": subresource,
} if {
	some b in roles.bindings
	meta.filled(b.object.subjects)
	some role in roles.bound(b)
	some subresource in {"exec", "attach"}
	opens(role, concat("", ["pods/", subresource]))
}

opens(role, resource) if {
	some value in role.object.rules
	rule := rbac.parts(value)
	not rule.full
	rbac.gives_even_by_wildcard(rule, "", resource, {"create", "get"})
}
