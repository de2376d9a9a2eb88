package seawall.rules.naked_pod_test

import data.seawall.lib.testing
import data.seawall.rules.naked_pod.finding

test_alone if {
	count(finding) == 1 with input as testing.bare_pod_input({})
}

test_owned if {
	count(finding) == 0 with input as testing.object_input({"kind": "Pod", "metadata": {"ownerReferences": [{"kind": "ReplicaSet"}]}})
}
