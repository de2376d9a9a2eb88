# METADATA
# title: Role gives every right on every resource
# description: >-
#   A rule with wildcards for groups, resources and verbs is cluster-admin under another name. It
#   includes secrets, running commands in containers, and giving oneself further rights, and it
#   grows with every API that is installed later.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - https://kubernetes.io/docs/reference/access-authn-authz/rbac/
# custom:
#   id: role-full-access
#   severity: high
#   remedy: >-
#     Name the groups, resources and verbs that are needed. What an application asks for is told
#     by the audit log, or by running it with a role that grants nothing and reading its errors.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.1", "5.1.3"]
#     nsa: ["7.2"]
#     mitre: ["T1078", "T1098"]
#   example: |
#     rules:
#       - apiGroups: [apps]
#         resources: [deployments]
#         verbs: [get, list, watch]
#   aliases:
#     polaris: [clusterrolePodExecAttach, rolePodExecAttach]
#     kube-linter: [wildcard-in-rules]
#     kubescape: ["C-0187"]
package seawall.rules.role_full_access

import data.seawall.lib.meta
import data.seawall.lib.rbac

finding contains {
	"message": sprintf("%s gives every right on every resource of every API group", [meta.title]),
	"path": ["rules", r.index],
	"severity": rbac.by_reach("high", "medium"),
} if {
	some r in rbac.rules
	r.full
}
