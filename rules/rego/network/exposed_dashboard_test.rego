package seawall.rules.exposed_dashboard_test

import data.seawall.lib.testing
import data.seawall.rules.exposed_dashboard.finding

service(name, spec) := testing.object_input({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec})

ingress(annotations, backend) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web", "annotations": annotations},
	"spec": {"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]},
})

test_service if {
	some f in finding with input as service("kubernetes-dashboard", {"type": "NodePort"})
	f.message == `Service "kubernetes-dashboard" exposes Kubernetes Dashboard as NodePort`
}

test_ingress if {
	some f in finding with input as ingress({}, {"service": {"name": "argo-server", "port": {"number": 80}}})
	f.message == `Ingress "web" exposes Argo Workflows`
	f.path == ["spec", "rules", 0, "http", "paths", 0, "backend", "service"]
}

test_older_ingress if {
	count(finding) == 1 with input as ingress({}, {"serviceName": "jenkins", "servicePort": 80})
}

test_inside if {
	count(finding) == 0 with input as service("kubernetes-dashboard", {"type": "ClusterIP"})
	count(finding) == 0 with input as service("kubernetes-dashboard", {})
}

test_with_a_login if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/auth-url": "https://login.example.com"}, {"service": {"name": "jenkins"}})
}

test_others if {
	count(finding) == 0 with input as service("shop", {"type": "LoadBalancer"})
	count(finding) == 0 with input as ingress({}, {"service": {"name": "shop"}})
}
