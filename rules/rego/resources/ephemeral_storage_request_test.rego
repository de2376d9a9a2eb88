package seawall.rules.ephemeral_storage_request_test

import data.seawall.lib.testing
import data.seawall.rules.ephemeral_storage_request.finding

test_missing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"requests": null}})
}

test_given if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"ephemeral-storage": "1"}}})
}

test_request_defaults_to_limit if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"ephemeral-storage": "1"}}})
}
