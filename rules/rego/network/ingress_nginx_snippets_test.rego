package seawall.rules.ingress_nginx_snippets_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_nginx_snippets.finding

ingress(annotations) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": annotations}, "spec": {},
})

test_configuration_snippet if {
	some f in finding with input as ingress({"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"})
	f.message == `Ingress "web" adds configuration to the controller: nginx.ingress.kubernetes.io/configuration-snippet`
	f.path == ["metadata", "annotations", "nginx.ingress.kubernetes.io/configuration-snippet"]
}

test_the_other_controller if {
	count(finding) == 2 with input as ingress({"nginx.org/server-snippets": "a", "nginx.org/location-snippets": "b"})
}

test_others if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/rewrite-target": "/", "example.com/my-snippet": "a", "no-snippet": "b"})
}

test_none if {
	count(finding) == 0 with input as ingress({})
	count(finding) == 0 with input as ingress(null)
}
