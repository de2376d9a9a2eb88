# METADATA
# title: Binding gives rights to everybody with an identity
# description: >-
#   system:authenticated is every user and every service account; on managed clusters it has meant
#   everybody with an account at the provider. system:serviceaccounts is every pod that has a
#   token.
# related_resources:
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
#   - https://cloud.google.com/kubernetes-engine/docs/best-practices/rbac
# custom:
#   id: binding-all-authenticated
#   severity: medium
#   remedy: >-
#     Bind a group that you define, or the service accounts that need the role.
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding, rbac.authorization.k8s.io/RoleBinding]
#   controls:
#     nsa: ["7.0", "7.2"]
#     mitre: ["T1078"]
package seawall.rules.binding_all_authenticated

import data.seawall.lib.meta
import data.seawall.lib.rbac

harmless := {"system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery"}

finding contains {
	"message": sprintf("%s gives the role %s to %s", [meta.title, rbac.role, everybody]),
	"path": ["subjects", i],
	"key": s.name,
	"evidence": s.name,
	"severity": severity(s.name),
} if {
	some i, s in input.object.subjects
	s.kind == "Group"
	everybody := meaning(s.name)
	not rbac.role in harmless
	not rbac.builtin_binding
}

meaning("system:authenticated") := "system:authenticated: every user and every service account"

meaning("system:serviceaccounts") := "system:serviceaccounts: every service account of the cluster"

meaning(name) := sprintf("%s: every service account of the namespace", [name]) if {
	startswith(name, "system:serviceaccounts:")
}

# With these it is the whole cluster.
severity(name) := "critical" if {
	rbac.role in {"cluster-admin", "admin", "edit"}
	input.object.kind == "ClusterRoleBinding"
	not startswith(name, "system:serviceaccounts:")
} else := "low" if {
	startswith(name, "system:serviceaccounts:")
} else := "medium"
