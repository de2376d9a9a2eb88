package seawall.rules.seccomp_unconfined_test

import data.seawall.lib.testing
import data.seawall.rules.seccomp_unconfined.finding

test_by_pod if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"seccompProfile": {"type": "Unconfined"}}, "containers": [{"name": "a"}]})
}

test_container_wins if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"seccompProfile": {"type": "Unconfined"}}, "containers": [{"name": "a", "securityContext": {"seccompProfile": {"type": "Localhost"}}}]})
}
