package seawall.rules.empty_dir_size_test

import data.seawall.lib.testing
import data.seawall.rules.empty_dir_size.finding

test_unlimited if {
	count(finding) == 1 with input as testing.pod_input({"volumes": [{"name": "v", "emptyDir": {}}]})
}

test_limited if {
	count(finding) == 0 with input as testing.pod_input({"volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}]})
}
