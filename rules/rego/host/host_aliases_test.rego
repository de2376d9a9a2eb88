package seawall.rules.host_aliases_test

import data.seawall.lib.testing
import data.seawall.rules.host_aliases.finding

test_aliases if {
	count(finding) == 1 with input as testing.pod_input({"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}]})
}

test_none if {
	count(finding) == 0 with input as testing.pod_input({})
}
