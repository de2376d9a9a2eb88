package seawall.rules.seccomp_profile_test

import data.seawall.lib.testing
import data.seawall.rules.seccomp_profile.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_by_pod if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "a"}]})
}

test_windows if {
	count(finding) == 0 with input as testing.pod_input({"os": {"name": "windows"}, "containers": [{"name": "a"}]})
}

test_the_fix_is_for_the_pod if {
	some f in finding with input as testing.container_input({"name": "a"})
	f.fix == [{
		"op": "add",
		"path": ["spec", "template", "spec", "securityContext"],
		"value": {"seccompProfile": {"type": "RuntimeDefault"}},
	}]
}

test_a_context_that_is_there_is_kept if {
	some f in finding with input as testing.pod_input({"securityContext": {"fsGroup": 5}, "containers": [{"name": "a"}]})
	f.fix[0].path == ["spec", "template", "spec", "securityContext", "seccompProfile"]
}
