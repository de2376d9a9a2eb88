package seawall.rules.role_create_workloads_test

import data.seawall.lib.testing
import data.seawall.rules.role_create_workloads.finding

role(kind, rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
	"metadata": {"name": "deployer"}, "rules": [rule],
})

test_pods if {
	some f in finding with input as role("Role", {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]})
	f.message == `Role "deployer" lets its holders create pods`
	f.severity == "low"
}

test_several_in_one if {
	some f in finding with input as role("ClusterRole", {"apiGroups": ["apps", "batch"], "resources": ["deployments", "jobs", "services"], "verbs": ["get", "create"]})
	f.message == `ClusterRole "deployer" lets its holders create deployments, jobs`
	f.severity == "medium"
}

test_reading if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "update"]})
}

test_other_resources if {
	count(finding) == 0 with input as role("Role", {"apiGroups": [""], "resources": ["pods/exec", "services"], "verbs": ["create"]})
	count(finding) == 0 with input as role("Role", {"apiGroups": ["example.com"], "resources": ["jobs"], "verbs": ["create"]})
}
