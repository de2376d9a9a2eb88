package seawall.rules.ingress_without_tls_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_without_tls.finding

ingress(annotations, spec) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": annotations}, "spec": spec,
})

rules := [{"host": "shop.example.com"}]

test_absent if {
	some f in finding with input as ingress({}, {"rules": rules})
	f.message == `Ingress "web" has no TLS`
	f.path == ["spec", "tls"]
}

test_empty if {
	count(finding) == 1 with input as ingress({"kubernetes.io/ingress.class": "nginx"}, {"rules": rules, "tls": []})
	count(finding) == 1 with input as ingress({}, {"rules": rules, "tls": null})
}

test_given if {
	count(finding) == 0 with input as ingress({}, {"rules": rules, "tls": [{"secretName": "a"}]})
}

test_the_load_balancer_has_it if {
	count(finding) == 0 with input as ingress({"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:eu-central-1:1:certificate/2"}, {"rules": rules})
}

test_the_pods_have_it if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/ssl-passthrough": "true"}, {"rules": rules})
}

test_one_annotation_under_two_prefixes if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/ssl-passthrough": "true", "ingress.kubernetes.io/ssl-passthrough": "false"}, {"rules": rules})
}

test_wrong_types if {
	count(finding) == 0 with input as ingress({}, {"tls": "yes"})
	count(finding) == 0 with input as ingress(null, null)
}
