package shop_test

import data.shop.deny

test_deny if {
	deny == {"a is privileged"} with input as {"name": "x", "containers": [{"name": "a", "privileged": true}]}
}

test_cases[name] if {
	some name, tc in {
		"plain": {"in": {"name": "x"}, "out": set()},
		"nameless": {"in": {}, "out": {"a name is missing"}},
	}
	print("case", name)
	deny == tc.out with input as tc["in"]
}

todo_test_later if false
