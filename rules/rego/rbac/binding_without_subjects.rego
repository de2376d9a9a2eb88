# METADATA
# title: Binding without subjects
# description: >-
#   The binding gives rights to nobody. Whoever may edit it need only add a name; and it hides
#   what the role is really used for.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#periodic-review
# custom:
#   id: binding-without-subjects
#   severity: info
#   remedy: >-
#     Delete the binding, or name its subjects.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     nsa: ["7.2"]
package seawall.rules.binding_without_subjects

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives the role %s to nobody", [meta.title, rbac.role]),
	"path": ["subjects"],
} if {
	count(meta.list(input.object, "subjects")) == 0
	not is_string(object.get(input.object, "subjects", null))
}
