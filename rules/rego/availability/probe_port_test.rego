package seawall.rules.probe_port_test

import data.seawall.lib.testing
import data.seawall.rules.probe_port.finding

test_by_name if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "livenessProbe": {"httpGet": {"port": "http"}}})
}

test_by_number if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 9999}], "readinessProbe": {"tcpSocket": {"port": 8080}}})
}

test_udp if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 9999, "name": "udp", "protocol": "UDP"}], "livenessProbe": {"tcpSocket": {"port": "udp"}}})
}

test_declared if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 8080, "name": "http"}], "livenessProbe": {"httpGet": {"port": "http"}}, "readinessProbe": {"httpGet": {"port": 8080}}})
}
