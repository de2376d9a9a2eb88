package seawall.rules.network_policy_policy_types_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_policy_types.finding

policy(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec})

test_absent if {
	some f in finding with input as policy({"podSelector": {}})
	f.message == `NetworkPolicy "p" has no policyTypes`
	f.severity == "info"
}

test_with_egress if {
	some f in finding with input as policy({"egress": [{}], "policyTypes": []})
	f.severity == "low"
}

test_given if {
	count(finding) == 0 with input as policy({"policyTypes": ["Ingress"]})
}

test_no_spec if {
	count(finding) == 0 with input as policy(null)
}
