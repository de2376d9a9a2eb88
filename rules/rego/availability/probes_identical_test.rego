package seawall.rules.probes_identical_test

import data.seawall.lib.testing
import data.seawall.rules.probes_identical.finding

test_same if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "livenessProbe": {"httpGet": {"port": 80}}, "readinessProbe": {"httpGet": {"port": 80}}})
}

test_different if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "livenessProbe": {"httpGet": {"port": 80}}, "readinessProbe": {"httpGet": {"port": 81}}})
}
