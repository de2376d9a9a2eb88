package seawall.rules.ingress_annotation_injection_test

import data.seawall.lib.testing
import data.seawall.rules.ingress_annotation_injection.finding

ingress(annotations) := testing.object_input({
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "web", "annotations": annotations}, "spec": {},
})

test_line_break if {
	some f in finding with input as ingress({"nginx.ingress.kubernetes.io/auth-url": "http://a/#;\n}\nssl_engine /tmp/x"})
	f.path == ["metadata", "annotations", "nginx.ingress.kubernetes.io/auth-url"]
}

test_semicolon if {
	some f in finding with input as ingress({"nginx.ingress.kubernetes.io/permanent-redirect": "https://a; alias /"})
	f.message == `Ingress "web": the value of nginx.ingress.kubernetes.io/permanent-redirect holds ";"`
}

test_plain_values if {
	count(finding) == 0 with input as ingress({
		"nginx.ingress.kubernetes.io/auth-url": "https://auth.example.com/verify?x=$request_uri",
		"nginx.ingress.kubernetes.io/rewrite-target": "/$2",
		"nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=([a-z]{2,3})-web",
	})
}

test_snippets_are_another_rule if {
	count(finding) == 0 with input as ingress({"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"})
}

test_others if {
	count(finding) == 0 with input as ingress({"example.com/auth-url": "a;b", "nginx.ingress.kubernetes.io/app-root": 5})
}
