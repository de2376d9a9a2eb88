package seawall.rules.pdb_missing_test

import data.seawall.rules.pdb_missing.finding

test_none if {
	count(finding) == 1 with data.inventory as {"objects": {"policy/PodDisruptionBudget": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {}, "path": []}]}
}

test_covered if {
	count(finding) == 0 with data.inventory as {"objects": {"policy/PodDisruptionBudget": [{"id": 1, "namespace": "", "object": {"spec": {"selector": {"matchLabels": {"a": "b"}}}}}]}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "path": []}]}
}

test_other_namespace if {
	count(finding) == 1 with data.inventory as {"objects": {"policy/PodDisruptionBudget": [{"id": 1, "namespace": "x", "object": {"spec": {"selector": {"matchLabels": {"a": "b"}}}}}]}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {"a": "b"}, "path": []}]}
}

test_single if {
	count(finding) == 0 with data.inventory as {"objects": {"policy/PodDisruptionBudget": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Deployment", "name": "web", "pod_labels": {}, "path": [], "replicas": 1}]}
}
