package seawall.rules.role_wildcard_verbs_test

import data.seawall.lib.testing
import data.seawall.rules.role_wildcard_verbs.finding

role(rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
	"metadata": {"name": "ops", "namespace": "shop"}, "rules": rules,
})

test_wildcard if {
	some f in finding with input as role([{"apiGroups": [""], "resources": ["secrets", "pods"], "verbs": ["*"]}])
	f.message == `Role "ops" gives all verbs on pods, secrets`
	f.path == ["rules", 0, "verbs"]
}

test_custom_resources if {
	some f in finding with input as role([{"apiGroups": ["example.com"], "resources": ["a", "b", "c", "d", "e"], "verbs": ["*"]}])
	f.message == `Role "ops" gives all verbs on a, b, c and 2 more`
	f.severity == "low"
}

test_wildcard_among_others if {
	count(finding) == 1 with input as role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "*"]}])
}

test_everything_is_another_rule if {
	count(finding) == 0 with input as role([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

test_verbs_by_name if {
	count(finding) == 0 with input as role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}])
}

test_urls_are_another_rule if {
	count(finding) == 0 with input as role([{"nonResourceURLs": ["*"], "verbs": ["*"]}])
}

test_no_verbs if {
	count(finding) == 0 with input as role([{"apiGroups": [""], "resources": ["pods"]}])
}
