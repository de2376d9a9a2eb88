@package e

p := 
q[ if {
 x := "abc
}
r if { a b }
last := 1
