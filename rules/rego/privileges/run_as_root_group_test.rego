package seawall.rules.run_as_root_group_test

import data.seawall.lib.testing
import data.seawall.rules.run_as_root_group.finding

test_container if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"runAsGroup": 0}})
}

test_fs_group if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"fsGroup": 0}})
}

test_supplemental if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"supplementalGroups": [0, 5]}})
}

test_others if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"fsGroup": 2000, "supplementalGroups": [5]}, "containers": [{"name": "a", "securityContext": {"runAsGroup": 3}}]})
}
