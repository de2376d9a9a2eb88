#include "builtins.h"

static const struct call calls[] = {
    {"array.concat", "[[1,2],[3]]", "[1, 2, 3]"},
    {"array.concat", "[{},[3]]", "type: array.concat: operand 1 must be array but got object"},
    {"array.flatten", "[[[1,2],\"s\",[3,[4]]]]", "[1, 2, \"s\", 3, [4]]"},
    {"array.flatten", "[[]]", "[]"},
    {"array.slice", "[[1,2,3,4,5],1,3]", "[2, 3]"},
    {"array.slice", "[[1,2,3,4,5],-1,2]", "[1, 2]"},
    {"array.slice", "[[1,2,3],1000,2000]", "[]"},
    {"array.slice", "[[1,2,3],2,1]", "[]"},
    {"array.reverse", "[[1,2,3]]", "[3, 2, 1]"},
    {"array.reverse", "[{\"a\":1}]", "type: array.reverse: operand 1 must be array but got object"},
};

TEST_TABLE(calls)
