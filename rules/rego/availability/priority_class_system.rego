# METADATA
# title: Application has a priority of the system
# description: >-
#   The system-... classes are for what keeps the cluster alive; an application with one drives
#   that out when a node runs short.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
# custom:
#   id: priority-class-system
#   severity: medium
#   remedy: >-
#     Use a class of your own.
#   kinds: [workload]
#   controls:
#     mitre: ["T1499"]
package seawall.rules.priority_class_system

import data.seawall.lib.pod

finding contains {
	"message": sprintf("priority class %s outside of kube-system", [class]),
	"path": pod.in_spec(["priorityClassName"]),
	"evidence": class,
} if {
	class := input.pod.spec.priorityClassName
	class in {"system-node-critical", "system-cluster-critical"}
	namespace != "kube-system"
	namespace != ""
}

namespace := object.get(object.get(input.object, "metadata", {}), "namespace", "")
