# METADATA
# title: RoleBinding gives rights to a service account of another namespace
# description: >-
#   Whoever may start pods in the other namespace has these rights too. That is easily forgotten
#   when that namespace changes hands.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: binding-other-namespace
#   severity: low
#   remedy: >-
#     Run the program in this namespace, or keep the list of those who may deploy in the other
#     one as short as here.
#   kinds: [rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     cis-kubernetes: ["5.7.1"]
#     nsa: ["7.2"]
#     mitre: ["T1078"]
package seawall.rules.binding_other_namespace

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives the role %s to the service account %q of namespace %q", [meta.title, rbac.role, s.name, s.namespace]),
	"path": ["subjects", s.index, "namespace"],
	"key": sprintf("%s/%s", [s.namespace, s.name]),
	"evidence": s.namespace,
	"severity": severity,
} if {
	meta.namespace != ""
	some s in rbac.subjects
	s.kind == "ServiceAccount"
	not s.namespace in {meta.namespace, ""}
}

severity := "medium" if {
	rbac.role in {"admin", "edit"}
} else := "low"
