package seawall.rules.role_delete_resources_test

import data.seawall.lib.testing
import data.seawall.rules.role_delete_resources.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "tool"}, "rules": [rule],
})

test_namespaces if {
	some f in finding with input as role({"apiGroups": [""], "resources": ["namespaces"], "verbs": ["delete"]})
	f.message == `ClusterRole "tool" lets its holders delete namespaces`
}

test_definitions if {
	count(finding) == 1 with input as role({"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["*"]})
}

test_pods if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]})
}

test_its_own if {
	count(finding) == 0 with input as role({"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["delete"], "resourceNames": ["widgets.example.com"]})
}
