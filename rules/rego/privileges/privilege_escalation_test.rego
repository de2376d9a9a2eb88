package seawall.rules.privilege_escalation_test

import data.seawall.lib.testing
import data.seawall.rules.privilege_escalation.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_allowed if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"allowPrivilegeEscalation": true}})
}

test_forbidden if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"allowPrivilegeEscalation": false}})
}

test_windows if {
	count(finding) == 0 with input as testing.pod_input({"os": {"name": "windows"}, "containers": [{"name": "a"}]})
}

test_no_fix_for_who_needs_it if {
	some f in finding with input as testing.container_input({"name": "a", "securityContext": {"privileged": true}})
	not "fix" in object.keys(f)
}

test_the_fix_keeps_what_is_there if {
	some f in finding with input as testing.container_input({"name": "a", "securityContext": {"runAsUser": 5}})
	f.fix == [{
		"op": "add",
		"path": ["spec", "template", "spec", "containers", 0, "securityContext", "allowPrivilegeEscalation"],
		"value": false,
	}]
}
