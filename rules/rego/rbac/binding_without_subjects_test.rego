package seawall.rules.binding_without_subjects_test

import data.seawall.lib.testing
import data.seawall.rules.binding_without_subjects.finding

binding(fields) := testing.object_input(object.union(
	{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "b"},
		"roleRef": {"kind": "Role", "name": "a"},
	},
	fields,
))

test_none if {
	some f in finding with input as binding({})
	f.message == `RoleBinding "b" gives the role a to nobody`
}

test_empty if {
	count(finding) == 1 with input as binding({"subjects": []})
}

test_null if {
	count(finding) == 1 with input as binding({"subjects": null})
}

test_one if {
	count(finding) == 0 with input as binding({"subjects": [{"kind": "User", "name": "a"}]})
}

test_wrong_type if {
	count(finding) == 0 with input as binding({"subjects": "a"})
}
