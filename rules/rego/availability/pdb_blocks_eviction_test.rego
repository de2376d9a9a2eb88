package seawall.rules.pdb_blocks_eviction_test

import data.seawall.rules.pdb_blocks_eviction.finding

test_all if {
	count(finding) == 1 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "other"}, "minReplicas": 1}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 2, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

test_autoscaler_counts if {
	count(finding) == 0 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 5}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 2, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}

test_fewer if {
	count(finding) == 0 with data.inventory as {"objects": {"autoscaling/HorizontalPodAutoscaler": [{"id": 1, "namespace": "", "name": "h", "object": {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "other"}, "minReplicas": 1}}}], "policy/PodDisruptionBudget": [{"id": 2, "namespace": "", "name": "p", "object": {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}}}], "keda.sh/ScaledObject": [], "v1": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "replicas": 2}]}
}
