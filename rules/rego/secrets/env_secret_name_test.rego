package seawall.rules.env_secret_name_test

import data.seawall.lib.testing
import data.seawall.rules.env_secret_name.finding

test_password if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "DB_PASSWORD", "value": "hunter2"}]})
}

test_aws if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "x1y2"}]})
}

test_reference if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}]})
}

test_expansion if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "DB_PASSWORD", "value": "$(OTHER)"}]})
}

test_file if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "DB_PASSWORD_FILE", "value": "/run/secrets/db"}]})
}

test_harmless if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "PASSWORD_MIN_LENGTH", "value": "12"}]})
}

test_empty if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "TOKEN", "value": ""}]})
}
