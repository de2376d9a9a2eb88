package seawall.rules.bootstrap_token_test

import data.seawall.lib.testing
import data.seawall.rules.bootstrap_token.finding

secret(type, values) := testing.object_input({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "bootstrap-token-abcdef", "namespace": "kube-system"}, "type": type, "stringData": values})

test_no_expiration if {
	some f in finding with input as secret("bootstrap.kubernetes.io/token", {"token-id": "abcdef", "token-secret": "0123456789abcdef"})
	f.message == `Secret "bootstrap-token-abcdef" is a bootstrap token that never expires`
	f.severity == "high"
}

test_expiration if {
	some f in finding with input as secret("bootstrap.kubernetes.io/token", {"token-id": "abcdef", "expiration": "2030-01-01T00:00:00Z"})
	f.severity == "medium"
}

test_empty if {
	count(finding) == 0 with input as secret("bootstrap.kubernetes.io/token", {})
	count(finding) == 0 with input as secret("bootstrap.kubernetes.io/token", null)
}

test_other_types if {
	count(finding) == 0 with input as secret("Opaque", {"token-id": "abcdef"})
}
