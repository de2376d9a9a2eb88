 x = $"{[x | x := input.xs[_]]} {{y | y := 1}}"; -y.z in [a | b, c,]; some a, b in c; f(1,)[2].g
