package seawall.rules.apparmor_missing_test

import data.seawall.lib.testing
import data.seawall.rules.apparmor_missing.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_field if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}}})
}

test_annotation if {
	count(finding) == 0 with input as {"object": {}, "pod": {"path": [], "spec": {"containers": [{"name": "a"}]}, "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/a": "runtime/default"}}}}
}
