package seawall.rules.webhook_timeout_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_timeout.finding

test_long if {
	count(finding) == 1 with input as testing.object_input({"webhooks": [{"name": "a", "timeoutSeconds": 30}]})
}

test_short if {
	count(finding) == 0 with input as testing.object_input({"webhooks": [{"name": "a", "timeoutSeconds": 5}]})
}
