package seawall.rules.control_plane_toleration_test

import data.seawall.lib.testing
import data.seawall.rules.control_plane_toleration.finding

test_control_plane if {
	count(finding) == 1 with input as testing.pod_input({"tolerations": [{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}]})
}

test_everything if {
	count(finding) == 1 with input as testing.pod_input({"tolerations": [{"operator": "Exists"}]})
}

test_another if {
	count(finding) == 0 with input as testing.pod_input({"tolerations": [{"key": "gpu", "operator": "Exists"}]})
}
