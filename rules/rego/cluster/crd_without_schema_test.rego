package seawall.rules.crd_without_schema_test

import data.seawall.lib.testing
import data.seawall.rules.crd_without_schema.finding

test_open if {
	count(finding) == 1 with input as testing.object_input({"kind": "CustomResourceDefinition", "metadata": {"name": "a"}, "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"x-kubernetes-preserve-unknown-fields": true}}}]}})
}

test_closed if {
	count(finding) == 0 with input as testing.object_input({"kind": "CustomResourceDefinition", "metadata": {"name": "a"}, "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}]}})
}
