package seawall.rules.host_path_volume_test

import data.seawall.lib.testing
import data.seawall.rules.host_path_volume.finding

test_host_path if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/data"}}]})
}

test_empty_dir if {
	count(finding) == 0 with input as testing.pod_input({"volumes": [{"name": "a", "emptyDir": {}}]})
}
