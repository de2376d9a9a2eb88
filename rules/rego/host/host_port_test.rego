package seawall.rules.host_port_test

import data.seawall.lib.testing
import data.seawall.rules.host_port.finding

test_host_port if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80, "hostPort": 80}]})
}

test_container_port if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80}]})
}

test_zero if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80, "hostPort": 0}]})
}
