# Tells whoever opens a shell in a running container, or adds a debugging container to a pod, that this
# is noticed. `deny` in place of `warn` refuses it.
package examples.shell

import rego.v1

# `kubectl exec` and `kubectl attach` are CONNECT requests; the object holds their options, not the pod.
warn contains message if {
	input.request.operation == "CONNECT"
	input.request.subResource in {"exec", "attach"}
	message := sprintf(
		"%s runs %s in pod %s/%s: what is changed there ends with the pod",
		[who, command, input.request.namespace, input.request.name],
	)
}

# `kubectl debug` adds ephemeral containers; oldObject is the pod as it was.
warn contains message if {
	input.request.operation == "UPDATE"
	input.request.subResource == "ephemeralcontainers"
	some container in input.request.object.spec.ephemeralContainers
	not container.name in known
	message := sprintf(
		"%s adds the debugging container %s (%s) to pod %s/%s",
		[who, container.name, container.image, input.request.namespace, input.request.name],
	)
}

default who := "somebody"

who := input.request.userInfo.username

default command := "a command"

command := concat(" ", input.request.object.command)

known contains container.name if some container in input.request.oldObject.spec.ephemeralContainers
