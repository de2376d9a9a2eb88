package seawall.rules.gateway_routes_from_all_namespaces_test

import data.seawall.lib.testing
import data.seawall.rules.gateway_routes_from_all_namespaces.finding

gateway(namespaces) := testing.object_input({
	"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "edge"},
	"spec": {"listeners": [{"name": "tls", "allowedRoutes": {"namespaces": namespaces}}]},
})

test_all if {
	some f in finding with input as gateway({"from": "All"})
	f.message == `Gateway "edge": listener "tls" accepts routes from all namespaces`
}

test_second_listener if {
	some f in finding with input as testing.object_input({
		"kind": "Gateway", "metadata": {"name": "edge"},
		"spec": {"listeners": [{"name": "a"}, {"name": "b", "allowedRoutes": {"namespaces": {"from": "All"}}}]},
	})
	f.path[2] == 1
}

test_selected if {
	count(finding) == 0 with input as gateway({"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}})
}

test_same if {
	count(finding) == 0 with input as gateway({"from": "Same"})
	count(finding) == 0 with input as gateway({})
	count(finding) == 0 with input as gateway(null)
}
