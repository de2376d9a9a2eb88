# Inventories for tests of set rules, as rule_library.c makes them.
package seawall.lib.testing_sets

# Out of a list of objects: each with its kind as rules spell it, {"kind": "Namespace", "object": {…}}.
inventory(objects) := {"objects": by_kind(objects), "workloads": []}

by_kind(objects) := {kind: entries |
	some kind in {o.kind | some o in objects}
	entries := [entry |
		some i, o in objects
		o.kind == kind
		entry := {
			"id": i,
			"namespace": object.get(o.object.metadata, "namespace", ""),
			"name": o.object.metadata.name,
			"object": o.object,
		}
	]
}

# The same with workloads, which get the numbers behind the objects'.
inventory_with(objects, workloads) := {
	"objects": by_kind(objects),
	"workloads": [object.union({"id": count(objects) + i}, w) | some i, w in workloads],
}

# A Deployment of a namespace with the labels of its pods; `fields` are further ones of the entry.
workload(namespace, name, pod_labels, fields) := object.union(
	{
		"api_version": "apps/v1",
		"group": "apps",
		"kind": "Deployment",
		"namespace": namespace,
		"name": name,
		"labels": {},
		"pod_labels": pod_labels,
		"service_account": "default",
		"ports": [],
		"host_network": false,
	},
	fields,
)

# An object of a kind; `fields` are those beside metadata.
object_of(kind, namespace, name, fields) := {
	"kind": kind,
	"object": object.union({"kind": split_kind(kind), "metadata": metadata(namespace, name)}, fields),
}

split_kind(kind) := pieces[count(pieces) - 1] if {
	pieces := split(kind, "/")
}

metadata("", name) := {"name": name}

metadata(namespace, name) := {"name": name, "namespace": namespace} if namespace != ""
