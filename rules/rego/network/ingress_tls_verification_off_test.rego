package seawall.rules.ingress_tls_verification_off_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_tls_verification_off.finding

ingress(annotations) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": {concat("", ["nginx.ingress.kubernetes.io/", k]): v | some k, v in annotations}}, "spec": {},
})

test_clients if {
	some f in finding with input as ingress({"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "optional_no_ca"})
	f.message == `Ingress "web" does not verify certificates: auth-tls-verify-client is "optional_no_ca"`
}

test_backends if {
	count(finding) == 1 with input as ingress({"backend-protocol": "HTTPS", "proxy-ssl-verify": "off"})
}

test_on if {
	count(finding) == 0 with input as ingress({"auth-tls-secret": "shop/ca", "auth-tls-verify-client": "on"})
}

test_without_effect if {
	count(finding) == 0 with input as ingress({"proxy-ssl-verify": "off"})
}

test_none if {
	count(finding) == 0 with input as ingress({})
}
