package seawall.rules.hpa_cannot_scale_test

import data.seawall.lib.testing
import data.seawall.rules.hpa_cannot_scale.finding

test_equal if {
	count(finding) == 1 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {"minReplicas": 5, "maxReplicas": 5}})
}

test_room if {
	count(finding) == 0 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {"minReplicas": 5, "maxReplicas": 10}})
}

test_unsaid if {
	count(finding) == 0 with input as testing.object_input({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}, "spec": {"maxReplicas": 10}})
}
