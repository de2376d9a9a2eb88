package seawall.rules.ingress_ssl_redirect_off_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_ssl_redirect_off.finding

ingress(annotations, tls) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": annotations}, "spec": {"tls": tls},
})

test_off if {
	some f in finding with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "false"}, [{"secretName": "a"}])
	f.message == `Ingress "web" serves plain HTTP although it has TLS: nginx.ingress.kubernetes.io/ssl-redirect is false`
}

test_boolean if {
	count(finding) == 1 with input as ingress({"haproxy.org/ssl-redirect": false}, [{"secretName": "a"}])
}

test_on if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "true"}, [{"secretName": "a"}])
}

test_silent if {
	count(finding) == 0 with input as ingress({}, [{"secretName": "a"}])
}

test_no_tls_is_another_rule if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/ssl-redirect": "false"}, [])
}
