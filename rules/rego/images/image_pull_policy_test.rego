package seawall.rules.image_pull_policy_test

import data.seawall.lib.testing
import data.seawall.rules.image_pull_policy.finding

test_unsaid if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:1"})
}

test_if_not_present if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "image": "nginx:1", "imagePullPolicy": "IfNotPresent"})
}

test_always if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx:1", "imagePullPolicy": "Always"})
}

test_digest if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "nginx@sha256:aa"})
}
