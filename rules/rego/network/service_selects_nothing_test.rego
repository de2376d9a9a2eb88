package seawall.rules.service_selects_nothing_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.service_selects_nothing.finding

service(spec) := sets.object_of("Service", "shop", "s", {"spec": spec})

web := sets.workload("shop", "web", {"app": "web", "tier": "front"}, {})

test_nothing if {
	some f in finding with data.inventory as sets.inventory_with([service({"selector": {"app": "wbe"}})], [web])
	f.message == `Service "s" selects no pods in what was scanned`
}

test_one_label_too_many if {
	count(finding) == 1 with data.inventory as sets.inventory_with([service({"selector": {"app": "web", "tier": "back"}})], [web])
}

test_selected if {
	count(finding) == 0 with data.inventory as sets.inventory_with([service({"selector": {"app": "web"}})], [web])
}

test_no_selector if {
	count(finding) == 0 with data.inventory as sets.inventory_with([service({}), service({"selector": {}}), service({"selector": null})], [web])
}

test_external_name if {
	count(finding) == 0 with data.inventory as sets.inventory_with([service({"type": "ExternalName", "selector": {"app": "a"}})], [web])
}
