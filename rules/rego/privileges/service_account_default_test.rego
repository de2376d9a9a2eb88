package seawall.rules.service_account_default_test

import data.seawall.lib.testing
import data.seawall.rules.service_account_default.finding

test_unsaid if {
	count(finding) == 1 with input as testing.pod_input({})
}

test_default if {
	count(finding) == 1 with input as testing.pod_input({"serviceAccountName": "default"})
}

test_own if {
	count(finding) == 0 with input as testing.pod_input({"serviceAccountName": "web"})
}

test_deprecated_field if {
	count(finding) == 0 with input as testing.pod_input({"serviceAccount": "web"})
}

test_without_token if {
	count(finding) == 0 with input as testing.pod_input({"automountServiceAccountToken": false})
}
