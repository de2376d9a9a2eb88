package seawall.rules.network_policy_ignored_rules_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_ignored_rules.finding

policy(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec})

test_ingress if {
	some f in finding with input as policy({"policyTypes": ["Egress"], "ingress": [{}], "egress": [{}]})
	f.message == `NetworkPolicy "p" has ingress rules that do not count: policyTypes lacks Ingress`
}

test_egress if {
	count(finding) == 1 with input as policy({"policyTypes": ["Ingress"], "ingress": [{}], "egress": [{}]})
}

test_named if {
	count(finding) == 0 with input as policy({"policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{}]})
}

test_no_types_at_all if {
	count(finding) == 0 with input as policy({"ingress": [{}], "egress": [{}]})
}

test_no_rules if {
	count(finding) == 0 with input as policy({"policyTypes": ["Ingress"], "egress": []})
	count(finding) == 0 with input as policy({"policyTypes": "Ingress", "egress": null})
}
