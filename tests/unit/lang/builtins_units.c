#include "builtins.h"

static const struct call calls[] = {
    {"units.parse", "[\"500m\"]", "0.5000000000"},
    {"units.parse", "[\"10Ki\"]", "10240"},
    {"units.parse", "[\"1.1Ki\"]", "1126.4000000000"},
    {"units.parse", "[\"10E\"]", "10000000000000000000"},
    {"units.parse", "[\"-3.5E2m\"]", "-0.3500000000"},
    {"units.parse", "[\"\\\"100TI\\\"\"]", "109951162777600"},
    {"units.parse", "[\".0\"]", "0"},
    {"units.parse", "[\"1e10\"]", "10000000000"},
    {"units.parse", "[\"\"]", "error: units.parse: no amount provided"},
    {"units.parse", "[\"0.0.0\"]", "error: units.parse: could not parse amount to a number"},
    {"units.parse", "[\"100 k\"]", "error: units.parse: spaces not allowed in resource strings"},
    {"units.parse", "[\"10e10000000Ei\"]", "error: units.parse: exponent too large"},
    {"units.parse", "[\"1x\"]", "error: units.parse: unit x not recognized"},
    {"units.parse_bytes", "[\"10KB\"]", "10000"},
    {"units.parse_bytes", "[\"10KiB\"]", "10240"},
    {"units.parse_bytes", "[\"0.5kb\"]", "500"},
    {"units.parse_bytes", "[\"1.5\"]", "1"},
    {"units.parse_bytes", "[\"10 mb\"]",
     "error: units.parse_bytes: spaces not allowed in resource strings"},
    {"units.parse_bytes", "[\"gb\"]", "error: units.parse_bytes: no byte amount provided"},
    {"units.parse_bytes", "[\"100m\"]", "100000000"},
};

TEST_TABLE(calls)
