# METADATA
# title: Role lets its holders start pods
# description: >-
#   Who may create pods, or what makes pods, may mount every Secret and use every service account
#   of the namespace, and runs code on the nodes within what admission allows.
# related_resources:
#   - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation
# custom:
#   id: role-create-workloads
#   severity: low
#   remedy: >-
#     Leave deploying to one pipeline, give its role in the namespaces it deploys to, and
#     enforce Pod Security there.
#   kinds: [rbac.authorization.k8s.io/ClusterRole, rbac.authorization.k8s.io/Role]
#   controls:
#     cis-kubernetes: ["5.1.4"]
#     nsa: ["7.2"]
#     mitre: ["T1610"]
#   aliases:
#     kube-linter: [access-to-create-pods]
#     kubescape: ["C-0188"]
package seawall.rules.role_create_workloads

import data.seawall.lib.meta
import data.seawall.lib.rbac

makers := {
	["", "pods"], ["", "replicationcontrollers"],
	["apps", "deployments"], ["apps", "daemonsets"], ["apps", "statefulsets"], ["apps", "replicasets"],
	["batch", "jobs"], ["batch", "cronjobs"],
}

finding contains {
	"message": sprintf("%s lets its holders create %s", [meta.title, concat(", ", sort([x | some x in made]))]),
	"path": ["rules", r.index, "resources"],
	"severity": rbac.by_reach("medium", "low"),
} if {
	some r in rbac.rules
	creates(r)
	made := {m[1] | some m in makers; rbac.names(r, m[0], m[1])}
	count(made) > 0
}

creates(r) if "create" in r.verbs

creates(r) if {
	"*" in r.verbs
	not r.full
}
