package seawall.rules.host_network_dns_policy_test

import data.seawall.lib.testing
import data.seawall.rules.host_network_dns_policy.finding

test_default if {
	count(finding) == 1 with input as testing.pod_input({"hostNetwork": true})
}

test_said if {
	count(finding) == 0 with input as testing.pod_input({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"})
}

test_own_network if {
	count(finding) == 0 with input as testing.pod_input({})
}
