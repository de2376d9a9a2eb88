package seawall.rules.selector_mismatch_test

import data.seawall.lib.testing
import data.seawall.rules.selector_mismatch.finding

test_mismatch if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"selector": {"matchLabels": {"app": "web"}}}, {})
}

test_match if {
	count(finding) == 0 with input as object.union(testing.workload_input("apps/v1", "Deployment", {"selector": {"matchLabels": {"app": "web"}}}, {}), {"pod": {"metadata": {"labels": {"app": "web", "tier": "front"}}}})
}

test_pairs if {
	count(finding) == 1 with input as testing.workload_input("v1", "ReplicationController", {"selector": {"app": "web"}}, {})
}
