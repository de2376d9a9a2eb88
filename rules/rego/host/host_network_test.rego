package seawall.rules.host_network_test

import data.seawall.lib.testing
import data.seawall.rules.host_network.finding

test_shared if {
	count(finding) == 1 with input as testing.pod_input({"hostNetwork": true})
}

test_not_shared if {
	count(finding) == 0 with input as testing.pod_input({"hostNetwork": false})
}

test_unsaid if {
	count(finding) == 0 with input as testing.pod_input({})
}
