#include "builtins.h"

static const struct call calls[] = {
    {"numbers.range", "[-2,3]", "[-2, -1, 0, 1, 2, 3]"},
    {"numbers.range", "[2,-3]", "[2, 1, 0, -1, -2, -3]"},
    {"numbers.range", "[18446744073709551616,18446744073709551618]",
     "[18446744073709551616, 18446744073709551617, 18446744073709551618]"},
    {"numbers.range", "[3.14,4]",
     "type: numbers.range: operand 1 must be integer number but got floating-point number"},
    {"numbers.range", "[0,1000000000000]",
     "halt: numbers.range: the result has more than 4194304 elements"},
    {"numbers.range", "[-9223372036854775808,9223372036854775807]",
     "halt: numbers.range: the result has more than 4194304 elements"},
    {"numbers.range", "[9223372036854775806,9223372036854775807]",
     "[9223372036854775806, 9223372036854775807]"},
    {"numbers.range_step", "[0,10,2]", "[0, 2, 4, 6, 8, 10]"},
    {"numbers.range_step", "[10,3,2]", "[10, 8, 6, 4]"},
    {"numbers.range_step", "[0,10,99999999999999999999]", "[0]"},
    {"numbers.range_step", "[0,10,-2]",
     "error: numbers.range_step: step must be a positive integer"},
    {"rand.intn", "[\"a\",1]", "0"},
    {"rand.intn", "[\"a\",0]", "0"},
};

TEST_TABLE(calls)
