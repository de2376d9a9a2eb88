Npackage l
import future.keywords.and
import future.keywords.or
import future.keywords.not

p if { input.x > 0 and not {a; b} or ({1} == x and y with input as {}) }
q := [1 | { some n in [1]; n > 0 } and (c or d)]
r if {(x | y); $"a{x.y}\{b{[1][0]}" == $`raw\{{1}`}
