package seawall.rules.linux_hardening_test

import data.seawall.lib.testing
import data.seawall.rules.linux_hardening.finding

test_nothing if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_seccomp if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "a"}]})
}

test_drop if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"]}}})
}

test_drop_but_all if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["all"]}}})
}

test_selinux if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"seLinuxOptions": {"level": "s0"}}})
}

test_selinux_null if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"seLinuxOptions": null}})
}
