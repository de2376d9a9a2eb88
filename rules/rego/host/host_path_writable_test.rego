package seawall.rules.host_path_writable_test

import data.seawall.lib.testing
import data.seawall.rules.host_path_writable.finding

test_writable if {
	count(finding) == 1 with input as testing.pod_input({"containers": [{"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/x"}]}], "volumes": [{"name": "v", "hostPath": {"path": "/data"}}]})
}

test_read_only if {
	count(finding) == 0 with input as testing.pod_input({"containers": [{"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/x", "readOnly": true}]}], "volumes": [{"name": "v", "hostPath": {"path": "/data"}}]})
}

test_another_volume if {
	count(finding) == 0 with input as testing.pod_input({"containers": [{"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/x"}]}], "volumes": [{"name": "v", "emptyDir": {}}]})
}
