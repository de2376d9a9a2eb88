package seawall.rules.forbidden_annotations_test

import data.seawall.lib.testing
import data.seawall.rules.forbidden_annotations.finding

test_nothing_said if {
	count(finding) == 0 with input as testing.object_input({"metadata": {"annotations": {"a": "b"}}})
}

test_there if {
	count(finding) == 1 with input as {"object": {"metadata": {"annotations": {"a": "b"}}}, "config": {"forbiddenAnnotations": ["a"]}}
}

test_another_value if {
	count(finding) == 0 with input as {"object": {"metadata": {"annotations": {"a": "b"}}}, "config": {"forbiddenAnnotations": ["a=c"]}}
}

test_unless_it_matches if {
	count(finding) == 1 with input as {"object": {"metadata": {"annotations": {"a": "b"}}}, "config": {"forbiddenAnnotations": ["a!~^c"]}}
}

test_it_matches if {
	count(finding) == 0 with input as {"object": {"metadata": {"annotations": {"a": "cd"}}}, "config": {"forbiddenAnnotations": ["a!~^c"]}}
}
