package seawall.rules.ingress_wildcard_host_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_wildcard_host.finding

ingress(rules) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"}, "spec": {"rules": rules},
})

test_no_host if {
	some f in finding with input as ingress([{"http": {"paths": []}}])
	f.message == `Ingress "web" has a rule without host: it takes requests for any`
}

test_wildcard if {
	some f in finding with input as ingress([{"host": "shop.example.com"}, {"host": "*.example.com"}])
	f.message == `Ingress "web" takes requests for "*.example.com"`
	f.path == ["spec", "rules", 1, "host"]
}

test_empty_host if {
	count(finding) == 1 with input as ingress([{"host": ""}])
}

test_named if {
	count(finding) == 0 with input as ingress([{"host": "shop.example.com"}])
}

test_no_rules if {
	count(finding) == 0 with input as ingress([])
	count(finding) == 0 with input as ingress(null)
	count(finding) == 0 with input as ingress([1, null])
}
