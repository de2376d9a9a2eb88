package seawall.rules.role_impersonate_test

import data.seawall.lib.testing
import data.seawall.rules.role_impersonate.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "proxy"}, "rules": [rule],
})

test_users_and_groups if {
	count(finding) == 2 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"]})
}

test_message if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]})
	f.message == `ClusterRole "proxy" lets its holders impersonate serviceaccounts`
}

test_all_verbs if {
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["groups"], "verbs": ["*"]})
}

test_named_groups if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["developers"]})
}

test_other_verbs if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get", "list"]})
}
