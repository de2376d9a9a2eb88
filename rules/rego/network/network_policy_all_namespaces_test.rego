package seawall.rules.network_policy_all_namespaces_test

import data.seawall.lib.testing
import data.seawall.rules.network_policy_all_namespaces.finding

policy(peers) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "p"},
	"spec": {"podSelector": {}, "ingress": [{"from": peers}]},
})

test_empty_selector if {
	some f in finding with input as policy([{"podSelector": {"matchLabels": {"a": "b"}}}, {"namespaceSelector": {}}])
	f.message == `NetworkPolicy "p" accepts traffic from all pods of all namespaces`
	f.path == ["spec", "ingress", 0, "from", 1, "namespaceSelector"]
}

test_both_empty if {
	count(finding) == 1 with input as policy([{"namespaceSelector": {"matchLabels": {}}, "podSelector": {}}])
}

test_some_pods if {
	count(finding) == 0 with input as policy([{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "scraper"}}}])
}

test_one_namespace if {
	count(finding) == 0 with input as policy([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}}}])
}

test_absent if {
	count(finding) == 0 with input as policy([{"podSelector": {}}, {"namespaceSelector": null, "podSelector": {}}])
}
