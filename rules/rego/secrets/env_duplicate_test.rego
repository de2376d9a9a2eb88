package seawall.rules.env_duplicate_test

import data.seawall.lib.testing
import data.seawall.rules.env_duplicate.finding

test_twice if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "PORT", "value": "1"}, {"name": "PORT", "value": "2"}]})
}

test_once if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "PORT", "value": "1"}, {"name": "HOST", "value": "2"}]})
}
