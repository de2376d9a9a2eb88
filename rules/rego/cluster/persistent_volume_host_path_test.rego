package seawall.rules.persistent_volume_host_path_test

import data.seawall.lib.testing
import data.seawall.rules.persistent_volume_host_path.finding

test_host_path if {
	count(finding) == 1 with input as testing.object_input({"kind": "PersistentVolume", "metadata": {"name": "a"}, "spec": {"hostPath": {"path": "/data"}}})
}

test_other if {
	count(finding) == 0 with input as testing.object_input({"kind": "PersistentVolume", "metadata": {"name": "a"}, "spec": {"nfs": {"server": "a"}}})
}
