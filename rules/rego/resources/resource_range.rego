# METADATA
# title: Container's limits are outside of the range allowed
# description: >-
#   Limits far below or above what is usual here are mostly mistakes of a unit, and break what
#   the nodes are planned for.
# related_resources:
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: resource-range
#   severity: low
#   remedy: >-
#     Set limits within the range, which the parameters minimumMemoryLimit,
#     maximumMemoryLimit, minimumCpuLimit and maximumCpuLimit give; without them this rule
#     says nothing.
#   kinds: [workload]
#   parameters: [minimumMemoryLimit, maximumMemoryLimit, minimumCpuLimit, maximumCpuLimit]
#   aliases:
#     polaris: ["resourceRange"]
package seawall.rules.resource_range

import data.seawall.lib.config
import data.seawall.lib.pod
import data.seawall.lib.quantity

finding contains {
	"message": sprintf("the memory limit of container %q is below %v", [c.name, config.minimum_memory_limit]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "memory"]),
	"evidence": c.value.resources.limits.memory,
} if {
	config.minimum_memory_limit != ""
	some c in pod.regular
	quantity.number(c.value.resources.limits.memory) < quantity.number(config.minimum_memory_limit)
}

finding contains {
	"message": sprintf("the memory limit of container %q is above %v", [c.name, config.maximum_memory_limit]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "memory"]),
	"evidence": c.value.resources.limits.memory,
} if {
	config.maximum_memory_limit != ""
	some c in pod.regular
	quantity.number(c.value.resources.limits.memory) > quantity.number(config.maximum_memory_limit)
}

finding contains {
	"message": sprintf("the CPU limit of container %q is below %v", [c.name, config.minimum_cpu_limit]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "cpu"]),
	"evidence": c.value.resources.limits.cpu,
} if {
	config.minimum_cpu_limit != ""
	some c in pod.regular
	quantity.number(c.value.resources.limits.cpu) < quantity.number(config.minimum_cpu_limit)
}

finding contains {
	"message": sprintf("the CPU limit of container %q is above %v", [c.name, config.maximum_cpu_limit]),
	"container": c.name,
	"path": pod.at(c, ["resources", "limits", "cpu"]),
	"evidence": c.value.resources.limits.cpu,
} if {
	config.maximum_cpu_limit != ""
	some c in pod.regular
	quantity.number(c.value.resources.limits.cpu) > quantity.number(config.maximum_cpu_limit)
}
