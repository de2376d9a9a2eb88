package seawall.rules.image_tag_latest_test

import data.seawall.lib.testing
import data.seawall.rules.image_tag_latest.finding

test_latest if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:latest"})
}

test_no_tag if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "localhost:5000/nginx"})
}

test_digest if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx@sha256:aa"})
}

test_version if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "localhost:5000/nginx:1.25"})
}

test_no_image if {
	count(finding) == 0 with input as testing.container_input({"name": "a"})
}
