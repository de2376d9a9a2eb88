Apackage v0
import future.keywords.every

p[x] { x := 1; y = 2 } { x = 3 }
p[x] = y { y := data.a[x] | {1, 2} & s }
q = 3 { true } else = 4 { not q.r["a b"] }
r.s.t
f(x) = -x
g(x) { every k, v in x { k; v } }
w["a"]
