#include "builtins.h"

static const struct call calls[] = {
    {"rego.parse_module", "[\"f.rego\",\"package a.b\\n# c\\np contains x if x := 1\"]",
     "{\"comments\": [{\"Location\": {\"col\": 1, \"file\": \"f.rego\", \"row\": 2}, \"Tex"
     "t\": \"IGM=\"}], \"package\": {\"path\": [{\"type\": \"var\", \"value\": \"data\"}, "
     "{\"type\": \"string\", \"value\": \"a\"}, {\"type\": \"string\", \"value\": \"b\"}]}"
     ", \"rules\": [{\"body\": [{\"index\": 0, \"terms\": [{\"type\": \"ref\", \"value\": "
     "[{\"type\": \"var\", \"value\": \"assign\"}]}, {\"type\": \"var\", \"value\": \"x\"}"
     ", {\"type\": \"number\", \"value\": 1}]}], \"head\": {\"key\": {\"type\": \"var\", "
     "\"value\": \"x\"}, \"name\": \"p\", \"ref\": [{\"type\": \"var\", \"value\": \"p\"}]"
     "}}]}"},
    {"rego.parse_module", "[\"f.rego\",\"package x\\np {\"]",
     "error: rego.parse_module: 1 error occurred: f.rego:2: rego_parse_error: unexpected e"
     "of token\n"
     "\tp {\n"
     "\t   ^"},
    {"rego.parse_module", "[\"f.rego\",\"\"]",
     "error: rego.parse_module: 1 error occurred: f.rego:0: rego_parse_error: empty module"},
    {"rego.parse_module", "[1,\"package x\"]",
     "type: rego.parse_module: operand 1 must be string but got number"},
};

TEST_TABLE(calls)
