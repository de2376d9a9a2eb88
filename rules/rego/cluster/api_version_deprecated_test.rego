package seawall.rules.api_version_deprecated_test

import data.seawall.lib.testing
import data.seawall.rules.api_version_deprecated.finding

test_deprecated if {
	count(finding) == 1 with input as object.union(testing.object_input({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"}), {"config": {"targetVersion": "v1.24"}})
}

test_gone if {
	count(finding) == 0 with input as testing.object_input({"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget"})
}

test_current if {
	count(finding) == 0 with input as testing.object_input({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget"})
}
