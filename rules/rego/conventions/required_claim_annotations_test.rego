package seawall.rules.required_claim_annotations_test

import data.seawall.lib.testing
import data.seawall.rules.required_claim_annotations.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "StatefulSet", {"volumeClaimTemplates": [{"metadata": {"name": "d"}}]}, {})
}

test_missing if {
	count(finding) == 1 with input as object.union(testing.workload_input("apps/v1", "StatefulSet", {"volumeClaimTemplates": [{"metadata": {"name": "d"}}]}, {}), {"config": {"requiredClaimAnnotations": ["a"]}})
}

test_there if {
	count(finding) == 0 with input as object.union(testing.workload_input("apps/v1", "StatefulSet", {"volumeClaimTemplates": [{"metadata": {"name": "d", "annotations": {"a": "x"}}}]}, {}), {"config": {"requiredClaimAnnotations": ["a"]}})
}
