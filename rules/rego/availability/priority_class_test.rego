package seawall.rules.priority_class_test

import data.seawall.lib.testing
import data.seawall.rules.priority_class.finding

test_unsaid if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_said if {
	count(finding) == 0 with input as testing.pod_input({"priorityClassName": "high"})
}
