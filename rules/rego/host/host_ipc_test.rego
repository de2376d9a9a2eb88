package seawall.rules.host_ipc_test

import data.seawall.lib.testing
import data.seawall.rules.host_ipc.finding

test_shared if {
	count(finding) == 1 with input as testing.pod_input({"hostIPC": true})
}

test_not_shared if {
	count(finding) == 0 with input as testing.pod_input({"hostIPC": false})
}

test_unsaid if {
	count(finding) == 0 with input as testing.pod_input({})
}
