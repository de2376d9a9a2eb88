package seawall.rules.secret_service_account_token_test

import data.seawall.lib.testing
import data.seawall.rules.secret_service_account_token.finding

secret(type, annotations) := testing.object_input({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "t", "annotations": annotations}, "type": type})

test_token if {
	some f in finding with input as secret("kubernetes.io/service-account-token", {"kubernetes.io/service-account.name": "ci"})
	f.message == `Secret "t" holds a token of the service account "ci" that never expires`
	f.path == ["type"]
}

test_without_account if {
	count(finding) == 1 with input as secret("kubernetes.io/service-account-token", null)
}

test_other_types if {
	count(finding) == 0 with input as secret("Opaque", {"kubernetes.io/service-account.name": "ci"})
}

test_no_type if {
	count(finding) == 0 with input as secret(null, {})
}
