package seawall.rules.role_ephemeral_containers_test

import data.seawall.lib.testing
import data.seawall.rules.role_ephemeral_containers.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "debug"}, "rules": [rule],
})

test_patch if {
	some f in finding with input as role("ClusterRole", {"apiGroups": [""], "resources": ["pods", "pods/ephemeralcontainers"], "verbs": ["get", "patch"]})
	f.message == `ClusterRole "debug" lets its holders patch pods/ephemeralcontainers`
	f.severity == "high"
}

test_all_verbs if {
	count(finding) == 1 with input as role("Role", {"apiGroups": ["*"], "resources": ["pods/ephemeralcontainers"], "verbs": ["*"]})
}

test_reading if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["get"]})
}

test_pods if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]})
}
