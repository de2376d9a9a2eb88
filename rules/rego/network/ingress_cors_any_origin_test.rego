package seawall.rules.ingress_cors_any_origin_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_cors_any_origin.finding

ingress(annotations) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": {concat("", ["nginx.ingress.kubernetes.io/", k]): v | some k, v in annotations}}, "spec": {},
})

test_defaults if {
	some f in finding with input as ingress({"enable-cors": "true"})
	f.message == `Ingress "web" accepts requests with credentials from any origin`
}

test_written_out if {
	count(finding) == 1 with input as ingress({"enable-cors": "true", "cors-allow-origin": "*", "cors-allow-credentials": "true"})
}

test_origins if {
	count(finding) == 0 with input as ingress({"enable-cors": "true", "cors-allow-origin": "https://shop.example.com"})
}

test_no_credentials if {
	count(finding) == 0 with input as ingress({"enable-cors": "true", "cors-allow-credentials": "false"})
}

test_off if {
	count(finding) == 0 with input as ingress({})
	count(finding) == 0 with input as ingress({"enable-cors": "false"})
}
