#include "builtins.h"

static const struct call calls[] = {
    {"eq", "[1,1.0]", "true"},
    {"eq", "[{\"a\":[1]},{\"a\":[2]}]", "false"},
    {"assign", "[\"x\",\"x\"]", "true"},
    {"internal.template_string",
     "[[\"a \",{\"$set\":[1]},\" \",{\"$set\":[\"b\"]},\" \",{\"$set\":[]},\" \",{\"$set\""
     ":[[1,\"x\"]]}]]",
     "\"a 1 b <undefined> [1, \\\"x\\\"]\""},
    {"internal.template_string", "[[]]", "\"\""},
    {"internal.template_string", "[1]",
     "type: internal.template_string: operand 1 must be array but got number"},
    {"internal.template_string", "[[{\"$set\":[1,2]}]]",
     "halt: internal.template_string: template-strings must not produce multiple outputs"},
    {"internal.print", "[[]]", "error: internal.print: not a function of values alone"},
    {"rego.metadata.rule", "[]", "error: rego.metadata.rule: not a function of values alone"},
    {"print", "[]", "error: print: not a function of values alone"},
};

TEST_TABLE(calls)
