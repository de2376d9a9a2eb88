package shop

import rego.v1

default allow := false

allow if {
	input.user == "alice"
	some role in input.roles
	role == data.admin[_]
}

deny contains msg if {
	not allow
	trace("here")
	msg := sprintf("no %v", [input.user])
}

count_big(xs) := count([x | some x in xs; x > 2])

bad if count_big(input.nums) > 1

conflict := 1 if input.c
conflict := 2 if input.c
