package broken

p := {

q if {
	r := ]
}
