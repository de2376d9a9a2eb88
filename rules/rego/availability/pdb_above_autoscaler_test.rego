package seawall.rules.pdb_above_autoscaler_test

import data.seawall.rules.pdb_above_autoscaler.finding

test_above if {
	count(finding) == 1 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 5}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 10, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

test_percent if {
	count(finding) == 1 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 10}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": "150%", "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

test_equal if {
	count(finding) == 0 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 5}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 5, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

test_no_autoscaler if {
	count(finding) == 0 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "other"}, "minReplicas": 5}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 10, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

hpa(least) := {
	"id": least, "namespace": "", "name": "h",
	"object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": least}},
}

test_the_lower_of_two_autoscalers_counts if {
	count(finding) == 1 with data.inventory as {
		"objects": {
			"autoscaling/HorizontalPodAutoscaler": [hpa(5), hpa(3)],
			"policy/PodDisruptionBudget": [{
				"id": 2, "namespace": "", "name": "p",
				"object": {"spec": {"minAvailable": 4, "selector": {"matchLabels": {"a": "b"}}}},
			}],
		},
		"workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}}],
	}
}
