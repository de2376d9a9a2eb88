package seawall.rules.ingress_default_backend_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_default_backend.finding

ingress(spec) := testing.object_input({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"}, "spec": spec})

test_default_backend if {
	some f in finding with input as ingress({"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}})
	f.path == ["spec", "defaultBackend"]
}

test_older_field if {
	count(finding) == 1 with input as ingress({"backend": {"serviceName": "web", "servicePort": 80}})
}

test_none if {
	count(finding) == 0 with input as ingress({"rules": []})
}

test_null if {
	count(finding) == 0 with input as ingress({"defaultBackend": null})
	count(finding) == 0 with input as ingress(null)
}
