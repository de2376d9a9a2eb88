package seawall.rules.namespace_default_deny_egress_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.namespace_default_deny_egress.finding

namespace(name) := sets.object_of("Namespace", "", name, {})

policy(namespace, spec) := sets.object_of("networking.k8s.io/NetworkPolicy", namespace, "p", {"spec": spec})

test_none if {
	some f in finding with data.inventory as sets.inventory([namespace("shop")])
	f.message == `no NetworkPolicy in what was scanned denies egress to all pods of namespace "shop"`
}

test_ingress_alone if {
	count(finding) == 1 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}})])
}

test_allowing_everything_is_no_denial if {
	count(finding) == 1 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}, "egress": [{"to": []}]})])
}

test_denied if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})])
}

test_dns_alone if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), policy("shop", {"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]})])
}

test_cilium if {
	count(finding) == 0 with data.inventory as sets.inventory([namespace("shop"), sets.object_of("cilium.io/CiliumClusterwideNetworkPolicy", "", "c", {})])
}
