# seawall policy test examples/policies
package examples.shell_test

import data.examples.shell
import rego.v1

review(request) := {
	"apiVersion": "admission.k8s.io/v1",
	"kind": "AdmissionReview",
	"request": object.union({"namespace": "shop", "name": "web", "userInfo": {"username": "ann"}}, request),
}

exec := {
	"operation": "CONNECT",
	"subResource": "exec",
	"object": {"kind": "PodExecOptions", "command": ["sh", "-c", "id"]},
}

test_exec_is_told if {
	shell.warn with input as review(exec) == {"ann runs sh -c id in pod shop/web: what is changed there ends with the pod"}
}

test_attach_is_told if {
	attach := {"operation": "CONNECT", "subResource": "attach", "object": {"kind": "PodAttachOptions"}}
	shell.warn with input as review(attach) == {"ann runs a command in pod shop/web: what is changed there ends with the pod"}
}

test_port_forward_is_not if {
	forward := {"operation": "CONNECT", "subResource": "portforward", "object": {"kind": "PodPortForwardOptions"}}
	count(shell.warn) == 0 with input as review(forward)
}

test_new_debugging_containers_alone if {
	debug := {
		"operation": "UPDATE",
		"subResource": "ephemeralcontainers",
		"object": {"spec": {"ephemeralContainers": [{"name": "old", "image": "a"}, {"name": "new", "image": "b"}]}},
		"oldObject": {"spec": {"ephemeralContainers": [{"name": "old", "image": "a"}]}},
	}
	shell.warn with input as review(debug) == {"ann adds the debugging container new (b) to pod shop/web"}
}

test_other_updates_are_not if {
	update := {"operation": "UPDATE", "object": {"spec": {"ephemeralContainers": [{"name": "new", "image": "b"}]}}}
	count(shell.warn) == 0 with input as review(update)
}

test_a_user_without_a_name if {
	some message in shell.warn with input as json.remove(review(exec), ["request/userInfo"])
	startswith(message, "somebody runs sh")
}
