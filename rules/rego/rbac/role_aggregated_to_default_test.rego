package seawall.rules.role_aggregated_to_default_test

import data.seawall.lib.testing
import data.seawall.rules.role_aggregated_to_default.finding

role(targets, rules) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "extra", "labels": {concat("", ["rbac.authorization.k8s.io/aggregate-to-", t]): "true" | some t in targets}},
	"rules": rules,
})

test_writing_in_view if {
	some f in finding with input as role(["view"], [{"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["get", "create"]}])
	f.message == `ClusterRole "extra" lets everybody with the role view create widgets`
}

test_secrets_in_view if {
	some f in finding with input as role(["view"], [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}])
	f.severity == "high"
}

test_wildcards_in_edit_and_admin if {
	count(finding) == 2 with input as role(["edit", "admin"], [{"apiGroups": ["example.com"], "resources": ["*"], "verbs": ["*"]}])
}

test_what_it_is_for if {
	count(finding) == 0 with input as role(["view", "edit", "admin"], [{"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["get", "list", "watch"]}])
	count(finding) == 0 with input as role(["edit", "admin"], [{"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["create", "delete"]}])
}

test_not_aggregated if {
	count(finding) == 0 with input as role([], [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}])
	count(finding) == 0 with input as role(["monitoring"], [{"apiGroups": [""], "resources": ["*"], "verbs": ["*"]}])
}
