package seawall.rules.qos_best_effort_test

import data.seawall.lib.testing
import data.seawall.rules.qos_best_effort.finding

test_nothing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_something if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "1"}}})
}
