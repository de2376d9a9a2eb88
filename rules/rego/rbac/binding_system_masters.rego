# METADATA
# title: Binding names the group system:masters
# description: >-
#   Members of system:masters pass every check of the API server whatever RBAC says; a binding
#   that names the group adds nothing but the impression that it could be taken away.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: binding-system-masters
#   severity: medium
#   remedy: >-
#     Remove the subject. Give administrators a group of your own and bind that; do not issue
#     certificates for system:masters.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     cis-kubernetes: ["5.1.7"]
#     nsa: ["7.2"]
#     mitre: ["T1078"]
#   aliases:
#     kubescape: ["C-0246"]
package seawall.rules.binding_system_masters

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s names the group system:masters, which has every right anyway", [meta.title]),
	"path": ["subjects", s.index],
	"evidence": s.name,
} if {
	some s in rbac.subjects
	rbac.group_named(s, "system:masters")
}
