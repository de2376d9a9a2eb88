package seawall.rules.pdb_blocks_everything_test

import data.seawall.lib.testing
import data.seawall.rules.pdb_blocks_everything.finding

test_zero if {
	count(finding) == 1 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"maxUnavailable": 0}})
}

test_all if {
	count(finding) == 1 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"minAvailable": "100%"}})
}

test_some if {
	count(finding) == 0 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"maxUnavailable": "10%"}})
}

test_number if {
	count(finding) == 0 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"minAvailable": 5}})
}
