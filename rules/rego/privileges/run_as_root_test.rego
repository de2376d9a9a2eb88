package seawall.rules.run_as_root_test

import data.seawall.lib.testing
import data.seawall.rules.run_as_root.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_root if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"runAsUser": 0}})
}

test_non_root if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"runAsNonRoot": true}})
}

test_by_number if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"runAsUser": 1000}})
}

test_by_pod if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "a"}]})
}

test_container_wins if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "a", "securityContext": {"runAsNonRoot": false}}]})
}
