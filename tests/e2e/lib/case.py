"""The table of cases."""

CASES = {}


class Skip(Exception):
    """The case cannot be run here; the text says why."""


def case(function):
    """Adds a function to the table, by its name with dashes. It gets an Environment."""
    name = function.__name__.replace("_", "-")
    if name in CASES:
        raise ValueError("there are two cases %s" % name)
    CASES[name] = function
    return function
