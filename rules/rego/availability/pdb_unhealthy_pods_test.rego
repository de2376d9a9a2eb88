package seawall.rules.pdb_unhealthy_pods_test

import data.seawall.lib.testing
import data.seawall.rules.pdb_unhealthy_pods.finding

test_unsaid if {
	count(finding) == 1 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {}})
}

test_said if {
	count(finding) == 0 with input as testing.object_input({"kind": "PodDisruptionBudget", "metadata": {"name": "a"}, "spec": {"unhealthyPodEvictionPolicy": "IfHealthyBudget"}})
}
