package seawall.rules.runtime_class_test

import data.seawall.lib.testing
import data.seawall.rules.runtime_class.finding

test_unset if {
	some f in finding with input as testing.pod_input({"containers": []})
	f.path == ["spec", "template", "spec", "runtimeClassName"]
}

test_null if {
	count(finding) == 1 with input as testing.pod_input({"runtimeClassName": null})
}

test_set if {
	count(finding) == 0 with input as testing.pod_input({"runtimeClassName": "gvisor"})
}

test_part_of_the_node if {
	count(finding) == 0 with input as testing.pod_input({"hostNetwork": true})
	count(finding) == 0 with input as testing.pod_input({"os": {"name": "windows"}})
}
