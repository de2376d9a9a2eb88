package seawall.rules.binding_system_masters_test

import data.seawall.lib.testing
import data.seawall.rules.binding_system_masters.finding

binding(name, group) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
	"subjects": [{"kind": "Group", "name": group}],
})

test_masters if {
	some f in finding with input as binding("ops", "system:masters")
	f.message == `ClusterRoleBinding "ops" names the group system:masters, which has every right anyway`
	f.path == ["subjects", 0]
}

test_among_others if {
	count(finding) == 1 with input as testing.object_input({
		"kind": "RoleBinding", "metadata": {"name": "a"}, "roleRef": {"kind": "Role", "name": "a"},
		"subjects": [{"kind": "Group", "name": "ops"}, {"kind": "Group", "name": "system:masters"}],
	})
}

test_the_default_binding if {
	count(finding) == 0 with input as binding("cluster-admin", "system:masters")
}

test_another_group if {
	count(finding) == 0 with input as binding("ops", "masters")
}
