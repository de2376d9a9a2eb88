package seawall.rules.workload_without_network_policy_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.workload_without_network_policy.finding

policy(namespace, spec) := sets.object_of("networking.k8s.io/NetworkPolicy", namespace, "p", {"spec": spec})

web := sets.workload("shop", "web", {"app": "web"}, {})

test_no_policy if {
	some f in finding with data.inventory as sets.inventory_with([], [web])
	f.message == `no NetworkPolicy in what was scanned isolates the pods of Deployment "web" from incoming traffic`
	f.severity == "low"
	f.about == 0
}

test_forgotten_one if {
	some f in finding with data.inventory as sets.inventory_with([policy("shop", {"podSelector": {"matchLabels": {"app": "db"}}})], [web])
	f.severity == "medium"
	f.about == 1
}

test_other_direction if {
	count(finding) == 1 with data.inventory as sets.inventory_with([policy("shop", {"podSelector": {}, "policyTypes": ["Egress"], "ingress": [{}]})], [web])
}

test_other_namespace if {
	count(finding) == 1 with data.inventory as sets.inventory_with([policy("web", {"podSelector": {}})], [web])
}

test_selected if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy("shop", {"podSelector": {"matchLabels": {"app": "web"}}})], [web])
	count(finding) == 0 with data.inventory as sets.inventory_with([policy("shop", {"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}})], [web])
}

test_all_selected if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy("shop", {"podSelector": {}})], [web])
	count(finding) == 0 with data.inventory as sets.inventory_with([policy("shop", {})], [web])
}

test_host_network_is_out_of_reach if {
	count(finding) == 0 with data.inventory as sets.inventory_with([], [sets.workload("shop", "agent", {}, {"host_network": true})])
}

test_calico if {
	count(finding) == 0 with data.inventory as sets.inventory_with([sets.object_of("crd.projectcalico.org/NetworkPolicy", "shop", "c", {})], [web])
}
