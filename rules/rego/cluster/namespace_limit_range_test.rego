package seawall.rules.namespace_limit_range_test

import data.seawall.rules.namespace_limit_range.finding

test_none if {
	count(finding) == 1 with data.inventory as {"objects": {"Namespace": [{"id": 0, "name": "shop"}], "LimitRange": []}}
}

test_there if {
	count(finding) == 0 with data.inventory as {"objects": {"Namespace": [{"id": 0, "name": "shop"}], "LimitRange": [{"id": 1, "name": "q", "namespace": "shop"}]}}
}
