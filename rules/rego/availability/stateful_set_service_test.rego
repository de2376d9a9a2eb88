package seawall.rules.stateful_set_service_test

import data.seawall.lib.testing
import data.seawall.rules.stateful_set_service.finding

test_unsaid if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "StatefulSet", {}, {})
}

test_said if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "StatefulSet", {"serviceName": "db"}, {})
}
