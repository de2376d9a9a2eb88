package seawall.rules.role_write_nodes_test

import data.seawall.lib.testing
import data.seawall.rules.role_write_nodes.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "tool"}, "rules": [rule],
})

test_patch if {
	some f in finding with input as role({"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "patch"]})
	f.message == `ClusterRole "tool" lets its holders patch nodes`
}

test_all_verbs if {
	count(finding) == 1 with input as role({"apiGroups": [""], "resources": ["nodes"], "verbs": ["*"]})
}

test_reading if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]})
}

test_other_groups if {
	count(finding) == 0 with input as role({"apiGroups": ["metrics.k8s.io"], "resources": ["nodes"], "verbs": ["patch"]})
}
