# What the rules share about the pod under judgement. Everything here is evaluated once for each pod
# template, however many rules ask for it. Paths are made only where a finding is: by functions.
package seawall.lib.pod

spec := input.pod.spec

# Containers by the list they are in: {"name", "list", "index", "value"}. What is no object is left out.
regular := [record(c, i, "containers") | some i, c in input.pod.spec.containers]

init := [record(c, i, "initContainers") | some i, c in input.pod.spec.initContainers]

ephemeral := [record(c, i, "ephemeralContainers") | some i, c in input.pod.spec.ephemeralContainers]

record(c, i, list) := {"name": object.get(c, "name", ""), "list": list, "index": i, "value": c}

# All that run code at some time.
containers := array.concat(regular, array.concat(init, ephemeral))

# Init containers that stay (restartPolicy: Always).
sidecars := [c | some c in init; c.value.restartPolicy == "Always"]

# What runs as long as the pod does.
lasting := array.concat(regular, sidecars)

# What the manifest itself describes; ephemeral containers are added by hand and can have no resources,
# ports or probes.
planned := array.concat(regular, init)

# The path from the object's root to a place in a container, or in the pod spec.
at(c, rest) := array.concat(input.pod.path, array.concat(["spec", c.list, c.index], rest))

in_spec(rest) := array.concat(input.pod.path, array.concat(["spec"], rest))

in_metadata(rest) := array.concat(input.pod.path, array.concat(["metadata"], rest))

# A JSON Patch that sets a field of a container's securityContext; undefined if that is no object.
fix_security(c, key, value) := [{"op": "add", "path": at(c, ["securityContext", key]), "value": value}] if {
	is_object(c.value.securityContext)
}

fix_security(c, key, value) := [{"op": "add", "path": at(c, ["securityContext"]), "value": {key: value}}] if {
	object.get(c.value, "securityContext", null) == null
}

# A field of the container's securityContext, or else the pod's; undefined if neither has it.
effective(c, key) := value if {
	value := c.value.securityContext[key]
	value != null
} else := value if {
	value := input.pod.spec.securityContext[key]
	value != null
}

windows if input.pod.spec.os.name == "windows"

annotations := object.get(object.get(input.pod, "metadata", {}), "annotations", {})

# Volumes of the pod: {"name", "index", "value"}.
volumes := [{"name": object.get(v, "name", ""), "index": i, "value": v} | some i, v in input.pod.spec.volumes]

host_paths := [v | some v in volumes; is_object(v.value.hostPath)]

# What kind of object it is, in Kubernetes' own groups only.
kind := input.object.kind if group in {"", "apps", "batch", "extensions"}

group := split(input.object.apiVersion, "/")[0] if {
	contains(input.object.apiVersion, "/")
} else := ""

# Runs until told otherwise, in copies that can replace each other.
replicated if kind in {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}

replicated if {
	group in {"argoproj.io", "apps.kruise.io"}
	input.object.kind in {"Rollout", "CloneSet", "StatefulSet"}
}

replicated if {
	group == "apps.openshift.io"
	input.object.kind == "DeploymentConfig"
}

# Serves for good: a replicated workload or one on every node, or a pod that nobody manages.
serves if replicated

serves if kind == "DaemonSet"

serves if {
	kind == "Pod"
	object.get(input.pod.spec, "restartPolicy", "Always") == "Always"
}

# Runs to an end.
runs_to_end if kind in {"Job", "CronJob"}

runs_to_end if {
	kind == "Pod"
	input.pod.spec.restartPolicy in {"Never", "OnFailure"}
}
