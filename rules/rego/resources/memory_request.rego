# METADATA
# title: Container requests no memory
# description: >-
#   Without a request the scheduler does not know what the container needs; when the node runs
#   short, it is among the first to be ended.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: memory-request
#   severity: low
#   remedy: >-
#     Set resources.requests.memory to what it uses as a rule.
#   kinds: [workload]
#   example: |
#     resources:
#       requests:
#         memory: 128Mi
#   aliases:
#     polaris: ["memoryRequestsMissing"]
#     kube-linter: ["unset-memory-requirements"]
#     kube-score: ["container-resources"]
#     kubescape: ["C-0269"]
package seawall.rules.memory_request

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q requests no memory", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "requests", "memory"]),
} if {
	some c in pod.lasting
	not c.value.resources.requests["memory"]
	not c.value.resources.limits["memory"]
}
