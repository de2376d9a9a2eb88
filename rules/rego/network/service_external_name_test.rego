package seawall.rules.service_external_name_test

import data.seawall.lib.testing
import data.seawall.rules.service_external_name.finding

service(name) := testing.object_input({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"}, "spec": {"type": "ExternalName", "externalName": name}})

test_outside if {
	some f in finding with input as service("db.example.com")
	f.message == `Service "db" stands for "db.example.com"`
	f.severity == "info"
}

test_another_namespace if {
	some f in finding with input as service("kubernetes.default.svc.cluster.local")
	f.severity == "medium"
}

test_the_node if {
	some f in finding with input as service("127.0.0.1")
	f.message == `Service "db" stands for "127.0.0.1": inside of the cluster or the node`
}

test_other_types if {
	count(finding) == 0 with input as testing.object_input({"kind": "Service", "metadata": {"name": "db"}, "spec": {"type": "ClusterIP", "externalName": "a"}})
}

test_wrong_types if {
	count(finding) == 0 with input as service(1)
	count(finding) == 0 with input as testing.object_input({"kind": "Service", "metadata": {"name": "db"}, "spec": {"type": "ExternalName"}})
}
