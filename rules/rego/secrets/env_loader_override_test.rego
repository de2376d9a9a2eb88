package seawall.rules.env_loader_override_test

import data.seawall.lib.testing
import data.seawall.rules.env_loader_override.finding

test_preload if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "LD_PRELOAD", "value": "/x.so"}]})
}

test_other if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "PATH", "value": "/bin"}]})
}
