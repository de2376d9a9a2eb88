package seawall.rules.role_write_network_policies_test

import data.seawall.lib.testing
import data.seawall.rules.role_write_network_policies.finding

role(rule) := testing.object_input({
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": {"name": "tool"}, "rules": [rule],
})

test_delete if {
	some f in finding with input as role({"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies", "ingresses"], "verbs": ["delete"]})
	f.message == `ClusterRole "tool" lets its holders delete networkpolicies`
}

test_other_plugins if {
	count(finding) == 2 with input as role({"apiGroups": ["cilium.io"], "resources": ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"], "verbs": ["create"]})
}

test_reading if {
	count(finding) == 0 with input as role({"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "list", "watch"]})
}

test_ingresses if {
	count(finding) == 0 with input as role({"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": ["create"]})
}
