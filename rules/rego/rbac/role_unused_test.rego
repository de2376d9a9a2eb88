package seawall.rules.role_unused_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.role_unused.finding

group := "rbac.authorization.k8s.io"

binding(kind, namespace, role_kind, role_name) := sets.object_of(concat("/", [group, kind]), namespace, "b", {"roleRef": {"kind": role_kind, "name": role_name}})

role(kind, namespace, name) := sets.object_of(concat("/", [group, kind]), namespace, name, {"rules": []})

test_unbound if {
	count(finding) == 2 with data.inventory as sets.inventory([role("Role", "shop", "a"), role("ClusterRole", "", "b")])
}

test_bound_elsewhere if {
	some f in finding with data.inventory as sets.inventory([role("Role", "shop", "a"), binding("RoleBinding", "web", "Role", "a")])
	f.message == `no binding in what was scanned refers to Role "a"`
}

test_bound if {
	count(finding) == 0 with data.inventory as sets.inventory([
		role("Role", "shop", "a"), binding("RoleBinding", "shop", "Role", "a"),
		role("ClusterRole", "", "b"), binding("RoleBinding", "shop", "ClusterRole", "b"),
	])
}

test_aggregated if {
	count(finding) == 0 with data.inventory as sets.inventory([{
		"kind": "rbac.authorization.k8s.io/ClusterRole",
		"object": {"kind": "ClusterRole", "metadata": {"name": "a", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}},
	}])
}

test_what_kubernetes_brings_along if {
	count(finding) == 0 with data.inventory as sets.inventory([role("ClusterRole", "", "system:a"), role("ClusterRole", "", "view")])
}
