package seawall.rules.empty_dir_memory_test

import data.seawall.lib.testing
import data.seawall.rules.empty_dir_memory.finding

test_unlimited if {
	count(finding) == 1 with input as testing.pod_input({"containers": [{"name": "a"}], "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]})
}

test_limited if {
	count(finding) == 0 with input as testing.pod_input({"containers": [{"name": "a"}], "volumes": [{"name": "v", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}]})
}

test_bounded_by_containers if {
	count(finding) == 0 with input as testing.pod_input({"containers": [{"name": "a", "resources": {"limits": {"memory": "1Gi"}}}], "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]})
}
