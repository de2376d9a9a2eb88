package seawall.rules.webhook_external_test

import data.seawall.lib.testing
import data.seawall.rules.webhook_external.finding

test_url if {
	count(finding) == 1 with input as testing.object_input({"webhooks": [{"name": "a", "clientConfig": {"url": "https://hooks.example.com/"}}]})
}

test_service if {
	count(finding) == 0 with input as testing.object_input({"webhooks": [{"name": "a", "clientConfig": {"service": {"name": "a"}}}]})
}
