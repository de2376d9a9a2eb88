package seawall.rules.startup_probe_test

import data.seawall.lib.testing
import data.seawall.rules.startup_probe.finding

test_long if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "livenessProbe": {"initialDelaySeconds": 120}})
}

test_short if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "livenessProbe": {"initialDelaySeconds": 10}})
}

test_with_startup if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "livenessProbe": {"initialDelaySeconds": 120}, "startupProbe": {}})
}
