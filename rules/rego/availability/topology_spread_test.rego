package seawall.rules.topology_spread_test

import data.seawall.lib.testing
import data.seawall.rules.topology_spread.finding

test_none if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_spread if {
	count(finding) == 0 with input as testing.pod_input({"topologySpreadConstraints": [{"maxSkew": 1}]})
}

test_pods_alone if {
	count(finding) == 0 with input as testing.bare_pod_input({})
}
