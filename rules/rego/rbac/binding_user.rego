# METADATA
# title: Binding names a user instead of a group
# description: >-
#   Rights given to single users outlive their role in the company. Groups of the identity
#   provider change in one place when people come and go.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
# custom:
#   id: binding-user
#   severity: low
#   remedy: >-
#     Make a group in the identity provider and bind that: kind Group.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1078"]
package seawall.rules.binding_user

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives the role %s to the user %q", [meta.title, rbac.role, s.name]),
	"path": ["subjects", s.index],
	"key": s.name,
	"evidence": s.name,
} if {
	some s in rbac.subjects
	s.kind == "User"
	not startswith(s.name, "system:")
}
