package shop

deny contains msg if {
	some c in input.containers
	c.privileged
	msg := sprintf("%s is privileged", [c.name])
}

deny contains "no name" if {
	not input.name
}

unused := 1 if {
	input.never
}
