package seawall.rules.proc_mount_test

import data.seawall.lib.testing
import data.seawall.rules.proc_mount.finding

test_unmasked if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"procMount": "Unmasked"}})
}

test_default if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"procMount": "Default"}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
