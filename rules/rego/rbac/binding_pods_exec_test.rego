package seawall.rules.binding_pods_exec_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.binding_pods_exec.finding

group := "rbac.authorization.k8s.io"

role(kind, rule) := sets.object_of(concat("/", [group, kind]), namespaces[kind], "debug", {"rules": [rule]})

namespaces := {"ClusterRole": "", "Role": "shop", "ClusterRoleBinding": "", "RoleBinding": "shop"}

binding(kind, role_kind, role_name) := sets.object_of(concat("/", [group, kind]), namespaces[kind], "b", {
	"roleRef": {"kind": role_kind, "name": role_name},
	"subjects": [{"kind": "Group", "name": "devs"}],
})

test_exec if {
	some f in finding with data.inventory as sets.inventory([
		binding("RoleBinding", "Role", "debug"),
		role("Role", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}),
	])
	f.message == `RoleBinding "b" gives Role "debug", which allows pods/exec, to Group "devs"`
	f.about == 0
}

test_both_by_wildcard if {
	count(finding) == 2 with data.inventory as sets.inventory([
		binding("ClusterRoleBinding", "ClusterRole", "debug"),
		role("ClusterRole", {"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}),
	])
}

test_other_verbs if {
	count(finding) == 0 with data.inventory as sets.inventory([
		binding("RoleBinding", "ClusterRole", "debug"),
		role("ClusterRole", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["list"]}),
	])
}

test_every_right_is_another_rule if {
	count(finding) == 0 with data.inventory as sets.inventory([
		binding("RoleBinding", "ClusterRole", "debug"),
		role("ClusterRole", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
	])
}

test_unbound if {
	count(finding) == 0 with data.inventory as sets.inventory([role("ClusterRole", {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]})])
}
