package seawall.rules.windows_host_process_test

import data.seawall.lib.testing
import data.seawall.rules.windows_host_process.finding

test_pod if {
	count(finding) == 1 with input as testing.pod_input({"securityContext": {"windowsOptions": {"hostProcess": true}}})
}

test_container if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"windowsOptions": {"hostProcess": true}}})
}

test_neither if {
	count(finding) == 0 with input as testing.pod_input({"securityContext": {"windowsOptions": {"hostProcess": false}}})
}
