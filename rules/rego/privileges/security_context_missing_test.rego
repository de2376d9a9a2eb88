package seawall.rules.security_context_missing_test

import data.seawall.lib.testing
import data.seawall.rules.security_context_missing.finding

test_nothing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_empty if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {}})
}

test_pod if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "a"}]})
}

test_container if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"privileged": false}})
}
