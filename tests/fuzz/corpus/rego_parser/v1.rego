@package play

import data.servers as s
import rego.v1

# METADATA
# title: a rule
# entrypoint: true
default allow := false

allow if {
	some i, x in s[_].ports
	not x in {80, 443}
	every y in x { y.a[i] == -1.5e3 }
} else := 2 if input.a.b[_] with input as {"a": 1}

deny contains msg if { msg := sprintf("%s", [x | x := s[_]]) }
f(x, [y, _]) := {x: y | y = x + 1 * 2}
