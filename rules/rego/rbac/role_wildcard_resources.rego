# METADATA
# title: Role covers all resources of an API group
# description: >-
#   The resource * covers whatever exists in the group and whatever is installed later. In the
#   core group these are secrets, running commands in pods, and nodes.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: role-wildcard-resources
#   severity: medium
#   remedy: >-
#     List the resources that are needed, for example [pods, services].
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.3"]
#     nsa: ["7.2"]
#     mitre: ["T1078"]
#   aliases:
#     kube-linter: [wildcard-in-rules]
#     kubescape: ["C-0187"]
package seawall.rules.role_wildcard_resources

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s covers all resources of %s", [meta.title, groups(r)]),
	"path": ["rules", r.index, "resources"],
	"evidence": "*",
	"severity": severity(r),
} if {
	some r in rbac.rules
	not r.full
	"*" in r.resources
}

severity(r) := "low" if {
	rbac.custom_groups(r)
} else := "medium"

groups(r) := "all API groups" if {
	"*" in r.groups
} else := sprintf("API group %s", [concat(", ", sort([quoted(g) | some g in r.groups]))])

quoted("") := `"" (core)`

quoted(g) := sprintf("%q", [g]) if g != ""
