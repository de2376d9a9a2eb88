package seawall.rules.hpa_minimum_test

import data.seawall.lib.testing
import data.seawall.rules.hpa_minimum.finding

test_one if {
	count(finding) == 1 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {"minReplicas": 1}})
}

test_two if {
	count(finding) == 0 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {"minReplicas": 2}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {}})
}
