package seawall.rules.node_affinity_test

import data.seawall.lib.testing
import data.seawall.rules.node_affinity.finding

test_nothing if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_selector if {
	count(finding) == 0 with input as testing.pod_input({"nodeSelector": {"disk": "ssd"}})
}

test_affinity if {
	count(finding) == 0 with input as testing.pod_input({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {}}}})
}
