package seawall.rules.service_external_ips_test

import data.seawall.lib.testing
import data.seawall.rules.service_external_ips.finding

service(addresses) := testing.object_input({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"externalIPs": addresses}})

test_one if {
	some f in finding with input as service(["203.0.113.2"])
	f.message == `Service "web" takes the traffic for 203.0.113.2`
	f.path == ["spec", "externalIPs", 0]
}

test_two if {
	count(finding) == 2 with input as service(["203.0.113.2", "203.0.113.3"])
}

test_none if {
	count(finding) == 0 with input as service([])
	count(finding) == 0 with input as service(null)
}

test_wrong_types if {
	count(finding) == 0 with input as service([1, null])
	count(finding) == 0 with input as testing.object_input({"kind": "Service", "spec": null})
}
