package seawall.rules.network_policy_allows_all_egress_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_allows_all_egress.finding

policy(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec})

test_empty_rule if {
	some f in finding with input as policy({"egress": [{"to": [{"podSelector": {}}]}, {}]})
	f.message == `NetworkPolicy "p" lets traffic out to everywhere on all ports`
	f.path == ["spec", "egress", 1]
}

test_ports_alone if {
	count(finding) == 1 with input as policy({"policyTypes": ["Egress"], "egress": [{"to": [], "ports": [{"port": 443}]}]})
}

test_dns if {
	count(finding) == 0 with input as policy({"egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]})
}

test_destinations if {
	count(finding) == 0 with input as policy({"egress": [{"to": [{"podSelector": {}}]}]})
}

test_not_in_force if {
	count(finding) == 0 with input as policy({"policyTypes": ["Ingress"], "egress": [{}]})
}
