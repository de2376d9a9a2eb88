package seawall.rules.host_pid_test

import data.seawall.lib.testing
import data.seawall.rules.host_pid.finding

test_shared if {
	count(finding) == 1 with input as testing.pod_input({"hostPID": true})
}

test_not_shared if {
	count(finding) == 0 with input as testing.pod_input({"hostPID": false})
}

test_unsaid if {
	count(finding) == 0 with input as testing.pod_input({})
}
