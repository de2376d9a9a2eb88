package seawall.rules.capability_added_test

import data.seawall.lib.testing
import data.seawall.rules.capability_added.finding

test_added if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["CHOWN"]}}})
}

test_two if {
	count(finding) == 2 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["CHOWN", "CAP_KILL"]}}})
}

test_bind_service if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}})
}

test_none if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
