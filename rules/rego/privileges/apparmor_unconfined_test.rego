package seawall.rules.apparmor_unconfined_test

import data.seawall.lib.testing
import data.seawall.rules.apparmor_unconfined.finding

test_field if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"appArmorProfile": {"type": "Unconfined"}}})
}

test_annotation if {
	count(finding) == 1 with input as {"object": {}, "pod": {"path": [], "spec": {}, "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}}}}
}

test_default if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
