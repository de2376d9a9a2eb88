package seawall.rules.scc_privileged_test

import data.seawall.lib.testing
import data.seawall.rules.scc_privileged.finding

test_admits if {
	count(finding) == 1 with input as testing.object_input({"allowPrivilegedContainer": true})
}

test_refuses if {
	count(finding) == 0 with input as testing.object_input({"allowPrivilegedContainer": false})
}
