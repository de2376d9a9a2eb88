package seawall.rules.resource_range_test

import data.seawall.lib.testing
import data.seawall.rules.resource_range.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "resources": {"limits": {"memory": 1}}})
}

test_below if {
	count(finding) == 1 with input as object.union(testing.container_input({"name": "a", "resources": {"limits": {"memory": 104857599}}}), {"config": {"minimumMemoryLimit": "100Mi"}})
}

test_within if {
	count(finding) == 0 with input as object.union(testing.container_input({"name": "a", "resources": {"limits": {"memory": 104857600, "cpu": 1.5}}}), {"config": {"minimumMemoryLimit": "100Mi", "maximumCpuLimit": "2"}})
}

test_above if {
	count(finding) == 1 with input as object.union(testing.container_input({"name": "a", "resources": {"limits": {"cpu": 3}}}), {"config": {"maximumCpuLimit": "2"}})
}
