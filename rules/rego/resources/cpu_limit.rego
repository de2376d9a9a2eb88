# METADATA
# title: Container has no CPU limit
# description: >-
#   A container without a limit may use all CPU that is free on its node. Requests protect the
#   others; a limit also bounds what a miner or a loop costs, at the price of throttling.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: cpu-limit
#   severity: info
#   remedy: >-
#     Set resources.limits.cpu where workloads of others run on the same nodes.
#   kinds: [workload]
#   controls:
#     nsa: ["4.1"]
#     mitre: ["T1499"]
#   example: |
#     resources:
#       limits:
#         cpu: 250m
#   aliases:
#     polaris: ["cpuLimitsMissing"]
#     kube-linter: ["unset-cpu-requirements"]
#     kubeaudit: ["limits"]
#     kube-score: ["container-resources"]
#     kubescape: ["C-0270", "C-0009"]
package seawall.rules.cpu_limit

import data.seawall.lib.pod

finding contains {
	"message": sprintf("container %q has no limit on cpu", [c.name]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "cpu"]),
} if {
	some c in pod.lasting
	not c.value.resources.limits["cpu"]
}
