package seawall.rules.env_secret_value_test

import data.seawall.lib.testing
import data.seawall.rules.env_secret_value.finding

test_private_key if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "stuff", "value": "-----BEGIN OPENSSH PRIVATE KEY-----\\nxxx"}]})
}

test_aws_key if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "ID", "value": "AKIAIOSFODNN7EXAMPLF"}]})
}

test_github if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "T", "value": "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"}]})
}

test_url if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "env": [{"name": "DSN", "value": "postgres://shop:hunter2@db:5432/shop"}]})
}

test_plain_url if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "DSN", "value": "postgres://db:5432/shop"}]})
}

test_words if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "env": [{"name": "GREETING", "value": "a long greeting to everybody here"}]})
}
