package seawall.rules.role_secrets_read_test

import data.seawall.lib.testing
import data.seawall.rules.role_secrets_read.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "reader"}, "rules": [rule],
})

test_get if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get"]})
	f.message == `Role "reader" lets its holders get secrets`
	f.severity == "medium"
	f.path == ["rules", 0, "resources"]
}

test_list_and_watch_in_the_cluster if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["watch", "list", "create"]})
	f.message == `ClusterRole "reader" lets its holders list, watch secrets`
	f.severity == "high"
}

test_by_wildcard if {
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]})
	count(finding) == 1 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]})
}

test_named_ones if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["tls"]})
}

test_an_empty_list_of_names_limits_nothing if {
	count(finding) == 1 with input as role("Role", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": []})
}

test_other_groups_and_verbs if {
	count(finding) == 0 with input as role("Role", {"apiGroups": ["example.com"], "resources": ["secrets"], "verbs": ["get"]})
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "delete"]})
	count(finding) == 0 with input as role("Role", {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["get"]})
}

test_full_access_is_another_rule if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
}
