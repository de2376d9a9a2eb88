# What every object says of itself. Absent and wrongly typed are told alike: empty.
package seawall.lib.meta

default name := ""

name := input.object.metadata.name if is_string(input.object.metadata.name)

default namespace := ""

namespace := input.object.metadata.namespace if is_string(input.object.metadata.namespace)

default labels := {}

labels := input.object.metadata.labels if is_object(input.object.metadata.labels)

default annotations := {}

annotations := input.object.metadata.annotations if is_object(input.object.metadata.annotations)

# ClusterRole "reader", for messages.
title := sprintf("%s %q", [input.object.kind, name])

# The object is there, the field is not.
lacks(object_, field) if {
	is_object(object_)
	object.get(object_, field, null) == null
}

# null and absent lists are empty.
list(object_, field) := object_[field] if {
	is_array(object_[field])
} else := []

# The same for texts, numbers, ...: what is there, or else `otherwise`.
field(object_, name_, otherwise) := value if {
	value := object_[name_]
	value != null
} else := otherwise

# A list or an object with something in it.
filled(value) if {
	type_name(value) in {"array", "object"}
	count(value) > 0
}

# The field is absent, null, or an empty list or object.
empty(object_, field_) if lacks(object_, field_)

empty(object_, field_) if object_[field_] in {[], {}}
