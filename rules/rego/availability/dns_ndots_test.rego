package seawall.rules.dns_ndots_test

import data.seawall.lib.testing
import data.seawall.rules.dns_ndots.finding

test_unsaid if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_five if {
	count(finding) == 1 with input as testing.pod_input({"dnsConfig": {"options": [{"name": "ndots", "value": "5"}]}})
}

test_two if {
	count(finding) == 0 with input as testing.pod_input({"dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}})
}
