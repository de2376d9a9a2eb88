package broken

deny contains msg if {
	input.kind = "Pod"
	msg := undefined_name
}
