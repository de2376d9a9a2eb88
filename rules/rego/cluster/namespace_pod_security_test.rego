package seawall.rules.namespace_pod_security_test

import data.seawall.lib.testing
import data.seawall.rules.namespace_pod_security.finding

test_unsaid if {
	count(finding) == 1 with input as testing.object_input({"metadata": {"name": "shop"}})
}

test_privileged if {
	count(finding) == 1 with input as testing.object_input({"metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}})
}

test_restricted if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})
}

test_system if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"name": "kube-system"}})
}
