package seawall.rules.group_id_low_test

import data.seawall.lib.testing
import data.seawall.rules.group_id_low.finding

test_low if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"runAsGroup": 1000}})
}

test_high if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"runAsGroup": 10001}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
