package seawall.rules.role_full_access_test

import data.seawall.lib.testing
import data.seawall.rules.role_full_access.finding

role(kind, name, rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": name}, "rules": rules,
})

everything := {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}

test_wildcards if {
	some f in finding with input as role("ClusterRole", "ops", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, everything])
	f.message == `ClusterRole "ops" gives every right on every resource of every API group`
	f.path == ["rules", 1]
	f.severity == "high"
}

test_every_verb_by_name if {
	verbs := ["get", "list", "delete", "update", "create", "patch", "watch"]
	some f in finding with input as role("Role", "ops", [{"apiGroups": ["*"], "resources": ["*"], "verbs": verbs}])
	f.severity == "medium"
}

test_reading_is_less if {
	count(finding) == 0 with input as role("ClusterRole", "ops", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}])
}

test_one_group_is_less if {
	count(finding) == 0 with input as role("ClusterRole", "ops", [{"apiGroups": [""], "resources": ["*"], "verbs": ["*"]}])
}

test_what_kubernetes_brings_along if {
	count(finding) == 0 with input as role("ClusterRole", "cluster-admin", [everything])
	count(finding) == 0 with input as role("ClusterRole", "system:test", [everything])
	count(finding) == 1 with input as role("Role", "cluster-admin", [everything])
}

test_odd_shapes if {
	count(finding) == 0 with input as role("Role", "ops", null)
	count(finding) == 0 with input as role("Role", "ops", "*")
	count(finding) == 0 with input as role("Role", "ops", [null, {"verbs": "*", "resources": 1}])
}
