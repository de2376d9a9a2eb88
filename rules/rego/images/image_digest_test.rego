package seawall.rules.image_digest_test

import data.seawall.lib.testing
import data.seawall.rules.image_digest.finding

test_tag if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:1.25"})
}

test_digest if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx:1.25@sha256:aa"})
}
