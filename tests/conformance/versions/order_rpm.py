# Pairs on standard input, their order by librpm on standard output; E where it refuses one.
import sys
import rpm


def parts(text):
    digits = len(text) - len(text.lstrip("0123456789"))
    epoch = None
    if text[digits:digits + 1] == ":":
        epoch, text = text[:digits] or "0", text[digits + 1:]
    version, dash, release = text.rpartition("-")
    return (epoch, version, release) if dash else (epoch, text, None)


for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    try:
        order = rpm.labelCompare(parts(left), parts(right))
    except ValueError:
        print("E ??")
        continue
    print((order > 0) - (order < 0), "??")
