package seawall.rules.selinux_options_test

import data.seawall.lib.testing
import data.seawall.rules.selinux_options.finding

test_privileged_type if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"seLinuxOptions": {"type": "spc_t"}}})
}

test_user if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"seLinuxOptions": {"user": "sysadm_u"}}})
}

test_level if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"seLinuxOptions": {"level": "s0:c1,c2", "type": "container_t"}}})
}
