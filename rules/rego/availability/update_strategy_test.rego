package seawall.rules.update_strategy_test

import data.seawall.lib.testing
import data.seawall.rules.update_strategy.finding

test_recreate if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"strategy": {"type": "Recreate"}}, {})
}

test_rolling if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"strategy": {"type": "RollingUpdate"}}, {})
}

test_unsaid if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {}, {})
}
