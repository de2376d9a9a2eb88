# METADATA
# title: Container's memory limit is far above its request
# description: >-
#   A node is filled by requests. If all use what their limits allow, it runs out: memory means
#   that processes are ended, CPU that all are slow.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
# custom:
#   id: memory-limit-ratio
#   severity: info
#   remedy: >-
#     Bring request and limit closer together; the greatest ratio allowed is the parameter
#     maximumLimitRatio.
#   kinds: [workload]
#   parameters: [maximumLimitRatio]
package seawall.rules.memory_limit_ratio

import data.seawall.lib.config
import data.seawall.lib.pod
import data.seawall.lib.quantity

finding contains {
	"message": sprintf("container %q may use %v times the memory that it requests", [c.name, round(ratio)]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "memory"]),
	"evidence": c.value.resources.limits["memory"],
} if {
	some c in pod.lasting
	wanted := quantity.number(c.value.resources.requests["memory"])
	wanted > 0
	ratio := quantity.number(c.value.resources.limits["memory"]) / wanted
	ratio > config.maximum_limit_ratio
}
