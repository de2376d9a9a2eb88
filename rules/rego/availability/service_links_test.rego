package seawall.rules.service_links_test

import data.seawall.lib.testing
import data.seawall.rules.service_links.finding

test_unsaid if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_no if {
	count(finding) == 0 with input as testing.pod_input({"enableServiceLinks": false})
}
