package seawall.rules.image_unqualified_test

import data.seawall.lib.testing
import data.seawall.rules.image_unqualified.finding

test_short if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:1"})
}

test_qualified if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "docker.io/library/nginx:1"})
}

test_own if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "registry.example.com/nginx:1"})
}
