package seawall.rules.api_version_not_yet_served_test

import data.seawall.lib.testing
import data.seawall.rules.api_version_not_yet_served.finding

input_of(api_version, kind, target) := {
	"object": {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}},
	"config": {"targetVersion": target},
}

test_too_new if {
	some f in finding with input as input_of("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "v1.28")
	f.message == "ValidatingAdmissionPolicy of admissionregistration.k8s.io/v1 exists from v1.30 on, the target is v1.28"
}

test_autoscaler if {
	count(finding) == 1 with input as input_of("autoscaling/v2", "HorizontalPodAutoscaler", "1.22.4")
}

test_there if {
	count(finding) == 0 with input as input_of("autoscaling/v2", "HorizontalPodAutoscaler", "v1.23")
	count(finding) == 0 with input as input_of("apps/v1", "Deployment", "v1.16")
}

test_latest if {
	count(finding) == 0 with input as testing.object_input({"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim"})
	count(finding) == 0 with input as input_of("resource.k8s.io/v1", "ResourceClaim", "latest")
}
