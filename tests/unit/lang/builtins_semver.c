#include "builtins.h"

static const struct call calls[] = {
    {"semver.compare", "[\"1.0.0\",\"2.0.0\"]", "-1"},
    {"semver.compare", "[\"1.0.0\",\"1\"]",
     "error: semver.compare: operand 2: string \"1\" is not a valid SemVer"},
    {"semver.compare", "[\"1.0.0-rc.1\",\"1.0.0\"]", "-1"},
    {"semver.is_valid", "[\"1.2.3\"]", "true"},
    {"semver.is_valid", "[1]", "false"},
};

TEST_TABLE(calls)
