package seawall.rules.binding_full_access_role_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.binding_full_access_role.finding

group := "rbac.authorization.k8s.io"

role(kind, namespace, name, verbs) := sets.object_of(concat("/", [group, kind]), namespace, name, {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": verbs}]})

binding(kind, namespace, name, role_kind, role_name) := sets.object_of(concat("/", [group, kind]), namespace, name, {
	"roleRef": {"kind": role_kind, "name": role_name},
	"subjects": [{"kind": "User", "name": "jane"}],
})

test_cluster_role if {
	some f in finding with data.inventory as sets.inventory([
		role("ClusterRole", "", "all", ["*"]), binding("ClusterRoleBinding", "", "b", "ClusterRole", "all"),
	])
	f.message == `ClusterRoleBinding "b" gives ClusterRole "all", which has every right, to User "jane"`
	f.about == 1
	f.severity == "high"
}

test_role_of_the_namespace if {
	every_verb := ["get", "list", "watch", "create", "update", "patch", "delete"]
	some f in finding with data.inventory as sets.inventory([
		role("Role", "shop", "all", every_verb), binding("RoleBinding", "shop", "b", "Role", "all"),
	])
	f.severity == "medium"
}

test_role_of_another_namespace if {
	count(finding) == 0 with data.inventory as sets.inventory([
		role("Role", "web", "all", ["*"]), binding("RoleBinding", "shop", "b", "Role", "all"),
	])
}

test_reading if {
	count(finding) == 0 with data.inventory as sets.inventory([
		role("ClusterRole", "", "all", ["get", "list"]), binding("ClusterRoleBinding", "", "b", "ClusterRole", "all"),
	])
}

test_what_kubernetes_brings_along if {
	count(finding) == 0 with data.inventory as sets.inventory([
		role("ClusterRole", "", "all", ["*"]), binding("ClusterRoleBinding", "", "system:b", "ClusterRole", "all"),
		role("ClusterRole", "", "cluster-admin", ["*"]), binding("ClusterRoleBinding", "", "c", "ClusterRole", "cluster-admin"),
	])
}

test_nothing_scanned if {
	count(finding) == 0 with data.inventory as sets.inventory([])
}
