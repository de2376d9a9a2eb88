package seawall.rules.webhook_fails_open_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_fails_open.finding

test_ignore if {
	count(finding) == 1 with input as testing.object_input({"webhooks": [{"name": "a", "failurePolicy": "Ignore"}]})
}

test_fail if {
	count(finding) == 0 with input as testing.object_input({"webhooks": [{"name": "a", "failurePolicy": "Fail"}]})
}
