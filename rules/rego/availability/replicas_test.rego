package seawall.rules.replicas_test

import data.seawall.lib.testing
import data.seawall.rules.replicas.finding

test_one if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 1}, {})
}

test_two if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 2}, {})
}

test_unsaid_is_for_an_autoscaler if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {}, {})
}

test_parameter if {
	count(finding) == 1 with input as object.union(testing.workload_input("apps/v1", "Deployment", {"replicas": 2}, {}), {"config": {"minimumReplicas": 3}})
}
