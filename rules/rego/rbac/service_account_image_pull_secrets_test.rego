package seawall.rules.service_account_image_pull_secrets_test

import data.seawall.lib.testing
import data.seawall.rules.service_account_image_pull_secrets.finding

account(name, secrets) := testing.object_input({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}, "imagePullSecrets": secrets})

test_default if {
	some f in finding with input as account("default", [{"name": "registry"}])
	f.message == `ServiceAccount "default" gives the registry credentials "registry" to every pod without an account of its own`
}

test_two if {
	count(finding) == 2 with input as account("default", [{"name": "a"}, {"name": "b"}])
}

test_an_account_of_its_own if {
	count(finding) == 0 with input as account("web", [{"name": "registry"}])
}

test_none if {
	count(finding) == 0 with input as account("default", [])
	count(finding) == 0 with input as account("default", null)
	count(finding) == 0 with input as account("default", "a")
}
