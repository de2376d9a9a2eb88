package seawall.rules.network_policy_allows_all_ingress_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_allows_all_ingress.finding

policy(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec})

test_empty_rule if {
	some f in finding with input as policy({"podSelector": {}, "ingress": [{}]})
	f.message == `NetworkPolicy "p" accepts traffic from everywhere on all ports`
	f.severity == "medium"
}

test_ports_alone if {
	some f in finding with input as policy({"ingress": [{"ports": [{"port": 443}]}]})
	f.severity == "low"
}

test_the_internet if {
	some f in finding with input as policy({"ingress": [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})
	f.message == `NetworkPolicy "p" accepts traffic from 0.0.0.0/0 on all ports`
	f.path == ["spec", "ingress", 0, "from", 1, "ipBlock", "cidr"]
}

test_sources if {
	count(finding) == 0 with input as policy({"ingress": [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}]}]})
}

test_denying_everything if {
	count(finding) == 0 with input as policy({"podSelector": {}})
	count(finding) == 0 with input as policy({"podSelector": {}, "ingress": []})
}

test_not_in_force if {
	count(finding) == 0 with input as policy({"policyTypes": ["Egress"], "ingress": [{}]})
}

test_wrong_types if {
	count(finding) == 0 with input as policy({"ingress": "all"})
	count(finding) == 0 with input as policy({"ingress": [null, 1, {"from": "all"}]})
}
