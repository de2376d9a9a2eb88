package seawall.rules.namespace_default_test

import data.seawall.lib.testing
import data.seawall.rules.namespace_default.finding

test_default if {
	count(finding) == 1 with input as testing.object_input({"metadata": {"name": "a", "namespace": "default"}})
}

test_own if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"name": "a", "namespace": "shop"}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"name": "a"}})
}
