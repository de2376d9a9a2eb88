package seawall.rules.binding_all_authenticated_test

import data.seawall.lib.testing
import data.seawall.rules.binding_all_authenticated.finding

binding(role, group) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all"},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [{"kind": "Group", "name": group}],
})

test_authenticated if {
	some f in finding with input as binding("view", "system:authenticated")
	f.message == `ClusterRoleBinding "all" gives the role view to system:authenticated: every user and every service account`
	f.severity == "medium"
}

test_admins if {
	some f in finding with input as binding("cluster-admin", "system:serviceaccounts")
	f.severity == "critical"
}

test_one_namespace if {
	some f in finding with input as binding("view", "system:serviceaccounts:shop")
	f.severity == "low"
}

test_what_every_cluster_gives if {
	count(finding) == 0 with input as binding("system:discovery", "system:authenticated")
}

test_a_group_of_ones_own if {
	count(finding) == 0 with input as binding("view", "developers")
}
