package seawall.rules.label_name_test

import data.seawall.lib.testing
import data.seawall.rules.label_name.finding

test_other if {
	count(finding) == 1 with input as testing.object_input({"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "b"}}})
}

test_equal if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "a"}}})
}

test_missing if {
	count(finding) == 0 with input as testing.bare_pod_input({})
}
