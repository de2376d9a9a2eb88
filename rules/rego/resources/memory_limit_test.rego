package seawall.rules.memory_limit_test

import data.seawall.lib.testing
import data.seawall.rules.memory_limit.finding

test_missing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"limits": null}})
}

test_given if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"memory": "1"}}})
}
