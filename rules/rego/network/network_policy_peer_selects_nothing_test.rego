package seawall.rules.network_policy_peer_selects_nothing_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.network_policy_peer_selects_nothing.finding

policy(spec) := sets.object_of("networking.k8s.io/NetworkPolicy", "shop", "p", {"spec": spec})

web := sets.workload("shop", "web", {"app": "web"}, {})

peer(app) := {"podSelector": {"matchLabels": {"app": app}}}

test_ingress if {
	some f in finding with data.inventory as sets.inventory_with([policy({"ingress": [{"from": [peer("web"), peer("wbe")]}]})], [web])
	f.message == `NetworkPolicy "p" names pods in its ingress that are not in what was scanned`
	f.path == ["spec", "ingress", 0, "from", 1, "podSelector"]
}

test_egress if {
	count(finding) == 1 with data.inventory as sets.inventory_with([policy({"egress": [{"to": [peer("db")]}]})], [web])
}

test_there if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"ingress": [{"from": [peer("web")]}]})], [web])
}

test_other_namespaces_may_not_be_in_the_set if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"ingress": [{"from": [object.union(peer("db"), {"namespaceSelector": {}})]}]})], [web])
}

test_all_pods if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"ingress": [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}]}]})], [])
}
