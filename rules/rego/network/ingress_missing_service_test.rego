package seawall.rules.ingress_missing_service_test

import data.seawall.lib.testing_sets as sets
import data.seawall.rules.ingress_missing_service.finding

service(name, ports) := sets.object_of("Service", "shop", name, {"spec": {"ports": ports}})

ingress(backend) := sets.object_of("networking.k8s.io/Ingress", "shop", "i", {"spec": {"rules": [{"http": {"paths": [{"backend": backend}]}}]}})

to(name, port) := {"service": {"name": name, "port": port}}

web := service("web", [{"name": "http", "port": 80}])

test_no_service if {
	some f in finding with data.inventory as sets.inventory([web, ingress(to("wbe", {"number": 80}))])
	f.message == `Ingress "i" leads to Service "wbe", which is not in what was scanned`
	f.path == ["spec", "rules", 0, "http", "paths", 0, "backend", "service"]
}

test_no_port if {
	some f in finding with data.inventory as sets.inventory([web, ingress(to("web", {"number": 8080}))])
	f.message == `Ingress "i" leads to port 8080 of Service "web", which has no such port`
	count(finding) == 1 with data.inventory as sets.inventory([web, ingress(to("web", {"name": "tcp"}))])
}

test_default_backend if {
	count(finding) == 1 with data.inventory as sets.inventory([sets.object_of("networking.k8s.io/Ingress", "shop", "i", {"spec": {"defaultBackend": to("web", {"number": 80})}})])
}

test_there if {
	count(finding) == 0 with data.inventory as sets.inventory([web, ingress(to("web", {"number": 80}))])
	count(finding) == 0 with data.inventory as sets.inventory([web, ingress(to("web", {"name": "http"}))])
}

test_no_service_at_all if {
	count(finding) == 0 with data.inventory as sets.inventory([ingress({"resource": {"kind": "StorageBucket", "name": "static"}})])
}

test_external_name if {
	external := sets.object_of("Service", "shop", "out", {"spec": {"type": "ExternalName", "externalName": "example.com"}})
	count(finding) == 0 with data.inventory as sets.inventory([external, ingress(to("out", {"number": 80}))])
}
