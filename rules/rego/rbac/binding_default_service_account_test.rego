package seawall.rules.binding_default_service_account_test

import data.seawall.lib.testing
import data.seawall.rules.binding_default_service_account.finding

binding(subjects) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b", "namespace": "shop"},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
	"subjects": subjects,
})

test_default if {
	some f in finding with input as binding([{"kind": "ServiceAccount", "name": "default", "namespace": "web"}])
	f.message == `RoleBinding "b" gives the role view to the service account default of namespace "web"`
}

test_two_namespaces if {
	count(finding) == 2 with input as binding([
		{"kind": "ServiceAccount", "name": "default", "namespace": "web"},
		{"kind": "ServiceAccount", "name": "default"},
	])
}

test_another_account if {
	count(finding) == 0 with input as binding([{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}])
}

test_a_user_called_default if {
	count(finding) == 0 with input as binding([{"kind": "User", "name": "default"}])
}
