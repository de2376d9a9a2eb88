package seawall.rules.role_delete_events_test

import data.seawall.lib.testing
import data.seawall.rules.role_delete_events.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "cleaner"}, "rules": [rule],
})

test_delete if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["events"], "verbs": ["delete"]})
	f.message == `ClusterRole "cleaner" lets its holders delete events`
}

test_both_groups_are_one_finding if {
	count(finding) == 1 with input as role("Role", {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["deletecollection"]})
}

test_reporting if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch", "update"]})
}

test_other_resources if {
	count(finding) == 0 with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]})
}
