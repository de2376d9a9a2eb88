package seawall.rules.required_labels_test

import data.seawall.lib.testing
import data.seawall.rules.required_labels.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.bare_pod_input({})
}

test_missing if {
	count(finding) == 1 with input as object.union(testing.bare_pod_input({}), {"config": {"requiredLabels": ["owner"]}})
}

test_there if {
	count(finding) == 0 with input as {"object": {"metadata": {"labels": {"owner": "me", "tier": "a"}}}, "config": {"requiredLabels": ["owner", "tier=a"]}}
}

test_another_value if {
	count(finding) == 1 with input as {"object": {"metadata": {"labels": {"tier": "b"}}}, "config": {"requiredLabels": ["tier=a"]}}
}
