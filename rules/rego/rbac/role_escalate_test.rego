package seawall.rules.role_escalate_test

import data.seawall.lib.testing
import data.seawall.rules.role_escalate.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "ops"}, "rules": [rule],
})

group := "rbac.authorization.k8s.io"

test_escalate if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [group], "resources": ["clusterroles"], "verbs": ["escalate", "get"]})
	f.message == `ClusterRole "ops" lets its holders escalate clusterroles`
	f.severity == "high"
}

test_bind if {
	count(finding) == 2 with input as role("Role", {"apiGroups": [group], "resources": ["roles", "clusterroles"], "verbs": ["bind"]})
}

test_bind_and_escalate_are_two if {
	count(finding) == 2 with input as role("Role", {"apiGroups": [group], "resources": ["roles"], "verbs": ["bind", "escalate"]})
}

test_all_verbs if {
	count(finding) == 1 with input as role("Role", {"apiGroups": [group], "resources": ["roles"], "verbs": ["*"]})
}

test_bind_of_named_roles if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [group], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]})
}

test_other_verbs_and_groups if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [group], "resources": ["roles"], "verbs": ["create", "update"]})
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["roles"], "verbs": ["escalate"]})
}
