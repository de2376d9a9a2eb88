package seawall.rules.ingress_host_without_tls_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_host_without_tls.finding

ingress(hosts, tls) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"},
	"spec": {"rules": [{"host": h} | some h in hosts], "tls": tls},
})

test_not_covered if {
	some f in finding with input as ingress(["a.example.com", "b.example.com"], [{"hosts": ["a.example.com"], "secretName": "s"}])
	f.message == `Ingress "web" has TLS, but not for the host "b.example.com"`
	f.path == ["spec", "rules", 1, "host"]
}

test_wildcards_cover_one_label if {
	count(finding) == 1 with input as ingress(["a.b.example.com"], [{"hosts": ["*.example.com"]}])
	count(finding) == 0 with input as ingress(["b.example.com"], [{"hosts": ["*.example.com"]}])
}

test_covered if {
	count(finding) == 0 with input as ingress(["a.example.com"], [{"hosts": ["x.example.com"]}, {"hosts": ["a.example.com"]}])
}

test_for_all_hosts if {
	count(finding) == 0 with input as ingress(["a.example.com"], [{"secretName": "s"}])
}

test_no_tls_is_another_rule if {
	count(finding) == 0 with input as ingress(["a.example.com"], [])
}

test_no_host if {
	count(finding) == 0 with input as testing.object_input({
		"kind": "Ingress", "metadata": {"name": "web"},
		"spec": {"rules": [{"http": {}}, null], "tls": [{"hosts": ["a.example.com"]}]},
	})
}
