package seawall.rules.namespace_pod_security_invalid_test

import data.seawall.lib.testing
import data.seawall.rules.namespace_pod_security_invalid.finding

namespace(labels) := testing.object_input({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}})

test_misspelt if {
	some f in finding with input as namespace({"pod-security.kubernetes.io/enforce": "restrict"})
	f.message == `Namespace "shop": pod-security.kubernetes.io/enforce is "restrict", which is no Pod Security level`
}

test_capital if {
	count(finding) == 1 with input as namespace({"pod-security.kubernetes.io/warn": "Baseline"})
}

test_version if {
	count(finding) == 1 with input as namespace({"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "1.30"})
}

test_valid if {
	count(finding) == 0 with input as namespace({"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "v1.30", "pod-security.kubernetes.io/audit-version": "latest"})
}

test_none if {
	count(finding) == 0 with input as namespace({})
	count(finding) == 0 with input as namespace(null)
	count(finding) == 0 with input as namespace({"pod-security.kubernetes.io/enforce": "{{ .level }}"})
}
