package a

p if {
	x := ]
}

q :=
