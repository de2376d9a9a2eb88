package seawall.rules.binding_anonymous_test

import data.seawall.lib.testing
import data.seawall.rules.binding_anonymous.finding

binding(name, role, subject) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [subject],
})

test_anonymous if {
	some f in finding with input as binding("open", "view", {"kind": "User", "name": "system:anonymous"})
	f.message == `ClusterRoleBinding "open" gives the role view to system:anonymous: everybody who reaches the API server`
}

test_unauthenticated if {
	count(finding) == 1 with input as binding("system:open", "system:node", {"kind": "Group", "name": "system:unauthenticated"})
}

test_what_every_cluster_shows if {
	count(finding) == 0 with input as binding("system:public-info-viewer", "system:public-info-viewer", {"kind": "Group", "name": "system:unauthenticated"})
}

test_a_service_account_of_that_name if {
	count(finding) == 0 with input as binding("a", "view", {"kind": "ServiceAccount", "name": "anonymous", "namespace": "shop"})
}

test_nobody if {
	count(finding) == 0 with input as testing.object_input({"kind": "RoleBinding", "metadata": {"name": "a"}, "roleRef": {"name": "view"}})
}
