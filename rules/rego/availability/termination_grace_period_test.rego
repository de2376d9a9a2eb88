package seawall.rules.termination_grace_period_test

import data.seawall.lib.testing
import data.seawall.rules.termination_grace_period.finding

test_zero if {
	count(finding) == 1 with input as testing.pod_input({"terminationGracePeriodSeconds": 0})
}

test_some if {
	count(finding) == 0 with input as testing.pod_input({"terminationGracePeriodSeconds": 30})
}
