package seawall.rules.anti_affinity_test

import data.seawall.lib.testing
import data.seawall.rules.anti_affinity.finding

test_none if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 3}, {})
}

test_spread if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 3}, {"topologySpreadConstraints": [{"maxSkew": 1}]})
}

test_anti_affinity if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 3}, {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": {"topologyKey": "x"}}]}}})
}

test_one_replica if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 1}, {})
}

test_elsewhere if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 3}, {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "x", "namespaces": ["bar"]}]}}})
}
