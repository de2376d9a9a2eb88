package seawall.rules.share_process_namespace_test

import data.seawall.lib.testing
import data.seawall.rules.share_process_namespace.finding

test_shared if {
	count(finding) == 1 with input as testing.pod_input({"shareProcessNamespace": true})
}

test_not_shared if {
	count(finding) == 0 with input as testing.pod_input({"shareProcessNamespace": false})
}
