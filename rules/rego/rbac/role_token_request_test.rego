package seawall.rules.role_token_request_test

import data.seawall.lib.testing
import data.seawall.rules.role_token_request.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "vault"}, "rules": [rule],
})

test_create if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]})
	f.message == `ClusterRole "vault" lets its holders create serviceaccounts/token`
	f.severity == "high"
}

test_in_a_namespace if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["*"]})
	f.severity == "medium"
}

test_named_accounts if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["web"]})
}

test_accounts_themselves if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create"]})
}
