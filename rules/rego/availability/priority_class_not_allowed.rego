# METADATA
# title: Pod's priority class is not an allowed one
# description: >-
#   A high class lets the pod drive out others, so not everybody should have each.
# related_resources:
#   - https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
# custom:
#   id: priority-class-not-allowed
#   severity: medium
#   remedy: >-
#     Use one of the classes of the parameter allowedPriorityClasses; without it this rule
#     says nothing.
#   kinds: [workload]
#   parameters: [allowedPriorityClasses]
#   controls:
#     mitre: ["T1496"]
#   aliases:
#     kube-linter: ["priority-class-name"]
package seawall.rules.priority_class_not_allowed

import data.seawall.lib.config
import data.seawall.lib.pod

finding contains {
	"message": sprintf("priority class %q is not allowed", [class]),
	"path": pod.in_spec(["priorityClassName"]),
	"evidence": class,
} if {
	count(config.allowed_priority_classes) > 0
	class := input.pod.spec.priorityClassName
	not class in config.allowed_priority_classes
	class != ""
}
