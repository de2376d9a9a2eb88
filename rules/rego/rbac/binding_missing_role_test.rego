package seawall.rules.binding_missing_role_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.binding_missing_role.finding

group := "rbac.authorization.k8s.io"

binding(kind, namespace, role_kind, role_name) := sets.object_of(concat("/", [group, kind]), namespace, "b", {"roleRef": {"kind": role_kind, "name": role_name}})

role(namespace, name) := sets.object_of("rbac.authorization.k8s.io/Role", namespace, name, {"rules": []})

test_cluster_role if {
	some f in finding with data.inventory as sets.inventory([binding("ClusterRoleBinding", "", "ClusterRole", "gone")])
	f.message == `ClusterRoleBinding "b" refers to ClusterRole "gone", which is not in what was scanned`
}

test_role_of_another_namespace if {
	count(finding) == 1 with data.inventory as sets.inventory([binding("RoleBinding", "shop", "Role", "a"), role("web", "a")])
}

test_there if {
	count(finding) == 0 with data.inventory as sets.inventory([binding("RoleBinding", "shop", "Role", "a"), role("shop", "a")])
	count(finding) == 0 with data.inventory as sets.inventory([
		binding("RoleBinding", "shop", "ClusterRole", "a"),
		sets.object_of("rbac.authorization.k8s.io/ClusterRole", "", "a", {"rules": []}),
	])
}

test_what_every_cluster_has if {
	count(finding) == 0 with data.inventory as sets.inventory([
		binding("RoleBinding", "shop", "ClusterRole", "view"), binding("ClusterRoleBinding", "", "ClusterRole", "system:auth-delegator"),
		binding("RoleBinding", "kube-system", "Role", "extension-apiserver-authentication-reader"),
	])
}

test_no_reference if {
	count(finding) == 0 with data.inventory as sets.inventory([sets.object_of("rbac.authorization.k8s.io/RoleBinding", "a", "b", {})])
}
