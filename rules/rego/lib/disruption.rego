# Pods, how many there are, and what may take them away.
package seawall.lib.disruption

import data.seawall.lib.inventory
import data.seawall.lib.selector

# Workloads whose pods a budget covers.
covered(p) := [w |
	some w in inventory.workloads_in(p.namespace)
	selects(p, w)
]

selects(p, w) if {
	is_object(p.object.spec.selector)
	selector.matches(p.object.spec.selector, labels(w))
}

# Where a template has no labels, those that the workload itself selects by are what its pods must have.
labels(w) := w.pod_labels if {
	count(w.pod_labels) > 0
} else := object.get(object.get(w, "selector", {}), "matchLabels", {})

# The fewest pods that autoscalers keep; undefined without one.
autoscaled(w) := min(floors(w)) if count(floors(w)) > 0

floors(w) := {least |
	some h in inventory.objects_in("autoscaling/HorizontalPodAutoscaler", w.namespace)
	h.object.spec.scaleTargetRef.kind == w.kind
	h.object.spec.scaleTargetRef.name == w.name
	least := h.object.spec.minReplicas
	is_number(least)
} | {least |
	some s in inventory.objects_in("keda.sh/ScaledObject", w.namespace)
	object.get(s.object.spec.scaleTargetRef, "kind", "Deployment") == w.kind
	s.object.spec.scaleTargetRef.name == w.name
	least := s.object.spec.minReplicaCount
	is_number(least)
}

replicas(w) := least if {
	least := autoscaled(w)
} else := object.get(w, "replicas", 1) if {
	w.kind != "DaemonSet"
}

# A number, or a percentage of a number, rounded up.
amount(value, _) := value if is_number(value)

amount(value, whole) := ceil((to_number(trim_suffix(value, "%")) * whole) / 100) if {
	is_string(value)
	endswith(value, "%")
}
