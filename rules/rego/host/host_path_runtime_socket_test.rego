package seawall.rules.host_path_runtime_socket_test

import data.seawall.lib.testing
import data.seawall.rules.host_path_runtime_socket.finding

test_docker if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/var/run/docker.sock"}}]})
}

test_containerd if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/run/containerd/containerd.sock"}}]})
}

test_another_socket if {
	count(finding) == 0 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/var/run/thing.sock"}}]})
}
