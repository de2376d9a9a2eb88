package seawall.rules.image_registry_test

import data.seawall.lib.testing
import data.seawall.rules.image_registry.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.container_input({"name": "a", "image": "evil.example/x:1"})
}

test_elsewhere if {
	count(finding) == 1 with input as object.union(testing.container_input({"name": "a", "image": "evil.example/x:1"}), {"config": {"allowedRegistries": ["good.example"]}})
}

test_allowed if {
	count(finding) == 0 with input as object.union(testing.container_input({"name": "a", "image": "good.example/team/x:1"}), {"config": {"allowedRegistries": ["good.example/team"]}})
}

test_name_that_begins_alike if {
	count(finding) == 1 with input as object.union(testing.container_input({"name": "a", "image": "good.example.evil/x:1"}), {"config": {"allowedRegistries": ["good.example"]}})
}

test_docker_hub if {
	count(finding) == 0 with input as object.union(testing.container_input({"name": "a", "image": "nginx:1"}), {"config": {"allowedRegistries": ["docker.io/library"]}})
}
