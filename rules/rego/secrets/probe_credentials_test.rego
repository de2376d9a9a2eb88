package seawall.rules.probe_credentials_test

import data.seawall.lib.testing
import data.seawall.rules.probe_credentials.finding

test_authorization if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": "Basic x"}]}}})
}

test_harmless if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Accept", "value": "x"}]}}})
}
