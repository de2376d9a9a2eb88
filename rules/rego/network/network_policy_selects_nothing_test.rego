package seawall.rules.network_policy_selects_nothing_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.network_policy_selects_nothing.finding

policy(spec) := sets.object_of("networking.k8s.io/NetworkPolicy", "shop", "p", {"spec": spec})

web := sets.workload("shop", "web", {"app": "web"}, {})

test_nothing if {
	some f in finding with data.inventory as sets.inventory_with([policy({"podSelector": {"matchLabels": {"app": "wbe"}}})], [web])
	f.message == `NetworkPolicy "p" selects no pods in what was scanned`
	f.path == ["spec", "podSelector"]
}

test_another_namespace if {
	count(finding) == 1 with data.inventory as sets.inventory_with(
		[policy({"podSelector": {"matchLabels": {"app": "web"}}})],
		[sets.workload("other", "web", {"app": "web"}, {})],
	)
}

test_selected if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"podSelector": {"matchLabels": {"app": "web"}}})], [web])
}

test_all_pods if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"podSelector": {}})], [])
}

test_wrong_types if {
	count(finding) == 0 with data.inventory as sets.inventory_with([policy({"podSelector": "app"}), policy(null)], [])
}
