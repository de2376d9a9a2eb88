package seawall.rules.gateway_listener_without_tls_test

import data.seawall.lib.testing
import data.seawall.rules.gateway_listener_without_tls.finding

gateway(listeners) := testing.object_input({
	"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "edge"}, "spec": {"listeners": listeners},
})

test_plain if {
	some f in finding with input as gateway([{"name": "web", "protocol": "HTTP", "port": 80}])
	f.message == `Gateway "edge": listener "web" takes plain HTTP`
	f.severity == "medium"
}

test_beside_https if {
	some f in finding with input as gateway([
		{"name": "web", "protocol": "HTTP", "port": 80},
		{"name": "tls", "protocol": "HTTPS", "port": 443, "tls": {"certificateRefs": [{"name": "a"}]}},
	])
	f.severity == "info"
}

test_no_certificate if {
	count(finding) == 1 with input as gateway([{"name": "tls", "protocol": "HTTPS", "port": 443}])
	count(finding) == 1 with input as gateway([{"name": "tls", "protocol": "TLS", "port": 443, "tls": {"mode": "Terminate"}}])
}

test_certificate if {
	count(finding) == 0 with input as gateway([{"name": "tls", "protocol": "HTTPS", "port": 443, "tls": {"mode": "Terminate", "certificateRefs": [{"name": "a"}]}}])
}

test_passed_through if {
	count(finding) == 0 with input as gateway([{"name": "tls", "protocol": "TLS", "port": 443, "tls": {"mode": "Passthrough"}}])
}

test_wrong_types if {
	count(finding) == 0 with input as gateway(null)
	count(finding) == 0 with input as gateway([null, {"protocol": 1}])
}
