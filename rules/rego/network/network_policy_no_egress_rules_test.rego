package seawall.rules.network_policy_no_egress_rules_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_no_egress_rules.finding

policy(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec})

labels := {"podSelector": {"matchLabels": {"app": "web"}}}

test_forgotten if {
	some f in finding with input as policy(object.union(labels, {"policyTypes": ["Ingress", "Egress"], "ingress": [{}]}))
	f.path == ["spec", "egress"]
}

test_null_is_absent if {
	count(finding) == 1 with input as policy(object.union(labels, {"policyTypes": ["Egress"], "ingress": [{}], "egress": null}))
}

test_rules if {
	count(finding) == 0 with input as policy(object.union(labels, {"policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{"ports": [{"port": 53}]}]}))
}

test_default_deny if {
	count(finding) == 0 with input as policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [{"from": [{"podSelector": {}}]}]})
	count(finding) == 0 with input as policy(object.union(labels, {"policyTypes": ["Egress"]}))
}
