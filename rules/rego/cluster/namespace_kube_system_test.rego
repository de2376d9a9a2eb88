package seawall.rules.namespace_kube_system_test

import data.seawall.lib.testing
import data.seawall.rules.namespace_kube_system.finding

test_system if {
	count(finding) == 1 with input as testing.object_input({"metadata": {"namespace": "kube-system"}})
}

test_own if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"namespace": "shop"}})
}
