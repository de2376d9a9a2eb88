package seawall.rules.restart_policy_test

import data.seawall.lib.testing
import data.seawall.rules.restart_policy.finding

test_never if {
	count(finding) == 1 with input as testing.pod_input({"restartPolicy": "Never"})
}

test_on_failure if {
	count(finding) == 0 with input as testing.pod_input({"restartPolicy": "OnFailure"})
}

test_unsaid if {
	count(finding) == 0 with input as testing.pod_input({})
}
