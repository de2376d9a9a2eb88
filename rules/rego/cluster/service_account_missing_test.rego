package seawall.rules.service_account_missing_test

import data.seawall.rules.service_account_missing.finding

test_missing if {
	count(finding) == 1 with data.inventory as {"objects": {"ServiceAccount": [{"id": 1, "name": "a", "namespace": ""}]}, "workloads": [{"id": 0, "namespace": "", "kind": "Pod", "name": "web", "service_account": "b", "path": []}]}
}

test_there if {
	count(finding) == 0 with data.inventory as {"objects": {"ServiceAccount": [{"id": 1, "name": "a", "namespace": ""}]}, "workloads": [{"id": 0, "namespace": "", "kind": "Pod", "name": "web", "service_account": "a", "path": []}]}
}

test_no_accounts_at_all if {
	count(finding) == 0 with data.inventory as {"objects": {"ServiceAccount": []}, "workloads": [{"id": 0, "namespace": "", "kind": "Pod", "name": "web", "service_account": "b", "path": []}]}
}
