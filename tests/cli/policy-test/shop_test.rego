package shop_test

import data.shop

test_allow if {
	shop.allow with input as {"user": "alice", "method": "GET"}
}

test_deny_message if {
	msgs := shop.deny with input as {"containers": [{"name": "a", "privileged": true}, {"name": "b"}]}
	msgs == {"container b is privileged", "container c"}
}

test_direct if {
	shop.deny == {"x"} with input as {"containers": [{"name": "a", "privileged": true}]}
}

test_object if {
	x := 3
	resp := json.unmarshal(`{"allowed": false, "msg": "no", "list": [1, 2, {"a": 1}]}`)
	print("x is", x)
	resp == {"allowed": true, "list": [1, 3, {"a": 2}], "n": 1}
}

test_undefined if {
	shop.nothing == 1
}

test_not if {
	not shop.allow with input as {"user": "alice", "method": "GET"}
}

test_every if {
	every i in [1, 2, 30] {
		shop.size(i) == "small"
	}
}

test_case[name] if {
	some name, tc in {"small": {"in": 1, "out": "small"}, "big": {"in": 11, "out": "big"}, "wrong": {"in": 5, "out": "big"}}
	got := shop.size(tc["in"])
	got == tc.out
}

test_note[tc.note] if {
	some tc in [{"note": "one", "v": 1}, {"note": "two", "v": 3}]
	tc.v < 2
}

test_dup if true

test_dup if 1 == 2

todo_test_later if false

test_conflict if {
	f(1) == 2
}

f(x) := 2 if x == 1

f(x) := 3 if x < 2
