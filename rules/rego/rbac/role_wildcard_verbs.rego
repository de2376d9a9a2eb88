# METADATA
# title: Role gives all verbs on a resource
# description: >-
#   The verb * includes deleting whole collections, and for some resources verbs that give further
#   rights (escalate, bind, impersonate, approve, use), those of later versions too.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: role-wildcard-verbs
#   severity: medium
#   remedy: >-
#     List the verbs that are needed, for example [get, list, watch].
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.3"]
#     nsa: ["7.2"]
#     mitre: ["T1078"]
#   aliases:
#     kube-linter: [wildcard-in-rules]
#     kubescape: ["C-0187"]
package seawall.rules.role_wildcard_verbs

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives all verbs on %s", [meta.title, what(r)]),
	"path": ["rules", r.index, "verbs"],
	"evidence": "*",
	"severity": severity(r),
} if {
	some r in rbac.rules
	not r.full
	"*" in r.verbs
	count(r.resources) > 0
}

what(r) := "all resources it covers" if {
	"*" in r.resources
} else := rbac.some_of(r.resources)

# An operator usually owns the resources of its own group.
severity(r) := "low" if {
	rbac.custom_groups(r)
} else := "medium"
