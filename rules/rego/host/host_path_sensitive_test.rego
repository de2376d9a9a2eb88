package seawall.rules.host_path_sensitive_test

import data.seawall.lib.testing
import data.seawall.rules.host_path_sensitive.finding

test_etc if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/etc"}}]})
}

test_root if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/"}}]})
}

test_kubelet_below if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/var/lib/kubelet/pods/"}}]})
}

test_harmless if {
	count(finding) == 0 with input as testing.pod_input({"volumes": [{"name": "a", "hostPath": {"path": "/data/shop"}}]})
}
