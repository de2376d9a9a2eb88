package seawall.rules.audit_policy_none_test

import data.seawall.lib.testing
import data.seawall.rules.audit_policy_none.finding

policy(rules) := testing.object_input({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules})

metadata := {"level": "Metadata"}

test_secrets if {
	some f in finding with input as policy([{"level": "None", "resources": [{"group": "", "resources": ["secrets", "events"]}]}, metadata])
	f.message == "the audit policy leaves out secrets"
	f.path == ["rules", 0, "level"]
}

test_bindings if {
	count(finding) == 1 with input as policy([{"level": "None", "resources": [{"group": "rbac.authorization.k8s.io", "resources": ["rolebindings"]}]}, metadata])
}

test_everything_else if {
	count(finding) == 1 with input as policy([metadata, {"level": "None"}])
}

test_no_rules if {
	count(finding) == 1 with input as policy([])
}

test_noise if {
	count(finding) == 0 with input as policy([
		{"level": "None", "nonResourceURLs": ["/healthz*"]},
		{"level": "None", "users": ["system:kube-proxy"], "verbs": ["watch"], "resources": [{"group": "", "resources": ["endpoints"]}]},
		{"level": "None", "resources": [{"group": "", "resources": ["events"]}]},
		metadata,
	])
}

test_odd_shapes if {
	count(finding) == 0 with input as policy("None")
	count(finding) == 0 with input as policy([1, {"level": 5}])
}
