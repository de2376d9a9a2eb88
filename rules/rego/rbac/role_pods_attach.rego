# METADATA
# title: Role lets its holders attach to containers
# description: >-
#   Attaching reads what a container prints and writes to its standard input; on a shell or a
#   debugger that is the same as running commands.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   id: role-pods-attach
#   severity: medium
#   remedy: >-
#     Remove pods/attach from the role.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1609"]
#   aliases:
#     polaris: [clusterrolePodExecAttach, rolePodExecAttach]
#     kubescape: ["C-0002"]
package seawall.rules.role_pods_attach

import data.seawall.lib.rbac

finding contains rbac.told(r, "pods/attach", verbs, rbac.by_reach("medium", "low")) if {
	some r in rbac.rules
	verbs := rbac.gives(r, "", "pods/attach", {"create", "get"})
}
