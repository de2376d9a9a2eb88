# What set rules share about the objects that were scanned together.
package seawall.lib.inventory

import data.seawall.lib.selector

workloads := data.inventory.workloads

# The objects of a kind, spelled as in a rule's metadata; none if no rule needs that kind.
objects(kind) := object.get(data.inventory.objects, kind, [])

# The same of one namespace: what partners of an object are looked for in, so that the cost does not grow with
# the square of their number.
workloads_in(namespace) := list if {
	index := data.inventory.by_namespace
	list := object.get(index, [namespace, "workloads"], [])
} else := [w |
	some w in workloads
	w.namespace == namespace
]

objects_in(kind, namespace) := list if {
	index := data.inventory.by_namespace
	list := object.get(index, [namespace, "objects", kind], [])
} else := [o |
	some o in objects(kind)
	o.namespace == namespace
]

# Workloads of a namespace whose pods a label selector matches.
pods_selected(namespace, label_selector) := [w |
	some w in workloads_in(namespace)
	selector.matches(label_selector, w.pod_labels)
]

# The same for the pairs that a Service selects by.
pods_paired(namespace, pairs) := [w |
	some w in workloads_in(namespace)
	selector.matches_pairs(pairs, w.pod_labels)
]
