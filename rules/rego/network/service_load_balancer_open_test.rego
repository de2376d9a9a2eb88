package seawall.rules.service_load_balancer_open_test

import data.seawall.lib.testing
import data.seawall.rules.service_load_balancer_open.finding

service(annotations, spec) := testing.object_input({
	"apiVersion": "v1", "kind": "Service",
	"metadata": {"name": "web", "annotations": annotations}, "spec": object.union({"type": "LoadBalancer"}, spec),
})

test_open if {
	some f in finding with input as service({}, {})
	f.message == `Service "web" is a load balancer that takes connections from everywhere`
}

test_everywhere_in_words if {
	count(finding) == 1 with input as service({}, {"loadBalancerSourceRanges": ["10.0.0.0/8", "0.0.0.0/0"]})
	count(finding) == 1 with input as service({"service.beta.kubernetes.io/load-balancer-source-ranges": "0.0.0.0/0"}, {})
}

test_ranges if {
	count(finding) == 0 with input as service({}, {"loadBalancerSourceRanges": ["192.0.2.0/24"]})
	count(finding) == 0 with input as service({"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24, 198.51.100.0/24"}, {})
}

test_internal if {
	count(finding) == 0 with input as service({"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}, {})
	count(finding) == 0 with input as service({"networking.gke.io/load-balancer-type": "Internal"}, {})
	count(finding) == 0 with input as service({"service.beta.kubernetes.io/azure-load-balancer-internal": true}, {})
}

test_internet_facing if {
	count(finding) == 1 with input as service({"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}, {})
}

test_other_types if {
	count(finding) == 0 with input as service({}, {"type": "ClusterIP"})
}
