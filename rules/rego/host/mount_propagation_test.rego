package seawall.rules.mount_propagation_test

import data.seawall.lib.testing
import data.seawall.rules.mount_propagation.finding

test_bidirectional if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/x", "mountPropagation": "Bidirectional"}]})
}

test_one_way if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/x", "mountPropagation": "HostToContainer"}]})
}
