package seawall.rules.capabilities_not_dropped_test

import data.seawall.lib.testing
import data.seawall.rules.capabilities_not_dropped.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_some if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["NET_RAW"]}}})
}

test_all if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"]}}})
}

test_all_in_lower_case if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["all"]}}})
}
