package seawall.rules.binding_cluster_admin_test

import data.seawall.lib.testing
import data.seawall.rules.binding_cluster_admin.finding

binding(kind, name, role, subjects) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": subjects,
})

account := {"kind": "ServiceAccount", "name": "ci", "namespace": "build"}

test_cluster_wide if {
	some f in finding with input as binding("ClusterRoleBinding", "ci", "cluster-admin", [account])
	f.message == `ClusterRoleBinding "ci" gives cluster-admin to ServiceAccount "ci"`
	f.severity == "high"
	f.path == ["roleRef", "name"]
}

test_in_a_namespace if {
	some f in finding with input as binding("RoleBinding", "ci", "cluster-admin", [account])
	f.severity == "medium"
}

test_the_default_binding if {
	masters := {"kind": "Group", "name": "system:masters"}
	count(finding) == 0 with input as binding("ClusterRoleBinding", "cluster-admin", "cluster-admin", [masters])
	count(finding) == 1 with input as binding("ClusterRoleBinding", "cluster-admin", "cluster-admin", [masters, account])
}

test_other_roles if {
	count(finding) == 0 with input as binding("ClusterRoleBinding", "ci", "admin", [account])
}

test_a_role_of_that_name if {
	count(finding) == 0 with input as testing.object_input({
		"kind": "RoleBinding", "metadata": {"name": "a"},
		"roleRef": {"kind": "Role", "name": "cluster-admin"}, "subjects": [account],
	})
}

test_nobody if {
	count(finding) == 0 with input as binding("ClusterRoleBinding", "ci", "cluster-admin", null)
}
