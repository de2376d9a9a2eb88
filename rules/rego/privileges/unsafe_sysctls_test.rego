package seawall.rules.unsafe_sysctls_test

import data.seawall.lib.testing
import data.seawall.rules.unsafe_sysctls.finding

test_unsafe if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"sysctls": [{"name": "kernel.sem", "value": "1"}]}})
}

test_safe if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]}})
}
