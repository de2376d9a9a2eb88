package seawall.rules.binding_admin_everywhere_test

import data.seawall.lib.testing
import data.seawall.rules.binding_admin_everywhere.finding

binding(name, role) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [{"kind": "Group", "name": "developers"}],
})

test_admin if {
	some f in finding with input as binding("devs", "admin")
	f.message == `ClusterRoleBinding "devs" gives the role admin in all namespaces, kube-system included`
}

test_edit if {
	count(finding) == 1 with input as binding("devs", "edit")
}

test_view if {
	count(finding) == 0 with input as binding("devs", "view")
}

test_what_kubernetes_brings_along if {
	count(finding) == 0 with input as binding("system:devs", "edit")
}

test_no_role if {
	count(finding) == 0 with input as testing.object_input({"kind": "ClusterRoleBinding", "metadata": {"name": "a"}, "subjects": [{"kind": "User", "name": "a"}]})
}
