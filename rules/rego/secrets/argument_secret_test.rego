package seawall.rules.argument_secret_test

import data.seawall.lib.testing
import data.seawall.rules.argument_secret.finding

test_option if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "args": ["--db-password=hunter2"]})
}

test_token if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "command": ["run", "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"]})
}

test_file if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "args": ["--db-password-file=/run/secret"]})
}

test_expansion if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "args": ["--db-password=$(DB_PASSWORD)"]})
}

test_harmless if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "args": ["--verbose", "--port=80"]})
}
