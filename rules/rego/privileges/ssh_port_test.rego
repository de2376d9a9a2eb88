package seawall.rules.ssh_port_test

import data.seawall.lib.testing
import data.seawall.rules.ssh_port.finding

test_ssh if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 22}]})
}

test_other if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 2222}]})
}

test_udp if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 22, "protocol": "UDP"}]})
}
