package seawall.rules.binding_other_namespace_test

import data.seawall.lib.testing
import data.seawall.rules.binding_other_namespace.finding

binding(namespace, role, subject) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
	"metadata": {"name": "b", "namespace": namespace},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [subject],
})

test_another_namespace if {
	some f in finding with input as binding("shop", "view", {"kind": "ServiceAccount", "name": "scraper", "namespace": "monitoring"})
	f.message == `RoleBinding "b" gives the role view to the service account "scraper" of namespace "monitoring"`
	f.severity == "low"
}

test_admin if {
	some f in finding with input as binding("shop", "admin", {"kind": "ServiceAccount", "name": "cd", "namespace": "cd"})
	f.severity == "medium"
}

test_the_same_namespace if {
	count(finding) == 0 with input as binding("shop", "view", {"kind": "ServiceAccount", "name": "web", "namespace": "shop"})
	count(finding) == 0 with input as binding("shop", "view", {"kind": "ServiceAccount", "name": "web"})
}

test_not_known if {
	count(finding) == 0 with input as binding("", "view", {"kind": "ServiceAccount", "name": "web", "namespace": "shop"})
}

test_groups_have_no_namespace if {
	count(finding) == 0 with input as binding("shop", "view", {"kind": "Group", "name": "web"})
}
