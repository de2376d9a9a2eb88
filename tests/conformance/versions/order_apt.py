# Pairs on standard input, their order by libapt on standard output.
import sys
import apt_pkg

apt_pkg.init_system()
for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    order = apt_pkg.version_compare(left, right)
    print((order > 0) - (order < 0), "??")
