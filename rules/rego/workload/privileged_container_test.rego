package seawall.rules.privileged_container_test

import data.seawall.lib.testing
import data.seawall.rules.privileged_container.finding

test_privileged_is_found if {
	some f in finding with input as testing.container_input({"name": "a", "securityContext": {"privileged": true}})
	f.message == `container "a" is privileged`
	f.path == ["spec", "template", "spec", "containers", 0, "securityContext", "privileged"]
}

test_init_containers_count if {
	count(finding) == 1 with input as testing.pod_input({"initContainers": [{"name": "a", "securityContext": {"privileged": true}}]})
}

test_unprivileged_is_fine if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"privileged": false}})
}

test_saying_nothing_is_fine if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
