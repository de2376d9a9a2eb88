package seawall.rules.cpu_request_test

import data.seawall.lib.testing
import data.seawall.rules.cpu_request.finding

test_missing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"requests": null}})
}

test_given if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "1"}}})
}

test_request_defaults_to_limit if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"cpu": "1"}}})
}
