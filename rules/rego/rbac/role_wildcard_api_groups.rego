# METADATA
# title: Role covers a resource in all API groups
# description: >-
#   With the group * a name like "services" means every resource of that name, also one that an
#   operator installs next year. There is no need for it, since the group of a resource is known.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege
# custom:
#   id: role-wildcard-api-groups
#   severity: low
#   remedy: >-
#     Name the API group, as kubectl api-resources shows it; the core group is "".
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.3"]
#     nsa: ["7.2"]
#   aliases:
#     kubescape: ["C-0187"]
package seawall.rules.role_wildcard_api_groups

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s names %s in all API groups", [meta.title, rbac.some_of(r.resources)]),
	"path": ["rules", r.index, "apiGroups"],
	"evidence": "*",
} if {
	some r in rbac.rules
	"*" in r.groups
	not "*" in r.resources
	count(r.resources) > 0
}
