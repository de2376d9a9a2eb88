package seawall.rules.api_service_insecure_tls_test

import data.seawall.lib.testing
import data.seawall.rules.api_service_insecure_tls.finding

api_service(spec) := testing.object_input({"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"}, "spec": spec})

test_unverified if {
	some f in finding with input as api_service({"insecureSkipTLSVerify": true, "service": {"name": "metrics-server"}})
	f.message == `APIService "v1beta1.metrics.k8s.io" does not verify the server that answers for it`
}

test_with_ca_too if {
	count(finding) == 1 with input as api_service({"insecureSkipTLSVerify": true, "caBundle": "LS0t"})
}

test_verified if {
	count(finding) == 0 with input as api_service({"insecureSkipTLSVerify": false})
	count(finding) == 0 with input as api_service({"caBundle": "LS0t"})
}

test_odd_shapes if {
	count(finding) == 0 with input as api_service(null)
	count(finding) == 0 with input as api_service({"insecureSkipTLSVerify": "true"})
}
