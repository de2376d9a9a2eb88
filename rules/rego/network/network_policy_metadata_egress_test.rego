package seawall.rules.network_policy_metadata_egress_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_metadata_egress.finding

policy(rule) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"},
	"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]},
})

to(block) := {"to": [{"ipBlock": block}]}

test_the_internet if {
	some f in finding with input as policy(to({"cidr": "0.0.0.0/0"}))
	f.message == `NetworkPolicy "p" lets pods reach the metadata service 169.254.169.254, which is in 0.0.0.0/0`
}

test_the_address_itself if {
	count(finding) == 1 with input as policy(to({"cidr": "169.254.169.254/32", "except": ["10.0.0.0/8"]}))
}

test_ports_that_include_it if {
	count(finding) == 1 with input as policy(object.union(to({"cidr": "0.0.0.0/0"}), {"ports": [{"port": 1, "endPort": 1024}]}))
}

test_excepted if {
	count(finding) == 0 with input as policy(to({"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}))
}

test_other_ports if {
	count(finding) == 0 with input as policy(object.union(to({"cidr": "0.0.0.0/0"}), {"ports": [{"port": 443, "protocol": "TCP"}]}))
}

test_other_addresses if {
	count(finding) == 0 with input as policy(to({"cidr": "10.0.0.0/8"}))
	count(finding) == 0 with input as policy(to({"cidr": "::/0"}))
	count(finding) == 0 with input as policy(to({"cidr": "everywhere"}))
}
