package c

import data.lib

f(x, y) := x

p if z > 1
