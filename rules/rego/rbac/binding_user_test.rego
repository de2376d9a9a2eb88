package seawall.rules.binding_user_test

import data.seawall.lib.testing
import data.seawall.rules.binding_user.finding

binding(subjects) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "devs"},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
	"subjects": subjects,
})

test_user if {
	some f in finding with input as binding([{"kind": "Group", "name": "ops"}, {"kind": "User", "name": "jane@example.com"}])
	f.message == `RoleBinding "devs" gives the role view to the user "jane@example.com"`
	f.path == ["subjects", 1]
}

test_two_users if {
	count(finding) == 2 with input as binding([{"kind": "User", "name": "a"}, {"kind": "User", "name": "b"}])
}

test_group if {
	count(finding) == 0 with input as binding([{"kind": "Group", "name": "ops"}])
}

test_components_of_the_cluster if {
	count(finding) == 0 with input as binding([{"kind": "User", "name": "system:kube-scheduler"}])
}

test_odd_shapes if {
	count(finding) == 0 with input as binding("jane")
	count(finding) == 0 with input as binding([null, {"name": "a"}, {"kind": "User"}])
}
