# METADATA
# title: Role lets its holders run commands in pods
# description: >-
#   Whoever may run commands in a pod has its files, its secrets and its service account, and
#   leaves little trace: the audit log shows that a session was opened, not what was done. Opening
#   it takes create, or get through a WebSocket.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   - https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/
# custom:
#   id: role-pods-exec
#   severity: high
#   remedy: >-
#     Remove pods/exec from the role. Give it to people for a limited time, in the namespace
#     where it is needed.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     nsa: ["7.2"]
#     mitre: ["T1609"]
#   aliases:
#     polaris: [clusterrolePodExecAttach, rolePodExecAttach]
#     kubescape: ["C-0002"]
package seawall.rules.role_pods_exec

import data.seawall.lib.rbac

finding contains rbac.told(r, "pods/exec", verbs, rbac.by_reach("high", "medium")) if {
	some r in rbac.rules
	verbs := rbac.gives_even_by_wildcard(r, "", "pods/exec", {"create", "get"})
}
