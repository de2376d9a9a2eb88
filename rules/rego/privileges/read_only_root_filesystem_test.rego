package seawall.rules.read_only_root_filesystem_test

import data.seawall.lib.testing
import data.seawall.rules.read_only_root_filesystem.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a"})
}

test_writable if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "securityContext": {"readOnlyRootFilesystem": false}})
}

test_read_only if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "securityContext": {"readOnlyRootFilesystem": true}})
}
