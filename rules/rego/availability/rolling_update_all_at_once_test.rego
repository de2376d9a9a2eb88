package seawall.rules.rolling_update_all_at_once_test

import data.seawall.lib.testing
import data.seawall.rules.rolling_update_all_at_once.finding

test_percent if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"strategy": {"rollingUpdate": {"maxUnavailable": "100%"}}}, {})
}

test_number if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 2, "strategy": {"rollingUpdate": {"maxUnavailable": 2}}}, {})
}

test_a_part if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"replicas": 4, "strategy": {"rollingUpdate": {"maxUnavailable": 1}}}, {})
}
