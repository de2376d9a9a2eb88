package seawall.rules.capability_net_raw_test

import data.seawall.lib.testing
import data.seawall.rules.capability_net_raw.finding

test_added if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["NET_RAW"]}}})
}

test_other if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"add": ["CHOWN"]}}})
}
