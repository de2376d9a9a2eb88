# METADATA
# title: Container requests no CPU
# description: >-
#   Without a request the scheduler does not know what the container needs, puts too much on one
#   node, and the container gets what is left.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: cpu-request
#   severity: low
#   remedy: >-
#     Set resources.requests.cpu to what it uses as a rule.
#   kinds: [workload]
#   example: |
#     resources:
#       requests:
#         cpu: 250m
#   aliases:
#     polaris: ["cpuRequestsMissing"]
#     kube-linter: ["unset-cpu-requirements"]
#     kube-score: ["container-resources"]
#     kubescape: ["C-0268"]
package seawall.rules.cpu_request

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q requests no cpu", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "requests", "cpu"]),
} if {
	some c in pod.lasting
	not c.value.resources.requests["cpu"]
	not c.value.resources.limits["cpu"]
}
