package seawall.rules.ephemeral_storage_limit_test

import data.seawall.lib.testing
import data.seawall.rules.ephemeral_storage_limit.finding

test_missing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"limits": null}})
}

test_given if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"ephemeral-storage": "1"}}})
}
