#include "builtins.h"

static const struct call calls[] = {
    {"time.parse_duration_ns", "[\"1.5h\"]", "5400000000000"},
    {"time.parse_duration_ns", "[\"365d\"]", "31536000000000000"},
    {"time.parse_duration_ns", "[\"1w\"]", "604800000000000"},
    {"time.parse_duration_ns", "[\"1y\"]", "31536000000000000"},
    {"time.parse_duration_ns", "[\"-1d2h3ms\"]", "-93600003000000"},
    {"time.parse_duration_ns", "[\"0.5d\"]", "43200000000000"},
    {"time.parse_duration_ns", "[\"1\"]",
     "error: time.parse_duration_ns: time: invalid duration \"1\""},
    {"time.parse_duration_ns", "[\"d\"]",
     "error: time.parse_duration_ns: time: invalid duration \"d\""},
    {"time.parse_duration_ns", "[\"\"]",
     "error: time.parse_duration_ns: time: invalid duration \"\""},
    {"time.parse_duration_ns", "[\"1dd\"]",
     "error: time.parse_duration_ns: time: invalid duration \"1dd\""},
    {"time.parse_duration_ns", "[\"400y\"]",
     "error: time.parse_duration_ns: time: invalid duration \"400y\""},
    {"time.parse_duration_ns", "[1]",
     "type: time.parse_duration_ns: operand 1 must be string but got number"},
};

TEST_TABLE(calls)
