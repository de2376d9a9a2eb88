package seawall.rules.admission_policy_not_enforced_test

import data.seawall.lib.testing
import data.seawall.rules.admission_policy_not_enforced.finding

binding(actions) := testing.object_input({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "b"}, "spec": {"policyName": "p", "validationActions": actions}})

policy(spec) := testing.object_input({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"}, "spec": spec})

test_warns if {
	some f in finding with input as binding(["Warn", "Audit"])
	f.message == `ValidatingAdmissionPolicyBinding "b" does not deny: its actions are Warn, Audit`
}

test_fails_open if {
	some f in finding with input as policy({"failurePolicy": "Ignore"})
	f.path == ["spec", "failurePolicy"]
}

test_denies if {
	count(finding) == 0 with input as binding(["Deny", "Audit"])
	count(finding) == 0 with input as policy({"failurePolicy": "Fail"})
	count(finding) == 0 with input as policy({})
}

test_odd_shapes if {
	count(finding) == 0 with input as binding("Warn")
	count(finding) == 0 with input as binding([1])
	count(finding) == 0 with input as policy(null)
}
