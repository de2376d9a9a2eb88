package seawall.rules.role_wildcard_resources_test

import data.seawall.lib.testing
import data.seawall.rules.role_wildcard_resources.finding

role(rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
	"metadata": {"name": "ops", "namespace": "shop"}, "rules": rules,
})

test_core_group if {
	some f in finding with input as role([{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}])
	f.message == `Role "ops" covers all resources of API group "" (core)`
}

test_custom_group if {
	some f in finding with input as role([{"apiGroups": ["example.com"], "resources": ["*"], "verbs": ["get"]}])
	f.severity == "low"
}

test_all_groups if {
	some f in finding with input as role([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]}])
	f.message == `Role "ops" covers all resources of all API groups`
}

test_everything_is_another_rule if {
	count(finding) == 0 with input as role([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

test_subresource_wildcard_is_no_wildcard if {
	count(finding) == 0 with input as role([{"apiGroups": ["apps"], "resources": ["*/scale"], "verbs": ["get"]}])
}

test_resources_by_name if {
	count(finding) == 0 with input as role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}])
}
