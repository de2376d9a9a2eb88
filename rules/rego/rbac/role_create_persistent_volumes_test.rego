package seawall.rules.role_create_persistent_volumes_test

import data.seawall.lib.testing
import data.seawall.rules.role_create_persistent_volumes.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "storage"}, "rules": [rule],
})

test_create if {
	some f in finding with input as role({"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["get", "create"]})
	f.message == `ClusterRole "storage" lets its holders create persistentvolumes`
}

test_all_verbs if {
	count(finding) == 1 with input as role({"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["*"]})
}

test_claims if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["create"]})
}

test_reading if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["get", "patch"]})
}
