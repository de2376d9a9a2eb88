package seawall.rules.role_wildcard_api_groups_test

import data.seawall.lib.testing
import data.seawall.rules.role_wildcard_api_groups.finding

role(rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "ops"}, "rules": rules,
})

test_group_wildcard if {
	some f in finding with input as role([{"apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"]}])
	f.message == `ClusterRole "ops" names pods in all API groups`
}

test_one_of_two_rules if {
	count(finding) == 1 with input as role([
		{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]},
		{"apiGroups": ["apps", "*"], "resources": ["deployments"], "verbs": ["get"]},
	])
}

test_resource_wildcards_are_another_rule if {
	count(finding) == 0 with input as role([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]}])
}

test_named_group if {
	count(finding) == 0 with input as role([{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}])
}

test_no_groups if {
	count(finding) == 0 with input as role([{"resources": ["deployments"], "verbs": ["get"]}])
}
