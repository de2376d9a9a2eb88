package seawall.rules.service_account_automount_test

import data.seawall.lib.testing
import data.seawall.rules.service_account_automount.finding

account(name, fields) := testing.object_input(object.union({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, fields))

test_silent if {
	some f in finding with input as account("web", {})
	f.severity == "info"
}

test_on if {
	some f in finding with input as account("web", {"automountServiceAccountToken": true})
	f.severity == "low"
}

test_default if {
	some f in finding with input as account("default", {"automountServiceAccountToken": null})
	f.severity == "low"
	f.message == `ServiceAccount "default" does not set automountServiceAccountToken to false`
}

test_off if {
	count(finding) == 0 with input as account("web", {"automountServiceAccountToken": false})
}

test_wrong_type if {
	count(finding) == 0 with input as account("web", {"automountServiceAccountToken": "false"})
}
