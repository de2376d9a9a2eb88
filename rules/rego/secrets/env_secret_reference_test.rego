package seawall.rules.env_secret_reference_test

import data.seawall.lib.testing
import data.seawall.rules.env_secret_reference.finding

test_key if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "s", "key": "t"}}}]})
}

test_whole if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "envFrom": [{"secretRef": {"name": "s"}}]})
}

test_config_map if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "envFrom": [{"configMapRef": {"name": "s"}}]})
}

test_literal if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "T", "value": "x"}]})
}
