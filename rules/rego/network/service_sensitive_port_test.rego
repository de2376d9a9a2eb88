package seawall.rules.service_sensitive_port_test

import data.seawall.lib.testing
import data.seawall.rules.service_sensitive_port.finding

service(annotations, spec) := testing.object_input({
	"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "annotations": annotations}, "spec": spec,
})

test_load_balancer if {
	some f in finding with input as service({}, {"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 5432}]})
	f.message == `Service "db" publishes port 5432 (PostgreSQL) as LoadBalancer`
	f.path == ["spec", "ports", 1, "port"]
	f.severity == "high"
}

test_behind_another_number if {
	some f in finding with input as service({}, {"type": "NodePort", "ports": [{"port": 2022, "targetPort": 22}]})
	f.message == `Service "db" publishes port 22 (SSH) as NodePort`
	f.severity == "medium"
}

test_internal_load_balancer if {
	some f in finding with input as service({"cloud.google.com/load-balancer-type": "Internal"}, {"type": "LoadBalancer", "ports": [{"port": 6379}]})
	f.severity == "medium"
}

test_external_ips if {
	count(finding) == 1 with input as service({}, {"externalIPs": ["203.0.113.2"], "ports": [{"port": 2379}]})
}

test_inside if {
	count(finding) == 0 with input as service({}, {"type": "ClusterIP", "ports": [{"port": 5432}]})
}

test_other_ports if {
	count(finding) == 0 with input as service({}, {"type": "LoadBalancer", "ports": [{"port": 443, "targetPort": 8443}, {"port": 80, "targetPort": "ssh"}]})
}
