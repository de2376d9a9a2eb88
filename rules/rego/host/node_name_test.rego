package seawall.rules.node_name_test

import data.seawall.lib.testing
import data.seawall.rules.node_name.finding

test_named if {
	count(finding) == 1 with input as testing.pod_input({"nodeName": "node-1"})
}

test_unsaid if {
	count(finding) == 0 with input as testing.pod_input({})
}
