package seawall.rules.request_above_limit_test

import data.seawall.lib.testing
import data.seawall.rules.request_above_limit.finding

test_above if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}})
}

test_below if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": 1}}})
}

test_equal if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "1000m"}, "limits": {"cpu": 1}}})
}
