# METADATA
# title: Container has no memory limit
# description: >-
#   A leak or an attack takes all memory of the node, and the kernel ends processes of others.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: memory-limit
#   severity: medium
#   remedy: >-
#     Set resources.limits.memory to the most it may use; equal to the request for what must
#     not be ended.
#   kinds: [workload]
#   controls:
#     nsa: ["4.1"]
#     mitre: ["T1499"]
#   example: |
#     resources:
#       limits:
#         memory: 128Mi
#   aliases:
#     polaris: ["memoryLimitsMissing"]
#     kube-linter: ["unset-memory-requirements"]
#     kubeaudit: ["limits"]
#     kube-score: ["container-resources"]
#     kubescape: ["C-0271", "C-0009"]
package seawall.rules.memory_limit

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has no limit on memory", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "memory"]),
} if {
	some c in pod.lasting
	not c.value.resources.limits["memory"]
}
