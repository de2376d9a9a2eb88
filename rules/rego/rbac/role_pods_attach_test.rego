package seawall.rules.role_pods_attach_test

import data.seawall.lib.testing
import data.seawall.rules.role_pods_attach.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "debug"}, "rules": [rule],
})

test_create if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods/attach"], "verbs": ["create"]})
	f.message == `ClusterRole "debug" lets its holders create pods/attach`
}

test_all_verbs if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["pods/attach"], "verbs": ["*"]})
	f.message == `Role "debug" lets its holders do anything with pods/attach`
}

test_other_verbs if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods/attach"], "verbs": ["list"]})
}

test_all_resources_are_another_rule if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["*"], "verbs": ["create"]})
}
