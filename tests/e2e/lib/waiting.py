"""Waiting for conditions, and what a case says when it fails."""

import time


class Failure(Exception):
    """What was expected has not happened; the text is for whoever reads the report."""


def until(what, condition, seconds=30, every=0.05):
    """Returns what condition() returns as soon as that is true. Exceptions of the kinds that a
    server on its way up or down causes count as "not yet"."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, ValueError) as error:
            last = error
        if time.monotonic() >= deadline:
            raise Failure("waited %g s in vain for %s%s" % (seconds, what, " (%s)" % last if last else ""))
        time.sleep(every)


def holds(true, what):
    if not true:
        raise Failure(what)


def equal(got, expected, what):
    if got != expected:
        raise Failure("%s: %r, expected %r" % (what, got, expected))


def contains(text, *parts):
    """Each of the parts stands in the text."""
    for part in parts:
        if part not in text:
            raise Failure("%r is not in:\n%s" % (part, text))


def lacks(text, *parts):
    for part in parts:
        if part in text:
            raise Failure("%r is in:\n%s" % (part, text))
