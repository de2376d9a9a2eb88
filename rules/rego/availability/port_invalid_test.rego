package seawall.rules.port_invalid_test

import data.seawall.lib.testing
import data.seawall.rules.port_invalid.finding

test_name_too_long if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 1, "name": "n234567890123456"}]})
}

test_no_letter if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 1, "name": "123"}]})
}

test_number if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 123456}]})
}

test_target if {
	count(finding) == 1 with input as testing.object_input({"kind": "Service", "spec": {"ports": [{"targetPort": 123456}]}})
}

test_fine if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "ports": [{"containerPort": 80, "name": "http-1"}]})
}
