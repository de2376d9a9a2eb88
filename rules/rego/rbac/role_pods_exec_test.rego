package seawall.rules.role_pods_exec_test

import data.seawall.lib.testing
import data.seawall.rules.role_pods_exec.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "debug"}, "rules": [rule],
})

test_create if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]})
	f.message == `Role "debug" lets its holders create pods/exec`
	f.severity == "medium"
}

test_get_is_enough if {
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": ["*"], "resources": ["pods/exec"], "verbs": ["get"]})
}

test_by_wildcards if {
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["*"]})
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["*"], "verbs": ["get"]})
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["*/exec"], "verbs": ["create"]})
}

test_pods_alone if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "create"]})
}

test_other_verbs if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["list"]})
}
