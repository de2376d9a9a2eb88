package seawall.rules.required_annotations_test

import data.seawall.lib.testing
import data.seawall.rules.required_annotations.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.bare_pod_input({})
}

test_missing if {
	count(finding) == 1 with input as object.union(testing.bare_pod_input({}), {"config": {"requiredAnnotations": ["owner"]}})
}

test_there if {
	count(finding) == 0 with input as {"object": {"metadata": {"annotations": {"owner": "me", "tier": "a"}}}, "config": {"requiredAnnotations": ["owner", "tier=a"]}}
}

test_another_value if {
	count(finding) == 1 with input as {"object": {"metadata": {"annotations": {"tier": "b"}}}, "config": {"requiredAnnotations": ["tier=a"]}}
}
