package seawall.rules.update_on_delete_test

import data.seawall.lib.testing
import data.seawall.rules.update_on_delete.finding

test_on_delete if {
	count(finding) == 1 with input as testing.workload_input("apps/v1", "DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, {})
}

test_rolling if {
	count(finding) == 0 with input as testing.workload_input("apps/v1", "DaemonSet", {"updateStrategy": {"type": "RollingUpdate"}}, {})
}
