package seawall.rules.container_port_duplicate_test

import data.seawall.lib.testing
import data.seawall.rules.container_port_duplicate.finding

test_twice if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]})
}

test_udp_too if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]})
}
