package seawall.rules.priority_class_not_allowed_test

import data.seawall.lib.testing
import data.seawall.rules.priority_class_not_allowed.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.pod_input({"priorityClassName": "x"})
}

test_other if {
	count(finding) == 1 with input as object.union(testing.pod_input({"priorityClassName": "x"}), {"config": {"allowedPriorityClasses": ["y"]}})
}

test_allowed if {
	count(finding) == 0 with input as object.union(testing.pod_input({"priorityClassName": "y"}), {"config": {"allowedPriorityClasses": ["y"]}})
}
