package seawall.rules.privileged_port_test

import data.seawall.lib.testing
import data.seawall.rules.privileged_port.finding

test_low if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80}]})
}

test_high if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 8080}]})
}
