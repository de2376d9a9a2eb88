package seawall.rules.service_node_port_test

import data.seawall.lib.testing
import data.seawall.rules.service_node_port.finding

service(spec) := testing.object_input({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})

test_node_port if {
	some f in finding with input as service({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]})
	f.message == `Service "web" opens port 30080 on every node`
}

test_port_chosen_by_the_cluster if {
	some f in finding with input as service({"type": "NodePort"})
	f.message == `Service "web" opens a port on every node`
}

test_cluster_ip if {
	count(finding) == 0 with input as service({"type": "ClusterIP"})
	count(finding) == 0 with input as service({"ports": [{"port": 80}]})
}

test_wrong_types if {
	count(finding) == 0 with input as service({"type": ["NodePort"]})
	count(finding) == 0 with input as service(null)
}
