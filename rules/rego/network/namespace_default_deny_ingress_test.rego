package seawall.rules.namespace_default_deny_ingress_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.namespace_default_deny_ingress.finding

namespace(name) := sets.object_of("Namespace", "", name, {})

policy(namespace, spec) := sets.object_of("networking.k8s.io/NetworkPolicy", namespace, "p", {"spec": spec})

test_none if {
	some f in finding with data.inventory as sets.inventory([namespace("shop")])
	f.message == `no NetworkPolicy in what was scanned denies ingress to all pods of namespace "shop"`
	f.severity == "low"
}

test_some_pods_only if {
	some f in finding with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {"matchLabels": {"a": "b"}}})])
	f.severity == "medium"
}

test_allowing_everything_is_no_denial if {
	count(finding) == 1 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}, "ingress": [{}]})])
}

test_egress_alone if {
	count(finding) == 1 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}, "policyTypes": ["Egress"]})])
}

test_another_namespace if {
	count(finding) == 1 with data.inventory as sets.inventory([namespace("shop"), policy("web", {"podSelector": {}})])
}

test_denied if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}})])
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {
		"podSelector": {}, "policyTypes": ["Ingress"],
		"ingress": [{"from": [{"podSelector": {}}]}],
	})])
}

test_policies_of_other_kinds if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), sets.object_of("cilium.io/CiliumNetworkPolicy", "shop", "c", {})])
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), sets.object_of("projectcalico.org/GlobalNetworkPolicy", "", "c", {})])
}

test_namespaces_of_the_system if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("kube-system")])
}
