package seawall.rules.admission_config_pod_security_test

import data.seawall.lib.testing
import data.seawall.rules.admission_config_pod_security.finding

plugin(configuration) := testing.object_input({
	"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration",
	"plugins": [{"name": "EventRateLimit"}, {"name": "PodSecurity", "configuration": configuration}],
})

test_privileged if {
	some f in finding with input as plugin({"kind": "PodSecurityConfiguration", "defaults": {"enforce": "privileged"}})
	f.message == "Pod Security enforces privileged by default"
	f.path == ["plugins", 1, "configuration", "defaults", "enforce"]
}

test_unsaid if {
	count(finding) == 1 with input as plugin({"defaults": {"warn": "restricted"}})
	count(finding) == 1 with input as testing.object_input({"apiVersion": "pod-security.admission.config.k8s.io/v1", "kind": "PodSecurityConfiguration"})
}

test_exemptions if {
	some f in finding with input as plugin({"defaults": {"enforce": "baseline"}, "exemptions": {"usernames": ["jane"], "namespaces": ["kube-system"]}})
	f.message == `Pod Security exempts the user "jane"`
}

test_sound if {
	count(finding) == 0 with input as plugin({"defaults": {"enforce": "baseline"}, "exemptions": {"usernames": [], "namespaces": ["kube-system"]}})
}

test_other_plugins if {
	count(finding) == 0 with input as testing.object_input({"kind": "AdmissionConfiguration", "plugins": [{"name": "EventRateLimit"}]})
	count(finding) == 0 with input as testing.object_input({"kind": "AdmissionConfiguration", "plugins": null})
	count(finding) == 0 with input as plugin("x.yaml")
}
