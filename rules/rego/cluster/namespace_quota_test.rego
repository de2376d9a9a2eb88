package seawall.rules.namespace_quota_test

import data.seawall.rules.namespace_quota.finding

test_none if {
	count(finding) == 1 with data.inventory as {"objects": {"Namespace": [{"id": 0, "name": "shop"}], "ResourceQuota": []}}
}

test_there if {
	count(finding) == 0 with data.inventory as {"objects": {"Namespace": [{"id": 0, "name": "shop"}], "ResourceQuota": [{"id": 1, "name": "q", "namespace": "shop"}]}}
}
