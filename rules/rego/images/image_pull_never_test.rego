package seawall.rules.image_pull_never_test

import data.seawall.lib.testing
import data.seawall.rules.image_pull_never.finding

test_never if {
	count(finding) == 1 with input as testing.container_input({"name": "a", "imagePullPolicy": "Never"})
}

test_always if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "imagePullPolicy": "Always"})
}
