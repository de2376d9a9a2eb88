package seawall.rules.memory_limit_ratio_test

import data.seawall.lib.testing
import data.seawall.rules.memory_limit_ratio.finding

test_far if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"requests": {"memory": "100Mi"}, "limits": {"memory": "10Gi"}}})
}

test_near if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"memory": "1"}, "limits": {"memory": 2}}})
}

test_no_request if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"memory": 2}}})
}
