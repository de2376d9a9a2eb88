package seawall.rules.cpu_limit_ratio_test

import data.seawall.lib.testing
import data.seawall.rules.cpu_limit_ratio.finding

test_far if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "100Mi"}, "limits": {"cpu": "10Gi"}}})
}

test_near if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": 2}}})
}

test_no_request if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"cpu": 2}}})
}
