package seawall.rules.capability_dangerous_test

import data.seawall.lib.testing
import data.seawall.rules.capability_dangerous.finding

test_admin if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}})
}

test_whatever_the_case if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["nEt_aDmIn"]}}})
}

test_harmless if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}})
}

test_none if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"]}}})
}
