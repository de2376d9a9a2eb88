package seawall.rules.role_pods_portforward_test

import data.seawall.lib.testing
import data.seawall.rules.role_pods_portforward.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "debug"}, "rules": [rule],
})

test_create if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["create"]})
	f.message == `ClusterRole "debug" lets its holders create pods/portforward`
	f.severity == "medium"
}

test_in_a_namespace if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["get"]})
	f.severity == "low"
}

test_other_verbs if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["watch"]})
}

test_pods if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]})
}
