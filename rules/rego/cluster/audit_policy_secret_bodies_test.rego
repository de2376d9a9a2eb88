package seawall.rules.audit_policy_secret_bodies_test

import data.seawall.lib.testing
import data.seawall.rules.audit_policy_secret_bodies.finding

policy(rules) := testing.object_input({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules})

test_secrets if {
	some f in finding with input as policy([{"level": "RequestResponse", "resources": [{"group": "", "resources": ["secrets"]}]}, {"level": "Metadata"}])
	f.message == "the audit policy logs secrets with their contents (level RequestResponse)"
}

test_all_of_the_core_group if {
	count(finding) == 2 with input as policy([{"level": "Request", "resources": [{"group": ""}]}])
}

test_everything if {
	count(finding) == 3 with input as policy([{"level": "RequestResponse"}])
}

test_an_earlier_rule_decides if {
	count(finding) == 0 with input as policy([
		{"level": "Metadata", "resources": [{"group": "", "resources": ["secrets", "configmaps", "serviceaccounts/token"]}, {"group": "authentication.k8s.io", "resources": ["tokenreviews"]}]},
		{"level": "RequestResponse"},
	])
}

test_sound if {
	count(finding) == 0 with input as policy([{"level": "RequestResponse", "resources": [{"group": "apps"}]}, {"level": "Metadata"}])
	count(finding) == 0 with input as policy(null)
	count(finding) == 0 with input as policy([null, 1])
}
