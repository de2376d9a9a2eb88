package seawall.rules.image_tag_moving_test

import data.seawall.lib.testing
import data.seawall.rules.image_tag_moving.finding

test_moving if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:stable"})
}

test_with_digest if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx:stable@sha256:aa"})
}

test_version if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx:1.25-alpine"})
}
