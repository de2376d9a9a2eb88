package seawall.rules.priority_class_system_test

import data.seawall.lib.testing
import data.seawall.rules.priority_class_system.finding

test_elsewhere if {
	count(finding) == 1 with input as testing.pod_input({"priorityClassName": "system-node-critical"})
}

test_own if {
	count(finding) == 0 with input as testing.pod_input({"priorityClassName": "high"})
}
