# METADATA
# title: Pod is of the class that is ended first
# description: >-
#   No container requests or limits anything: the pod is BestEffort, gets what is left over, and
#   is evicted first when the node runs short.
# related_resources:
#   - https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
#   - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   id: qos-best-effort
#   severity: low
#   remedy: >-
#     Give each container requests for CPU and memory.
#   kinds: [workload]
package seawall.rules.qos_best_effort

import data.seawall.lib.pod

finding contains {
	"message": "no container requests or limits CPU or memory: the pod is BestEffort",
	"path": pod.in_spec(["containers"]),
} if {
	count(pod.regular) > 0
	every c in pod.planned {
		not claims(c)
	}
}

claims(c) if {
	some kind in ["requests", "limits"]
	some name in ["cpu", "memory"]
	c.value.resources[kind][name] != null
}
