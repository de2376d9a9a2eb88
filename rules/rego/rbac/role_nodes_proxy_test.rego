package seawall.rules.role_nodes_proxy_test

import data.seawall.lib.testing
import data.seawall.rules.role_nodes_proxy.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "monitor"}, "rules": [rule],
})

test_get if {
	some f in finding with input as role({"apiGroups": [""], "resources": ["nodes/proxy", "nodes"], "verbs": ["get", "list"]})
	f.message == `ClusterRole "monitor" lets its holders get nodes/proxy`
	f.severity == "high"
}

test_all_verbs if {
	count(finding) == 1 with input as role({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["*"]})
}

test_metrics if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["nodes/metrics", "nodes/stats"], "verbs": ["get"]})
}

test_listing_means_nothing if {
	count(finding) == 0 with input as role({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["list"]})
}
