package seawall.rules.service_account_token_test

import data.seawall.rules.service_account_token.finding

test_unsaid if {
	count(finding) == 1 with data.inventory as {"objects": {"ServiceAccount": []}, "workloads": [{"id": 0, "kind": "Pod", "name": "a", "namespace": "", "service_account": "default", "path": []}]}
}

test_pod_says_no if {
	count(finding) == 0 with data.inventory as {"objects": {"ServiceAccount": []}, "workloads": [{"id": 0, "kind": "Pod", "name": "a", "namespace": "", "service_account": "default", "path": [], "automount": false}]}
}

test_account_says_no if {
	count(finding) == 0 with data.inventory as {"objects": {"ServiceAccount": [{"id": 1, "name": "web", "namespace": "", "object": {"automountServiceAccountToken": false}}]}, "workloads": [{"id": 0, "kind": "Pod", "name": "a", "namespace": "", "service_account": "web", "path": []}]}
}

test_pod_wins if {
	count(finding) == 1 with data.inventory as {"objects": {"ServiceAccount": [{"id": 1, "name": "web", "namespace": "", "object": {"automountServiceAccountToken": false}}]}, "workloads": [{"id": 0, "kind": "Pod", "name": "a", "namespace": "", "service_account": "web", "path": [], "automount": true}]}
}
