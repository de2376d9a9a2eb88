package seawall.rules.revision_history_test

import data.seawall.lib.testing
import data.seawall.rules.revision_history.finding

test_none if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "Deployment", {"revisionHistoryLimit": 0}, {})
}

test_some if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "Deployment", {"revisionHistoryLimit": 3}, {})
}
