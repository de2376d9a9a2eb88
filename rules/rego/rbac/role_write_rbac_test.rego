package seawall.rules.role_write_rbac_test

import data.seawall.lib.testing
import data.seawall.rules.role_write_rbac.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "operator"}, "rules": [rule],
})

group := "rbac.authorization.k8s.io"

test_bindings if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [group], "resources": ["clusterrolebindings"], "verbs": ["create", "get"]})
	f.message == `ClusterRole "operator" lets its holders create clusterrolebindings`
	f.severity == "medium"
}

test_all_verbs_on_bindings if {
	count(finding) == 1 with input as role("Role", {"apiGroups": [group], "resources": ["rolebindings"], "verbs": ["*"]})
}

test_all_verbs_on_roles_are_another_rule if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [group], "resources": ["roles"], "verbs": ["*"]})
}

test_reading if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [group], "resources": ["clusterroles", "rolebindings"], "verbs": ["get", "list", "watch"]})
}
