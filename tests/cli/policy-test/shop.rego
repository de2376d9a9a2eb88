package shop

default allow := false

allow if {
	input.user == "alice"
	input.method == "GET"
}

deny contains msg if {
	some c in input.containers
	c.privileged
	msg := sprintf("container %s is privileged", [c.name])
}

size(x) := "big" if x > 10

size(x) := "small" if x <= 10

unused if {
	input.never
}
