# METADATA
# title: Pod has no priority class
# description: >-
#   When a cluster runs short, the scheduler ends pods of low priority for others. Without
#   classes all are alike.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
# custom:
#   id: priority-class
#   severity: info
#   remedy: >-
#     Name a priorityClassName.
#   kinds: [workload]
#   aliases:
#     polaris: ["priorityClassNotSet"]
package seawall.rules.priority_class

import data.seawall.lib.pod

finding contains {
	"message": "no priorityClassName",
	"path": pod.in_spec(["priorityClassName"]),
} if {
	object.get(input.pod.spec, "priorityClassName", "") in {"", null}
}
