# Pairs on standard input, their order by packaging on standard output; E where it refuses one.
import sys
from packaging.version import InvalidVersion, Version


def read(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


for line in sys.stdin:
    left, right = map(read, line.rstrip("\n").split("\t"))
    valid = "".join("0" if v is None else "1" for v in (left, right))
    print("E" if "0" in valid else (left > right) - (left < right), valid)
